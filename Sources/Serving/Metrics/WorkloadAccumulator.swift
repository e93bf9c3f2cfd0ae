import EventKernel
import Workload

/// What is counted of one workload while the run goes on: requests that arrive in [warmup, duration).
struct WorkloadAccumulator: Sendable {
  var requests: Int64 = 0
  var completed: Int64 = 0
  var rejected: Int64 = 0
  var rejections = RejectionCounts()
  var failed: Int64 = 0
  var unfinished: Int64 = 0
  /// Requests that missed and have more than one token to generate, for TPOT's ranks.
  var missedWithTPOT: Int64 = 0
  var outputTokens: Int64 = 0
  var withObjective: Int64 = 0
  var metObjective: Int64 = 0
  var ttft = DurationSamples()
  var tpot = DurationSamples()
  var e2e = DurationSamples()
  var itl = LatencyHistogram()
  var decomposition = DecompositionSummary()
  var ttftDecomposition = DecompositionSummary()
  var tail = TailLedger()

  mutating func add(_ record: RequestRecord, objective: ServiceLevelObjective?) {
    requests += 1
    if let firstToken = record.ttft { ttft.add(firstToken) }
    switch record.status {
    case .completed: addCompleted(record)
    case .rejected:
      rejected += 1
      rejections[record.reason] += 1
    case .failed: failed += 1
    case .unfinished: unfinished += 1
    }
    if record.status != .completed, record.outputTokens > 1 { missedWithTPOT += 1 }
    if let objective {
      withObjective += 1
      if Self.meets(record, objective) { metObjective += 1 }
    }
  }

  private mutating func addCompleted(_ record: RequestRecord) {
    completed += 1
    outputTokens += Int64(record.outputTokens)
    if let time = record.tpot { tpot.add(time) }
    guard let time = record.e2e else { return }
    e2e.add(time)
    decomposition.count += 1
    decomposition.sums += record.parts
    ttftDecomposition.count += 1
    ttftDecomposition.sums += record.firstTokenParts
    tail.add(time, record.parts)
  }

  private static func meets(_ record: RequestRecord, _ objective: ServiceLevelObjective) -> Bool {
    guard record.status == .completed, let ttft = record.ttft, let e2e = record.e2e else {
      return false
    }
    if let target = objective.ttft, ttft > target { return false }
    if let target = objective.e2e, e2e > target { return false }
    // One output token has no time per further token: that target counts as met.
    if let target = objective.tpot, let tpot = record.tpot, tpot > target { return false }
    return true
  }

  mutating func add(_ other: WorkloadAccumulator) {
    requests += other.requests
    completed += other.completed
    rejected += other.rejected
    rejections += other.rejections
    failed += other.failed
    unfinished += other.unfinished
    missedWithTPOT += other.missedWithTPOT
    outputTokens += other.outputTokens
    withObjective += other.withObjective
    metObjective += other.metObjective
    ttft.add(other.ttft)
    tpot.add(other.tpot)
    e2e.add(other.e2e)
    itl.add(other.itl)
    decomposition.count += other.decomposition.count
    decomposition.sums += other.decomposition.sums
    ttftDecomposition.count += other.ttftDecomposition.count
    ttftDecomposition.sums += other.ttftDecomposition.sums
    tail.add(other.tail)
  }

  /// The summary over a window of arrivals of this length in nanoseconds; it sorts the samples.
  mutating func summary(name: String, window: Nanoseconds) -> WorkloadSummary {
    var summary = WorkloadSummary()
    summary.name = name
    summary.requests = requests
    summary.completed = completed
    summary.rejected = rejected
    summary.rejections = rejections
    summary.failed = failed
    summary.unfinished = unfinished
    ttft.sort()
    tpot.sort()
    e2e.sort()
    summary.ttft = Self.metric(ttft, missed: requests - ttft.count)
    summary.tpot = Self.metric(tpot, missed: missedWithTPOT)
    summary.e2e = Self.metric(e2e, missed: requests - e2e.count)
    summary.itl = Self.metric(itl)
    summary.decomposition = decomposition
    summary.ttftDecomposition = ttftDecomposition
    if completed > 0 {
      summary.tailDecomposition = tail.summary(
        atOrAbove: e2e.value(atRank: Self.rank(99, of: completed)))
      summary.p90Decomposition = tail.summary(
        atOrAbove: e2e.value(atRank: Self.rank(90, of: completed)))
    }
    let seconds = Double(window) / 1e9
    summary.requestsPerSecond = Double(completed) / seconds
    summary.outputTokensPerSecond = Double(outputTokens) / seconds
    if withObjective > 0 {
      summary.sloAttainment = Double(metObjective) / Double(withObjective)
      summary.goodputRequestsPerSecond = Double(metObjective) / seconds
    }
    summary.itlHistogram = itl
    summary.ttftHistogram = ttft.histogram
    summary.tpotHistogram = tpot.histogram
    summary.e2eHistogram = e2e.histogram
    return summary
  }

  /// The nearest rank of a percentile: ceil(percent · count / 100).
  static func rank(_ percent: Int64, of count: Int64) -> Int64 { (percent * count + 99) / 100 }

  /// Missed requests count as infinitely late: a rank among them has no value.
  private static func metric(_ samples: DurationSamples, missed: Int64) -> MetricSummary {
    var summary = MetricSummary()
    summary.count = samples.count + missed
    guard samples.count > 0 else { return summary }
    func percentile(_ percent: Int64) -> Double? {
      let rank = rank(percent, of: samples.count + missed)
      return rank > samples.count ? nil : Double(samples.value(atRank: rank)) / 1e9
    }
    summary.mean = Double(samples.sum) / Double(samples.count) / 1e9
    summary.p50 = percentile(50)
    summary.p90 = percentile(90)
    summary.p95 = percentile(95)
    summary.p99 = percentile(99)
    summary.max = missed > 0 ? nil : Double(samples.maximum) / 1e9
    return summary
  }

  private static func metric(_ histogram: LatencyHistogram) -> MetricSummary {
    var summary = MetricSummary()
    summary.count = histogram.count
    guard histogram.count > 0 else { return summary }
    func percentile(_ percent: Int64) -> Double {
      Double(histogram.value(atRank: rank(percent, of: histogram.count))) / 1e9
    }
    summary.mean = Double(histogram.sum) / Double(histogram.count) / 1e9
    summary.p50 = percentile(50)
    summary.p90 = percentile(90)
    summary.p95 = percentile(95)
    summary.p99 = percentile(99)
    summary.max = Double(histogram.maximum) / 1e9
    return summary
  }
}
