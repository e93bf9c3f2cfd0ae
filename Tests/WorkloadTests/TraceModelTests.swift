import EventKernel
import Testing

@testable import Workload

@Suite("Traces like a trace")
struct TraceModelTests {
  static let second: Nanoseconds = 1_000_000_000

  /// Requests with the gaps and lengths of two functions of the request's number.
  static func requests(
    _ count: UInt64, gapSeconds: (UInt64, Double) -> Double,
    lengths: (UInt64) -> (Int32, Int32) = { _ in (100, 10) }
  ) -> [ArrivingRequest] {
    var time = 0.0
    return (0..<count).map { index in
      if index > 0 { time += gapSeconds(index, time) }
      let (prompt, output) = lengths(index)
      return TraceStatisticsTests.request(nanoseconds(fromSeconds: time), prompt, output)
    }
  }

  static func model(
    _ requests: [ArrivingRequest], blocks: (Int) -> PrefixBlocks = { _ in .unknown }
  ) -> (model: TraceModel, statistics: TraceStatistics) {
    var survey = TraceSurvey()
    for (index, request) in requests.enumerated() { survey.add(request, blocks: blocks(index)) }
    var fitter = TraceFitter(survey)
    for (index, request) in requests.enumerated() { fitter.add(request, blocks: blocks(index)) }
    return (fitter.finish(), survey.statistics)
  }

  static func drawn(_ model: TraceModel, seed: UInt64, count: Int64? = nil) -> TraceStatistics {
    var trace = SyntheticTrace(model, seed: seed)
    var statistics = TraceStatistics()
    for _ in 0..<(count ?? model.requests) {
      guard let (request, blocks) = trace.next() else { break }
      statistics.add(request, blocks: blocks)
    }
    return statistics
  }

  @Test("Independent bursty gaps are found out, and their spread and dispersion come back")
  func renewal() throws {
    let stream = RandomStream(seed: 5, name: "gaps")
    let law = Distribution.gamma(mean: 0.2, cv: 4)
    let (model, original) = Self.model(
      Self.requests(20_000, gapSeconds: { index, _ in law.sample(stream, at: index) }))
    #expect(model.arrivals.kind == .renewal)
    let drawn = Self.drawn(model, seed: 1)
    let distance = try #require(DistributionDistance(original.gaps, drawn.gaps))
    // The 1 % point of two samples of 20,000 of one law is 1.63·√(2/20,000).
    #expect(distance.kolmogorovSmirnov < 0.0163)
    #expect((drawn.gaps.cv / original.gaps.cv - 1).magnitude < 0.1)
    #expect((drawn.gaps.cv / 4 - 1).magnitude < 0.15)
  }

  @Test("A rate that changes is found out, and the dispersion at every window comes back")
  func cascade() throws {
    let stream = RandomStream(seed: 6, name: "gaps")
    // Five times the rate in every other ten minutes.
    let (model, original) = Self.model(
      Self.requests(20_000) { index, time in
        let rate = Int(time / 600) % 2 == 0 ? 2.0 : 10.0
        return Distribution.exponential(mean: 1 / rate).sample(stream, at: index)
      })
    #expect(model.arrivals.kind == .cascade)
    let drawn = Self.drawn(model, seed: 1)
    for (found, wanted) in zip(drawn.windows, original.windows) {
      let ratio = try #require(found.dispersion) / (try #require(wanted.dispersion))
      #expect((0.85...1.15).contains(ratio), "\(wanted.window) ns: \(ratio)")
    }
    #expect(drawn.requests == original.requests)
    #expect((Double(drawn.span) / Double(original.span) - 1).magnitude < 0.02)
  }

  @Test("Constant gaps stay constant")
  func constant() {
    let (model, _) = Self.model(Self.requests(3_000, gapSeconds: { _, _ in 0.25 }))
    let drawn = Self.drawn(model, seed: 4)
    #expect(drawn.gaps.minimum == 250_000_000 && drawn.gaps.maximum == 250_000_000)
  }

  @Test("Requests that arrive together still do")
  func batches() {
    // 1, 2, … 5 requests each 3 s.
    let (model, original) = Self.model(
      Self.requests(6_000) { index, _ in [0, 2, 5, 9, 14].contains(index % 15) ? 3 : 0 })
    let drawn = Self.drawn(model, seed: 2)
    #expect((Double(drawn.sameInstant) / Double(original.sameInstant) - 1).magnitude < 0.03)
    var trace = SyntheticTrace(model, seed: 2)
    let arrivals = (0..<100).compactMap { _ in trace.next()?.request.arrival }
    #expect(arrivals.allSatisfy { $0 % 3_000_000_000 == 0 })
  }

  @Test("A cascade learns back the correlation of its splits")
  func correlation() {
    var cascade = SplitCascade(
      positions: 1 << 40, segments: Array(repeating: 2_000, count: 32), levels: [])
    for index in 0..<8 {
      cascade.levels.append(SplitCascade.Level(correlation: index % 2 == 0 ? 0.02 : 0.3))
    }
    var draw = CascadeDraw(cascade, seed: 9, name: "test")
    var fitter = SplitCascadeFitter(positions: 1 << 40, arrivals: 64_000)
    var last: Int64 = 0
    var count: Int64 = 0
    while let position = draw.next() {
      #expect(position >= last && position < 1 << 40)
      last = position
      count += 1
      fitter.add(position)
    }
    #expect(count == 64_000)
    let learnt = fitter.finish()
    #expect(learnt.segments == cascade.segments)
    for level in 0..<8 {
      let wanted = cascade.levels[level].correlation
      // A level has 32·2ˡ splits, each with a relative variance of about 2.
      let error = wanted * 4 * (2.0 / Double(32 << level)).squareRoot()
      let found = learnt.levels[level].correlation
      #expect((found - wanted).magnitude < error + 0.01, "level \(level): \(found)")
    }
    for level in 8..<learnt.levels.count {
      #expect(learnt.levels[level].correlation < 0.05, "level \(level)")
    }
  }

  @Test(
    "Binomial numbers have their mean and variance", arguments: [(3, 0.2), (50, 0.5), (900, 0.7)])
  func binomials(_ n: Int64, _ p: Double) {
    let stream = RandomStream(seed: 1, name: "binomial")
    let draws = (0..<UInt64(20_000)).map { Double(binomial(n, p, stream.uniform(at: $0))) }
    let mean = draws.reduce(0, +) / 20_000
    let variance = draws.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 20_000
    let expected = Double(n) * p * (1 - p)
    #expect((mean - Double(n) * p).magnitude < 4 * (expected / 20_000).squareRoot())
    #expect((variance / expected - 1).magnitude < 4 * (2.0 / 20_000).squareRoot() + 0.003)
    #expect(draws.allSatisfy { (0...Double(n)).contains($0) })
  }

  @Test("A table of quantiles keeps the mean, the extremes and the ranks")
  func table() {
    let stream = RandomStream(seed: 2, name: "table")
    let law = Distribution.lognormal(mean: 900, cv: 3)
    var counts = ValueCounts.lengths
    for index in 0..<UInt64(10_000) { counts.add(Int64(law.sample(stream, at: index)) + 1) }
    let table = QuantileTable(counts)
    let steps = 1 << 17
    let values = (0..<steps).map { table.value(at: (Double($0) + 0.5) / Double(steps)) }
    #expect((values.reduce(0, +) / Double(steps) / counts.mean - 1).magnitude < 1e-4)
    #expect(zip(values, values.dropFirst()).allSatisfy { $0 <= $1 })
    #expect(Int64(values[0]) == counts.minimum)
    #expect(values[steps - 1] <= Double(counts.maximum))
    for rank in stride(from: 0.01, to: 1, by: 0.01) {
      #expect((table.rank(of: table.value(at: rank)) - rank).magnitude < 0.01, "\(rank)")
    }
  }

  @Test("A table of few values gives these values and no others, each as often as it was counted")
  func fewValues() {
    var counts = ValueCounts.lengths
    for value in [5, 5, 5, 9] as [Int64] { counts.add(value) }
    let table = QuantileTable(counts)
    let values = (0..<4_000).map { table.value(at: (Double($0) + 0.5) / 4_000) }
    #expect(values.count { $0 == 5 } == 3_000 && values.count { $0 == 9 } == 1_000)
    #expect(table.rank(of: 4) == 0 && table.rank(of: 10) == 1)
    #expect(QuantileTable(.lengths).value(at: 0.5) == 0)
  }

  @Test("The dependence of prompt and output is learnt and comes back", arguments: [-0.7, 0, 0.6])
  func dependence(_ wanted: Double) throws {
    let stream = RandomStream(seed: 8, name: "lengths")
    let (model, original) = Self.model(
      Self.requests(20_000, gapSeconds: { _, _ in 0.1 }) { index in
        let x = DeterministicMath.normalQuantile(stream.uniform(at: index))
        let e = DeterministicMath.normalQuantile(stream.uniform(at: index, lane: 1))
        let y = wanted * x + (1 - wanted * wanted).squareRoot() * e
        return (
          Int32(1_000 * DeterministicMath.exp(x)) + 1, Int32(200 * DeterministicMath.exp(y)) + 1
        )
      })
    // A correlation of 20,000 pairs has a standard error of at most 0.0071; steps cost 1 %.
    #expect((model.dependence - wanted).magnitude < 0.03)
    let drawn = Self.drawn(model, seed: 3)
    #expect(((try #require(drawn.pairs.normalScore)) - model.dependence).magnitude < 0.03)
    for (left, right) in [(original.prompt, drawn.prompt), (original.output, drawn.output)] {
      #expect(try #require(DistributionDistance(left, right)).kolmogorovSmirnov < 0.0163)
    }
  }

  @Test("One model and seed give one trace, another seed another; it goes on without end")
  func determinism() {
    let stream = RandomStream(seed: 5, name: "gaps")
    for bursty in [false, true] {
      let law = bursty ? Distribution.gamma(mean: 0.2, cv: 4) : .exponential(mean: 0.2)
      let (model, _) = Self.model(
        Self.requests(2_000) { index, time in
          law.sample(stream, at: index) * (bursty || time < 200 ? 1 : 0.2)
        })
      let first = { (seed: UInt64) -> [ArrivingRequest] in
        var trace = SyntheticTrace(model, seed: seed)
        return (0..<7_000).compactMap { _ in trace.next()?.request }
      }
      let requests = first(1)
      #expect(requests == first(1) && requests != first(2))
      #expect(requests.count == 7_000)
      #expect(zip(requests, requests.dropFirst()).allSatisfy { $0.arrival <= $1.arrival })
      // Three and a half rounds of the original's time.
      let ratio = Double(requests[6_999].arrival) / Double(model.arrivals.period) / 3.5
      #expect((0.6...1.4).contains(ratio), "\(model.arrivals.kind): \(ratio)")
    }
  }
}
