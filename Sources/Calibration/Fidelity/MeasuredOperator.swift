/// What a row of a measured table times.
public enum MeasuredOperator: String, Sendable, Hashable, CaseIterable {
  /// A matrix product.
  case gemm = "GEMM"
  /// Attention of prompts.
  case prefillAttention = "prefill attention"
  /// Attention of sequences that add one token each.
  case decodeAttention = "decode attention"
  /// The experts of a mixture-of-experts layer.
  case experts
  /// A kernel that only passes over its data.
  case elementwise
  /// The sum over all GPUs, on all GPUs.
  case allReduce = "all-reduce"
  /// The parts of all GPUs, on all GPUs.
  case allGather = "all-gather"
  /// A part of the sum on each GPU.
  case reduceScatter = "reduce-scatter"
  /// A part from each GPU to each.
  case allToAll = "all-to-all"
  /// A message between two GPUs.
  case sendReceive = "send/receive"

  /// Whether several GPUs take part.
  public var isCollective: Bool {
    switch self {
    case .gemm, .prefillAttention, .decodeAttention, .experts, .elementwise: false
    case .allReduce, .allGather, .reduceScatter, .allToAll, .sendReceive: true
    }
  }
}

/// Whose columns a table has.
public enum TableSource: String, Sendable, Hashable, CaseIterable {
  /// Kernel tables of ai-dynamo/aiconfigurator.
  case aiconfigurator
  /// Profiles of microsoft/vidur and of NetX-lab/Frontier, which writes the same columns.
  case vidur = "Vidur"
  /// Communication tables of microsoft/apex_plus.
  case apex = "APEX+"
  /// What the programs of NVIDIA/nccl-tests print.
  case ncclTests = "nccl-tests"
  /// The columns of `docs/calibration.md`.
  case own
}

/// A row of a table beside its prediction and the datasheet's.
public struct FidelityRow: Sendable, Hashable {
  /// What was measured and predicted.
  public var comparison: Comparison
  /// What is timed.
  public var operation: MeasuredOperator
  /// The number format, or who carries a collective out: `bf16`, `fp8`, `NCCL`, `in graph`.
  public var variant: String
  /// GPUs that take part.
  public var ranks: Int
  /// Nanoseconds by the plain datasheet: all operations at the peak, all bytes at the bandwidth, the
  /// slower of both, without floors and caches.
  public var roofline: Double

  /// Creates a row.
  public init(
    _ comparison: Comparison, _ operation: MeasuredOperator, variant: String, ranks: Int = 1,
    roofline: Double
  ) {
    self.comparison = comparison
    self.operation = operation
    self.variant = variant
    self.ranks = ranks
    self.roofline = roofline
  }

  /// (roofline − measured) / measured.
  public var rooflineError: Double { (roofline - comparison.measured) / comparison.measured }
}

/// Rows of a table that are not compared, for one reason.
public struct LeftOutRows: Sendable, Hashable {
  /// Why.
  public var reason: String
  /// How many.
  public var count: Int

  /// Creates a note.
  public init(reason: String, count: Int) {
    self.reason = reason
    self.count = count
  }

  /// One note for each reason, in the order in which they come up.
  static func counted(_ reasons: [String]) -> [LeftOutRows] {
    var notes: [LeftOutRows] = []
    for reason in reasons {
      if let place = notes.firstIndex(where: { $0.reason == reason }) {
        notes[place].count += 1
      } else {
        notes.append(LeftOutRows(reason: reason, count: 1))
      }
    }
    return notes
  }
}

/// A table with the predictions for its rows.
public struct FidelityTable: Sendable, Hashable {
  /// The file: its path below the folder that was asked for, or its base name.
  public var name: String
  /// Whose columns it has.
  public var source: TableSource
  /// The GPU of the catalogue on which it was measured.
  public var gpu: String
  /// The rows compared.
  public var rows: [FidelityRow]
  /// The rows left out.
  public var leftOut: [LeftOutRows]

  /// Creates a table.
  public init(
    name: String, source: TableSource, gpu: String, rows: [FidelityRow], leftOut: [LeftOutRows]
  ) {
    self.name = name
    self.source = source
    self.gpu = gpu
    self.rows = rows
    self.leftOut = leftOut
  }
}
