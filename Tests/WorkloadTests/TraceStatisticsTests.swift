import EventKernel
import Testing

@testable import Workload

@Suite("Statistics of a trace")
struct TraceStatisticsTests {
  static let second: Nanoseconds = 1_000_000_000

  static func request(
    _ arrival: Nanoseconds, _ prompt: Int32 = 100, _ output: Int32 = 10, session: Int64 = -1
  ) -> ArrivingRequest {
    ArrivingRequest(
      arrival: arrival, workload: 0, promptTokens: prompt, outputTokens: output, session: session)
  }

  static func statistics(
    _ requests: [ArrivingRequest], windows: [Nanoseconds] = TraceStatistics.standardWindows
  ) -> TraceStatistics {
    var statistics = TraceStatistics(windows: windows)
    for request in requests { statistics.add(request) }
    return statistics
  }

  @Test("Mean, variance and nearest-rank quantiles are those of the sorted values")
  func quantiles() {
    let stream = RandomStream(seed: 3, name: "values")
    let values = (0..<5_000).map { Int64(1 / stream.uniform(at: $0)) % 900_000 }
    var counts = ValueCounts.lengths
    for value in values { counts.add(value) }
    let sorted = values.sorted()
    for permille in stride(from: Int64(1), through: 1_000, by: 7) {
      let rank = Int((5_000 * permille + 999) / 1_000)
      #expect(counts.quantile(permille: permille) == sorted[rank - 1])
    }
    let mean = Double(values.reduce(0, +)) / 5_000
    let variance = values.reduce(0.0) { $0 + (Double($1) - mean) * (Double($1) - mean) } / 5_000
    #expect(counts.mean == mean)
    #expect((counts.variance / variance - 1).magnitude < 1e-9)
    #expect(counts.minimum == sorted[0] && counts.maximum == sorted[4_999])
  }

  @Test("Large values are known to one part in 2 to the power of the bits less one")
  func precision() {
    var counts = ValueCounts(significantBits: 16)
    let values = (0..<60).map { (Int64(1) << $0) + Int64($0) * 12_345 }
    for value in values { counts.add(value) }
    for (rank, value) in values.sorted().enumerated() {
      let found = counts.value(atRank: Int64(rank + 1))
      #expect(found <= value && Double(value - found) <= Double(value) / 32_768)
    }
  }

  @Test("Constant gaps have a coefficient of variation of 0, and constant windows no dispersion")
  func constantGaps() {
    let statistics = Self.statistics((0..<1_200).map { Self.request($0 * 200_000_000) })
    #expect(statistics.gaps.cv == 0)
    #expect(statistics.windows.map(\.dispersion) == [0, 0, 0])
    #expect(statistics.windows.map(\.peakToMean) == [1, 1, 1])
    #expect(statistics.requestsPerSecond == 5)
    #expect(statistics.pairs.linear == nil && statistics.pairs.rank == nil)
  }

  @Test("Dispersion and peak by hand: 3, 0 and 1 arrivals in three seconds")
  func dispersionByHand() {
    let times: [Nanoseconds] = [0, 0, 999_999_999, 2_999_999_999]
    let statistics = Self.statistics(times.map { Self.request($0) }, windows: [Self.second])
    // Mean 4/3, variance ((5/3)² + (4/3)² + (1/3)²)/2 = 7/3.
    #expect(((statistics.windows[0].dispersion ?? 0) - 1.75).magnitude < 1e-12)
    #expect(statistics.windows[0].peakToMean == 2.25)
    #expect(statistics.sameInstant == 1 && statistics.repeated == 1)
  }

  @Test("A window that the trace does not fill counts for nothing but the peak")
  func unfilledWindow() {
    let times: [Nanoseconds] = [0, 1, 1_000_000_000, 1_000_000_001, 2_000_000_000]
    let window = Self.statistics(times.map { Self.request($0) }, windows: [Self.second]).windows[0]
    #expect(window.wholeWindows == 2)
    #expect(window.dispersion == 0)
    #expect(Self.statistics([Self.request(0)]).windows[0].dispersion == nil)
  }

  @Test("Poisson arrivals have a dispersion of 1 within four standard errors", arguments: 1...8)
  func poisson(seed: UInt64) {
    let stream = RandomStream(seed: seed, name: "poisson")
    let gap = Distribution.exponential(mean: 0.05)
    var time = 0.0
    let requests = (0..<UInt64(20_000)).map { index in
      time += gap.sample(stream, at: index)
      return Self.request(nanoseconds(fromSeconds: time))
    }
    for window in Self.statistics(requests, windows: [Self.second / 10, Self.second]).windows {
      // Of m windows: √(2/(m − 1)), and a little for the kurtosis of small counts.
      let mean = Double(window.window) / 0.05e9
      let error = ((2 + 1 / mean) / Double(window.wholeWindows - 1)).squareRoot()
      #expect((((window.dispersion ?? 0) - 1) / error).magnitude < 4)
    }
    #expect((Self.statistics(requests).gaps.cv - 1).magnitude < 8 * (1.0 / 6_000).squareRoot())
  }

  @Test("Distances by hand")
  func distances() throws {
    let counts = { (values: [Int64]) in
      var counts = ValueCounts.lengths
      for value in values { counts.add(value) }
      return counts
    }
    let shifted = try #require(DistributionDistance(counts([1, 2, 3, 4]), counts([3, 4, 5, 6])))
    #expect(shifted.kolmogorovSmirnov == 0.5 && shifted.wasserstein == 2)
    let uneven = try #require(DistributionDistance(counts([1, 1, 10]), counts([1, 10])))
    #expect((uneven.kolmogorovSmirnov - 1.0 / 6).magnitude < 1e-12)
    #expect((uneven.wasserstein - 1.5).magnitude < 1e-12)
    #expect(DistributionDistance(counts([5]), counts([5]))?.kolmogorovSmirnov == 0)
    #expect(DistributionDistance(counts([]), counts([5])) == nil)
  }

  @Test("What a prefix cache finds, by hand")
  func prefixByHand() {
    var statistics = TraceStatistics()
    let blocks: [[UInt64]] = [[1, 2, 3], [1, 2, 4], [1, 2, 4, 5], [9], [2, 1]]
    for (index, hashes) in blocks.enumerated() {
      statistics.add(
        Self.request(Int64(index), Int32(hashes.count * 16 - 6)),
        blocks: PrefixBlocks(tokensPerBlock: 16, hashes: hashes))
    }
    statistics.add(Self.request(9, 1_000))
    // The last prompt shares both its blocks: what stands for a prefix is the hash alone.
    #expect(statistics.prefix.requests == 5 && statistics.prefix.requestsWithHit == 3)
    #expect(statistics.prefix.uniqueBlocks == 6 && statistics.prefix.blocks == 13)
    #expect(statistics.prefix.cachedTokens == 32 + 48 + 26)
    #expect(statistics.prefix.promptTokens == 13 * 16 - 30)
  }

  @Test("Sessions by hand")
  func sessionsByHand() {
    let sessions = Self.statistics([
      Self.request(0, session: 7), Self.request(5, session: 8), Self.request(10, session: 7),
      Self.request(11), Self.request(40, session: 7),
    ]).sessions
    #expect(sessions.count == 2 && sessions.requests == 4)
    #expect(sessions.turns.maximum == 3 && sessions.turns.mean == 2)
    #expect(sessions.gaps.minimum == 10 && sessions.gaps.maximum == 30 && sessions.gaps.count == 2)
  }

  @Test("Correlations: of a line, of any rising curve, of a falling one")
  func correlations() throws {
    let of = { (output: (Int32) -> Int32) in
      Self.statistics((1...15).map { Self.request(Int64($0), $0, output($0)) }).pairs
    }
    #expect(((try #require(of { 3 * $0 + 1 }.linear)) - 1).magnitude < 1e-12)
    // Below 16 every length is a step of its own.
    #expect(((try #require(of { 16 - $0 }.rank)) + 1).magnitude < 1e-12)
    // Squares differ by more than a step, so ranks lie on a line and lengths do not.
    let square = of { $0 * $0 }
    #expect(try #require(square.linear) < 0.98)
    #expect(((try #require(square.rank)) - 1).magnitude < 1e-12)
  }

  @Test("The rate over time keeps every arrival, in at most 60 cells of round length")
  func curve() {
    for span in [5, 4_000, 90_000, 100_000_000] as [Int64] {
      let statistics = Self.statistics(
        (0..<2_000).map { Self.request($0 * (span * Self.second / 2_000)) })
      let shown = statistics.timeline.shown(cells: 60)
      #expect(shown.counts.count <= 60 && shown.counts.count >= 10)
      #expect(shown.counts.reduce(0, +) == 2_000)
      #expect(statistics.timeline.counts.count <= ArrivalTimeline.capacity)
    }
  }

  @Test("Memory does not grow with the number of requests")
  func memory() {
    let pages = { (count: UInt64) in
      let stream = RandomStream(seed: 1, name: "memory")
      var statistics = TraceStatistics()
      var time: Nanoseconds = 0
      for index in 0..<count {
        // Few instants are new: what is counted is where values lie, not how many there are.
        time += Int64(stream.uniform(at: index) * 1e6)
        let length = Int32(1 + 20_000 * stream.uniform(at: index, lane: 1))
        statistics.add(Self.request(time, length, length))
      }
      return (
        statistics.gaps.pagesInUse, statistics.prompt.pagesInUse, statistics.timeline.counts.count
      )
    }
    let (few, many) = (pages(30_000), pages(120_000))
    #expect(many.0 <= few.0 + 3 && many.1 == few.1)
    #expect(many.2 <= ArrivalTimeline.capacity)
  }
}
