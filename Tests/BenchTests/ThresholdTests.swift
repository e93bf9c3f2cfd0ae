import Testing

@testable import simpp_bench

@Suite("Thresholds of instructions and allocations")
struct ThresholdTests {
  private static let key = Thresholds.Key(name: "a", size: 10_000)
  private static let limit = Count(instructions: 1_000_000, allocations: 1_000)

  @Test(
    "Three percent more is allowed, anything beyond is a fault, instructions and allocations alike",
    arguments: [
      (1_030_000, 1_030, false), (1_030_001, 1_000, true), (1_000_000, 1_031, true),
      (900_000, 900, false), (900_000, 1_031, true),
    ] as [(Int64, Int64, Bool)])
  func tolerance(instructions: Int64, allocations: Int64, isFault: Bool) {
    let count = Count(instructions: instructions, allocations: allocations)
    #expect(Verdict(of: count, at: Self.key, against: Self.limit).isFault == isFault)
  }

  @Test("A count more than three percent below asks for a lower threshold and is no fault")
  func below() {
    let much = Count(instructions: 969_999, allocations: 1_000)
    let little = Count(instructions: 970_000, allocations: 1_000)
    #expect(Verdict(of: much, at: Self.key, against: Self.limit).line.contains("lower"))
    #expect(!Verdict(of: little, at: Self.key, against: Self.limit).line.contains("lower"))
  }

  @Test("A size without a threshold is a fault")
  func missing() {
    #expect(Verdict(of: Self.limit, at: Self.key, against: nil).isFault)
  }

  @Test(
    "Ten times the size may cost 8.5 to 10.8 times the instructions",
    arguments: [(8_499, true), (8_500, false), (10_800, false), (10_801, true)] as [(Int64, Bool)])
  func growth(large: Int64, isFault: Bool) throws {
    let benchmark = try #require(Benchmark.named("fleet"))
    let verdict = Verdict(
      growthOf: benchmark, from: Count(instructions: 1_000, allocations: 0),
      to: Count(instructions: large, allocations: 1_000_000))
    #expect(verdict.isFault == isFault)
  }

  @Test("It may cost 64 allocations more where nothing is built on the way")
  func moreAllocations() throws {
    let benchmark = try #require(Benchmark.named("a"))
    let faults = [63, 64, 65].map { more in
      Verdict(
        growthOf: benchmark, from: Count(instructions: 1_000, allocations: 500),
        to: Count(instructions: 10_000, allocations: 500 + more)
      ).isFault
    }
    #expect(faults == [false, false, true])
    #expect(Verdict(peakKilobytes: 120_001).isFault && !Verdict(peakKilobytes: 120_000).isFault)
  }

  @Test("The file in the tree has a threshold for every size that is checked, and no stranger's")
  func complete() throws {
    let path = #filePath.replacing("ThresholdTests.swift", with: "thresholds.tsv")
    let thresholds = try Thresholds(path: path)
    for benchmark in Benchmark.all {
      for size in benchmark.checkSizes {
        let key = Thresholds.Key(name: benchmark.name, size: size)
        #expect(thresholds.counts[key] != nil, "\(benchmark.name) \(size)")
      }
    }
    // What the benchmarks' own order would leave out is a stranger's.
    #expect(readFile(path) == thresholds.text)
  }

  @Test("A line that is none is named by file and number")
  func broken() {
    for text in ["a\t10\t5\n", "a\t10\t5\tmany\n", "a b c d\n"] {
      let failure = #expect(throws: Failure.self) {
        _ = try Thresholds("# comment\n" + text, from: "thresholds.tsv")
      }
      #expect(failure?.status == 65)
      #expect(failure?.message.hasPrefix("thresholds.tsv:2: ") == true)
    }
  }
}
