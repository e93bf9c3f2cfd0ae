/// The errors that predictions must not exceed: the project's targets.
///
/// They hold for tables in the columns of aiconfigurator or our own, fitted on half of each table's
/// shapes (`HeldOut`) and scored on the other half, at sizes of language models.
public struct FidelityTarget: Sendable, Hashable {
  /// What it is about, such as `GEMM bf16`.
  public var name: String
  /// The GPU.
  public var gpu: String
  /// The largest mean relative error (MAPE) as a share.
  public var mean: Double
  private var scope: Scope

  private enum Scope: Sendable, Hashable {
    case operators(MeasuredOperator, String)
    /// All-reduce replayed in a graph, on a number of GPUs that no fit saw.
    case unseenRanks(Int)
    case collectives
  }

  /// What a target says of a report.
  public struct Verdict: Sendable, Hashable {
    /// The target.
    public var target: FidelityTarget
    /// The errors of the rows that it is about; nil where the tables have none.
    public var summary: ErrorSummary?
    /// Whether it is missed.
    public var isMissed: Bool { summary.map { $0.mean > target.mean } ?? false }
  }

  /// Whether a row counts.
  func covers(_ row: FidelityRow, of table: FidelityTable) -> Bool {
    guard table.gpu == gpu, [.aiconfigurator, .own].contains(table.source),
      row.comparison.isServingSize
    else { return false }
    switch scope {
    case .operators(let operation, let variant):
      return row.operation == operation && row.variant == variant && row.comparison.isHeldOut
    case .unseenRanks(let ranks):
      // Fits see 2 and 8 GPUs; of others no size is seen.
      return row.operation == .allReduce && row.variant == "in graph" && row.ranks == ranks
    case .collectives:
      return row.operation.isCollective && row.comparison.isHeldOut
    }
  }

  /// All of them.
  public static let all: [FidelityTarget] =
    each("GEMM bf16", .operators(.gemm, "bf16"), [6, 7, 11])
    + each("GEMM fp8", .operators(.gemm, "fp8"), [8, nil, 10])
    + each("decode attention", .operators(.decodeAttention, "bf16"), [5, 9, 8])
    + each("prefill attention", .operators(.prefillAttention, "bf16"), [8, 8, 8])
    + each("experts bf16", .operators(.experts, "bf16"), [10, 18, 18])
    + each("all-reduce in graph, 4 GPUs", .unseenRanks(4), [8, 8, nil])
    + each("collectives", .collectives, [8, 6, 12])

  /// A target in per cent for each of three GPUs.
  private static func each(
    _ name: String, _ scope: Scope, _ percent: [Double?]
  ) -> [FidelityTarget] {
    zip(["h100-sxm", "a100-sxm", "l40s"], percent).compactMap { gpu, percent in
      percent.map { FidelityTarget(name: name, gpu: gpu, mean: $0 / 100, scope: scope) }
    }
  }
}
