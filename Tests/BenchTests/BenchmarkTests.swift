import EventKernel
import Testing
import Workload

@testable import simpp_bench

@Suite("Every benchmark does the same work each time")
struct BenchmarkTests {
  @Test("Figures repeat exactly and everything is completed", arguments: Benchmark.all.map(\.name))
  func repeats(name: String) throws {
    let benchmark = try #require(Benchmark.named(name))
    let first = benchmark.prepare(60)()
    let second = benchmark.measured(size: 60, times: 1).figures
    #expect(first.map(\.name) == second.map(\.name))
    #expect(first.map(\.value) == second.map(\.value))
    if let completed = first.first(where: { $0.name == "completed" }) {
      #expect(completed.value == 60)
    }
  }

  @Test(
    "Names are unique; a check of two sizes grows tenfold; peers and targets are rows of the table")
  func list() {
    #expect(Set(Benchmark.all.map(\.name)).count == Benchmark.all.count)
    for benchmark in Benchmark.all where !benchmark.checkSizes.isEmpty {
      // One size where allocations are not to be the same at both.
      #expect(benchmark.checkSizes.count == 2 || benchmark.moreAllocations == nil)
      #expect(benchmark.checkSizes.count <= 2)
      for (small, large) in zip(benchmark.checkSizes, benchmark.checkSizes.dropFirst()) {
        #expect(large == 10 * small)
      }
    }
    let rows = PeerFigure.all.map { ($0.name, $0.size) } + Target.all.map { ($0.name, $0.size) }
    for (name, size) in rows {
      #expect(Benchmark.named(name)?.tableSizes.contains(size) == true, "\(name) \(size)")
    }
  }

  @Test(
    "The peers' requests are those that the peers were given",
    arguments: [
      (1_000, 553_716, 134_322, 123.411_508_773_266_16),
      (10_000, 5_483_832, 1_360_603, 1_236.238_781_945_965_5),
      (50_000, 27_210_687, 6_774_402, 6_210.669_435_192_789),
    ] as [(Int, Int64, Int64, Double)])
  func peerRequests(count: Int, prompts: Int64, outputs: Int64, last: Double) {
    var stream = PeerRequests(requests: count, requestsPerSecond: 8).open(seed: 1)
    var sums = (prompt: Int64(0), output: Int64(0), arrival: Int64(0), count: 0)
    while let request = stream.next() {
      sums.prompt += Int64(request.promptTokens)
      sums.output += Int64(request.outputTokens)
      sums.arrival = request.arrival
      sums.count += 1
    }
    #expect(sums.count == count && sums.prompt == prompts && sums.output == outputs)
    #expect(abs(Double(sums.arrival) / 1e9 - last) < 1e-6)
  }

  @Test("The Azure shape's mean lengths are the trace's, within two percent")
  func azureLengths() {
    #expect(abs(Distribution.quantiles(AzureLengths.prompt).mean / 1_155 - 1) < 0.02)
    #expect(abs(Distribution.quantiles(AzureLengths.output).mean / 211 - 1) < 0.02)
  }
}
