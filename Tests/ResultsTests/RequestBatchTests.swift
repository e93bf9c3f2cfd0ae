import Serving
import Testing

@testable import Results

@Suite("Requests on their way into the table")
struct RequestBatchTests {
  /// The numbers in the order in which they would be inserted, and how often a statement ran.
  private func inserted(_ numbers: some Sequence<Int64>) -> (numbers: [Int64], statements: Int) {
    let pool = TextPool()
    var batch = RequestBatch(run: 1, names: ExampleRun(requests: 1).names, pool: pool)
    defer { batch.deallocate() }
    var result: (numbers: [Int64], statements: Int) = ([], 0)
    func read() {
      result.numbers += (0..<batch.readable).compactMap { batch.row($0)?.pointee.requestID }
      result.statements += 1
    }
    for number in numbers {
      var request = RequestRecord()
      request.requestID = number
      while !batch.append(request) {
        batch.offer(before: request)
        read()
      }
    }
    batch.offerAll()
    read()
    return result
  }

  @Test("Numbers up to half a window off their places go in order, in few statements")
  func displaced() {
    var random = RandomStreamOfTests(state: 3)
    let half = Int64(RequestBatch.window / 2)
    let numbers = (0..<200_000 as Range<Int64>).map { ($0 + random.below(half), $0) }
      .sorted { $0 < $1 }.map(\.1)
    let result = inserted(numbers)
    #expect(result.numbers == Array(0..<200_000))
    #expect(result.statements <= 200_000 / RequestBatch.window * 2 + 3)
  }

  @Test("What comes too late goes in too, each number once")
  func late() {
    let all = 0..<150_000 as Range<Int64>
    for stride in [2, 7, 1_000] as [Int64] {
      // Every second, seventh or thousandth only after all others.
      let numbers = all.filter { $0 % stride != 1 } + all.filter { $0 % stride == 1 }
      let result = inserted(numbers)
      #expect(result.numbers.sorted() == Array(all))
    }
    #expect(inserted(all.reversed()).numbers.sorted() == Array(all))
  }

  @Test("Sampled numbers and wide gaps go in order, without a statement for each window of the gap")
  func gaps() {
    let sampled = (0..<3_000_000 as Range<Int64>).filter(RecordsKept.sample.keeps)
    #expect(inserted(sampled).numbers == sampled)
    let far: [Int64] = [0, 5, 1 << 40, 1 << 40 + 1, 1 << 62]
    let result = inserted(far)
    #expect(result.numbers == far)
    #expect(result.statements <= 8)
  }

  @Test("A number that comes twice is handed on twice, for the table to refuse")
  func twice() {
    #expect(inserted([1, 2, 3, 2, 4]).numbers.sorted() == [1, 2, 2, 3, 4])
  }

  @Test("The members of the parts have the order of the columns")
  func order() {
    for label in LatencyLabel.allCases {
      var parts = LatencyParts()
      parts[label] = 1
      withUnsafeBytes(of: parts) { bytes in
        #expect(bytes.bindMemory(to: Int64.self).firstIndex(of: 1) == label.rawValue)
      }
    }
  }
}
