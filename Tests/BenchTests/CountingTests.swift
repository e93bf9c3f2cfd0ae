import Testing

@testable import simpp_bench

@Suite("Counts come from valgrind's profiles")
struct CountingTests {
  /// Two calls of malloc by one function and one by another, eleven calls of something else.
  private static let profile = """
    version: 1
    creator: callgrind
    positions: line
    events: Ir

    fn=first
    12 70
    cfn=malloc
    calls=2 0
    12 190
    cfn=free
    calls=11 0
    13 40
    fn=second
    cfn=calloc
    calls=1 8 9
    7 900
    cfn=mallocate
    calls=5 0
    8 1

    totals: 1201

    """

  @Test("Instructions are the total, allocations the calls of allocators and of nothing else")
  func reading() throws {
    let count = try #require(Counting.count(Self.profile))
    #expect(count == Count(instructions: 1_201, allocations: 3))
  }

  @Test("A profile that was cut off counts as none")
  func cutOff() {
    #expect(Counting.count(String(Self.profile.prefix(150))) == nil)
    #expect(Counting.count("") == nil)
  }

  @Test("What a benchmark prints is read back as it was")
  func roundTrip() throws {
    var measured = Measurement(
      name: "hold-1k", size: 7, cpuSeconds: 0.001_25,
      figures: [("operations", 7), ("checksum", -3)])
    measured.peakKilobytes = 9_000
    let read = try #require(Measurement(json: measured.json + "\n"))
    #expect(read.name == "hold-1k" && read.size == 7 && read.cpuSeconds == 0.001_25)
    #expect(read.peakKilobytes == 9_000)
    #expect(read.figures.map(\.name) == ["operations", "checksum"])
    #expect(read.figures.map(\.value) == [7, -3])
    #expect(Measurement(json: "simpp-bench: something else") == nil)
    #expect(Measurement(json: "") == nil)
  }

  @Test("Numbers are written as people read them")
  func numbers() {
    #expect(
      [0, 999, 1_000, -1_234_567].map { grouped($0) } == ["0", "999", "1,000", "-1,234,567"])
    #expect(fixed(2.345, 2) == "2.35" && fixed(1_234.06, 1) == "1,234.1" && fixed(7, 0) == "7")
    #expect(fixed(-0.004, 2) == "0.00" && fixed(-3.06, 1) == "-3.1")
    #expect(
      [0.012_34, 0.123_45, 1.234_5, 12.345, 123.45].map(significant)
        == ["0.0123", "0.123", "1.23", "12.3", "123"])
  }
}
