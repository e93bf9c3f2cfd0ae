import EventKernel
import Scenarios
import Testing

@Suite("Parts of traces")
struct SlicedTraceTests {
  /// Two requests a year and a day apart, and one between them.
  private static let year =
    "arrival_s,prompt_tokens,output_tokens\n0,1,1\n20000,2,1\n31622400,3,1\n"

  /// The arrivals in seconds, or what is wrong.
  private func arrivals(
    _ text: String = year, _ change: (inout TraceSlice) -> Void
  ) throws -> (seconds: [Double], fault: String?) {
    let folder = try TraceFolder()
    let path = try folder.write(text.utf8, to: "t.csv")
    var slice = TraceSlice()
    change(&slice)
    var seconds: [Double] = []
    do throws(TraceFault) {
      var trace = try SlicedTrace(path: path, format: .simpp, slice: slice)
      while let row = try trace.next() { seconds.append(Double(row.arrival) / 1e9) }
      return (seconds, nil)
    } catch {
      return (seconds, error.description)
    }
  }

  @Test("The longest trace is taken as it is, and faster")
  func longest() throws {
    #expect(try arrivals { $0.laps = 1 }.seconds == [0, 20_000, 31_622_400])
    #expect(try arrivals { $0.rateScale = 1e6 }.seconds == [0, 0.02, 31.6224])
  }

  @Test("Requests that would come later than a trace may last are told before the first row")
  func tooLate() throws {
    let problem = "t.csv: found requests that would arrive later than 366d, needs "
    for scale in [1e-6, 0.5, 0.999_999] {
      let slow = try arrivals { $0.rateScale = scale }
      #expect(slow.fault == problem + "a greater --rate-scale or an earlier --to")
      #expect(slow.seconds.isEmpty)
    }
    for laps in [2, 1_000, 1_000_000] as [Int64] {
      let long = try arrivals { $0.laps = laps }
      #expect(long.fault == problem + "a smaller --loop or an earlier --to")
      #expect(long.seconds.isEmpty)
    }
    let both = try arrivals {
      $0.rateScale = 1e-6
      $0.laps = 1_000_000
    }
    #expect(
      both.fault == problem + "a greater --rate-scale or a smaller --loop or an earlier --to")
  }

  @Test("A part that is slowed down to just the longest trace is taken")
  func justInTime() throws {
    let part = try arrivals {
      $0.limit = 2
      $0.rateScale = 20_000.0 / 31_622_400
    }
    #expect(part.seconds == [0, 31_622_400])
  }
}
