/// The tables and views of a results file, in the order in which exports list them.
public enum ResultsTable: String, Sendable, CaseIterable {
  case run
  case runTotal = "run_total"
  case model
  case workload
  case metric
  case decompositionSum = "decomposition_sum"
  case request
  case replica
  case tier
  case replicaTier = "replica_tier"
  case stage
  case stageHistogram = "stage_histogram"
  case gpu
  case link
  case allocation
  case allocationWait = "allocation_wait"
  case fragmentation
  case freeBlock = "free_block"
  case scalingDecision = "scaling_decision"
  case sample
  case provenance
  case latency
  case decomposition
  case ttftDecomposition = "ttft_decomposition"

  /// Whether it is computed from other tables.
  public var isView: Bool {
    switch self {
    case .latency, .decomposition, .ttftDecomposition: true
    default: false
    }
  }

  /// The column with the run's id.
  var runColumn: String { self == .run ? "id" : "run_id" }

  /// The columns that order its rows; each row has a different combination.
  var ordering: String {
    switch self {
    case .run: "id"
    case .runTotal, .provenance, .fragmentation: "run_id"
    case .allocationWait: "run_id, position"
    case .freeBlock: "run_id, gpus"
    case .model, .workload: "run_id, position"
    case .metric, .latency: "run_id, workload, metric"
    case .decompositionSum: "run_id, workload, span, band, part"
    case .decomposition: "run_id, workload, band, part"
    case .ttftDecomposition: "run_id, workload, part"
    case .request: "run_id, request_id"
    case .replica: "run_id, replica_id"
    case .tier: "run_id, level"
    case .replicaTier: "run_id, replica_id, level"
    case .stage, .stageHistogram: "run_id, replica_id, stage"
    case .gpu: "run_id, gpu"
    case .link: "run_id, link"
    case .allocation: "run_id, allocation_id"
    case .scalingDecision: "run_id, decision_id"
    case .sample: "run_id, sample_id"
    }
  }
}
