import EventKernel
import Serving
import Support
import Testing
import Workload

/// The summary recomputed from the rows by the contract's definitions.
@Suite("What a run says about itself")
struct RunSummaryTests {
  /// The nearest rank ceil(q · n) over all requests; missed ones are infinitely late.
  private static func percentile(
    _ percent: Int, of values: [Nanoseconds], missed: Int
  ) -> Double? {
    let count = values.count + missed
    guard !values.isEmpty else { return nil }
    let rank = count * percent / 100 + (count * percent % 100 > 0 ? 1 : 0)
    return rank > values.count ? nil : Double(values.sorted()[rank - 1]) / 1e9
  }

  private static func compare(
    _ metric: MetricSummary, _ values: [Nanoseconds], missed: Int, _ seed: UInt64
  ) {
    #expect(metric.count == values.count + missed, "seed \(seed)")
    #expect(metric.p50 == percentile(50, of: values, missed: missed), "seed \(seed)")
    #expect(metric.p90 == percentile(90, of: values, missed: missed), "seed \(seed)")
    #expect(metric.p95 == percentile(95, of: values, missed: missed), "seed \(seed)")
    #expect(metric.p99 == percentile(99, of: values, missed: missed), "seed \(seed)")
    let most = missed == 0 ? values.max().map { Double($0) / 1e9 } : nil
    #expect(metric.max == most, "seed \(seed)")
    let sum = values.reduce(0, +)
    let mean = values.isEmpty ? nil : Double(sum) / Double(values.count) / 1e9
    #expect(metric.mean == mean, "seed \(seed)")
  }

  @Test("Latencies, attainment and decompositions follow from the rows", arguments: 1...12)
  func fromRows(seed: UInt64) {
    var scenario = RandomWorld.scenario(seed)
    scenario.warmup = 15_000_000
    let target = ServiceLevelObjective(ttft: 20_000_000, tpot: 3_000_000)
    scenario.workloads[0].objective = target
    let outcome = scenario.outcome()
    let summary = outcome.summary.workloads[0]
    let rows = outcome.records.requests.filter { $0.workload == 0 && $0.arrival >= 15_000_000 }
    let done = rows.filter { $0.status == .completed }
    #expect(summary.requests == rows.count)
    let ttft = rows.compactMap { row in row.firstToken.map { $0 - row.arrival } }
    Self.compare(summary.ttft, ttft, missed: rows.count - ttft.count, seed)
    let e2e = done.map { $0.end - $0.arrival }
    Self.compare(summary.e2e, e2e, missed: rows.count - done.count, seed)
    let several = done.filter { $0.outputTokens > 1 }
    let tpot = several.map { row -> Nanoseconds in
      let gaps = Double(row.outputTokens - 1)
      return Nanoseconds((Double(row.end - (row.firstToken ?? 0)) / gaps + 0.5).rounded(.down))
    }
    let missed = rows.count { $0.status != .completed && $0.outputTokens > 1 }
    Self.compare(summary.tpot, tpot, missed: missed, seed)
    let met = done.count { row in
      let first = row.firstToken ?? .max
      let perToken =
        row.outputTokens > 1 ? Double(row.end - first) / Double(row.outputTokens - 1) : 0
      return first - row.arrival <= 20_000_000 && perToken < 3_000_000.5
    }
    #expect(summary.sloAttainment == (rows.isEmpty ? nil : Double(met) / Double(rows.count)))
    for label in LatencyLabel.allCases {
      #expect(summary.decomposition.sums[label] == done.reduce(0) { $0 + $1.parts[label] })
      #expect(
        summary.ttftDecomposition.sums[label] == done.reduce(0) { $0 + $1.firstTokenParts[label] })
    }
    guard !done.isEmpty else { return }
    let edge = e2e.sorted()[(e2e.count * 99 + 99) / 100 - 1]
    let tail = done.filter { $0.end - $0.arrival >= edge }
    #expect(summary.tailDecomposition.count == tail.count)
    #expect(summary.tailDecomposition.sums.total == tail.reduce(0) { $0 + $1.parts.total })
  }

  @Test(
    "Gaps between tokens are pooled over the requests that arrive in the window", arguments: 1...10)
  func gaps(seed: UInt64) {
    var scenario = RandomWorld.scenario(seed)
    scenario.warmup = 15_000_000
    let outcome = scenario.outcome()
    var arrivals: [Int64: Nanoseconds] = [:]
    var last: [Int64: Nanoseconds] = [:]
    var histogram = LatencyHistogram()
    for event in outcome.events {
      if event.kind == .arrive { arrivals[event.a] = event.time }
      guard event.kind == .token else { continue }
      if let before = last[event.a], arrivals[event.a] ?? 0 >= 15_000_000 {
        histogram.add(event.time - before)
      }
      last[event.a] = event.time
    }
    #expect(outcome.summary.overall.itlHistogram == histogram)
  }

  @Test("GPU-hours, utilisation, bubbles and cost follow from the ledgers", arguments: 1...12)
  func fleet(seed: UInt64) {
    let outcome = RandomWorld.scenario(seed).outcome()
    let summary = outcome.summary
    let gpus = outcome.records.gpus
    let held = gpus.reduce(0) { $0 + $1.starting + $1.busy + $1.reservedIdle + $1.sleeping }
    let busy = gpus.reduce(0) { $0 + $1.busy }
    #expect(summary.gpuHours == Double(held) / 3.6e12)
    #expect(summary.gpuUtilization == (held > 0 ? Double(busy) / Double(held) : nil))
    let stages = outcome.records.stages
    let working = stages.reduce(0) { $0 + $1.busy + $1.exposedCommunication }
    let bubble = stages.reduce(0) { $0 + $1.bubble }
    let fraction = working + bubble > 0 ? Double(bubble) / Double(working + bubble) : nil
    #expect(summary.bubbleFraction == fraction)
    #expect(abs(summary.costUSD - summary.gpuHours) < 1e-12)
    #expect(summary.steps == stages.reduce(0) { $0 + $1.steps })
    #expect(summary.preemptions == outcome.records.replicas.reduce(0) { $0 + $1.preemptions })
    // What takes over on the GPUs of its pipeline has its container already.
    let inPlace = Set(
      outcome.events.filter { $0.kind == .consolidate && $0.c == 1 }.map { Int32($0.a) })
    let started = outcome.records.replicas.count {
      $0.granted != nil && !$0.initial && !inPlace.contains($0.replicaID)
    }
    #expect(summary.coldStarts == started)
  }
}
