import Serving

/// The latencies of table `metric`, and where a summary has them.
enum StoredMetric: String, CaseIterable {
  case ttft, tpot, itl, e2e

  var figures: WritableKeyPath<WorkloadSummary, MetricSummary> {
    switch self {
    case .ttft: \.ttft
    case .tpot: \.tpot
    case .itl: \.itl
    case .e2e: \.e2e
    }
  }

  var histogram: WritableKeyPath<WorkloadSummary, LatencyHistogram> {
    switch self {
    case .ttft: \.ttftHistogram
    case .tpot: \.tpotHistogram
    case .itl: \.itlHistogram
    case .e2e: \.e2eHistogram
    }
  }
}

/// The sums of table `decomposition_sum`, and where a summary has them.
enum StoredDecomposition: CaseIterable {
  case all, p90, p99, firstToken

  /// Whether the parts sum to the end-to-end time or to the time to the first token.
  var span: String { self == .firstToken ? "ttft" : "e2e" }

  /// Over which completed requests: all, or those at or above a quantile of the end-to-end time.
  var band: String {
    switch self {
    case .all, .firstToken: "all"
    case .p90: "p90"
    case .p99: "p99"
    }
  }

  var figures: WritableKeyPath<WorkloadSummary, DecompositionSummary> {
    switch self {
    case .all: \.decomposition
    case .p90: \.p90Decomposition
    case .p99: \.tailDecomposition
    case .firstToken: \.ttftDecomposition
    }
  }
}
