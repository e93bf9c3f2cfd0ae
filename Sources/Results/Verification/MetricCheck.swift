import Serving

/// Whether the figures of table `metric` follow from the histograms beside them.
enum MetricCheck {
  /// What contradicts in one workload's summary.
  static func contradictions(in workload: WorkloadSummary) -> [String] {
    var found: [String] = []
    let owner = workload.name.isEmpty ? "all workloads" : "workload \(workload.name)"
    for metric in StoredMetric.allCases {
      let wrong = wrongFigures(
        workload[keyPath: metric.figures], workload[keyPath: metric.histogram])
      if !wrong.isEmpty {
        let list = wrong.joined(separator: ", ")
        found.append("\(metric) of \(owner): \(list) not as its histogram gives")
      }
    }
    let total = LatencyLabel.allCases.reduce(0) { $0 &+ workload.decomposition.sums[$1] }
    if total != workload.e2eHistogram.sum {
      found.append("decomposition of \(owner): the parts do not sum to the end-to-end times")
    }
    return found
  }

  private static func wrongFigures(
    _ figures: MetricSummary, _ histogram: LatencyHistogram
  ) -> [String] {
    guard (histogram.count...1 << 53).contains(figures.count) else { return ["count"] }
    var wrong: [String] = []
    let mean =
      histogram.count > 0 ? Double(histogram.sum) / Double(histogram.count) / 1e9 : nil
    if figures.mean != mean { wrong.append("mean") }
    let percentiles: [(Int64, String, Double?)] = [
      (50, "p50", figures.p50), (90, "p90", figures.p90), (95, "p95", figures.p95),
      (99, "p99", figures.p99),
    ]
    for (percent, name, seconds) in percentiles {
      // Nearest rank; counted values beyond the histogram's missed, and come last.
      let rank = (percent * figures.count + 99) / 100
      if !agrees(seconds, histogram, rank: rank) { wrong.append(name) }
    }
    let greatest = figures.count > histogram.count ? Int64.max : histogram.count
    if !agrees(figures.max, histogram, rank: greatest) { wrong.append("max") }
    return wrong
  }

  /// Whether the value at a rank is the histogram's, as finely as its buckets tell.
  private static func agrees(_ seconds: Double?, _ histogram: LatencyHistogram, rank: Int64) -> Bool
  {
    guard histogram.count > 0, rank <= histogram.count else { return seconds == nil }
    guard let seconds, seconds >= 0, seconds < 9e9 else { return false }
    let nanoseconds = Int64((seconds * 1e9).rounded())
    return LatencyHistogram.bucket(of: nanoseconds)
      == LatencyHistogram.bucket(of: histogram.value(atRank: rank))
  }
}
