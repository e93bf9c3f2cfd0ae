import Hardware
import Inference

/// Predictions of measured collectives of one GPU type.
struct CollectivePredictor {
  let gpu: GPUSpecification

  /// Which rows count as seen by the tables that predict them.
  enum Seen: Sendable, Hashable {
    /// Those whose size one of the GPU's tables holds.
    case tabled
    /// None.
    case none
    /// Those of the half of sizes that fits see.
    case half
    /// All.
    case all
  }

  /// The rows inside one node with their predictions, and why others have none.
  func rows(
    _ measurements: [CollectiveMeasurement], seen: Seen
  ) -> (rows: [FidelityRow], leftOut: [String]) {
    var laws: [LawKey: CollectiveLaw] = [:]
    var rows: [FidelityRow] = []
    var leftOut: [String] = []
    for row in measurements {
      guard row.nodes == 1 else {
        leftOut.append("across nodes, over a network that the table does not describe")
        continue
      }
      let key = LawKey(
        operation: row.operation, ranks: row.ranks, implementation: row.implementation)
      let law = laws[key] ?? self.law(key)
      laws[key] = law
      var comparison = Comparison(row, predicted: law.nanoseconds(bytes: row.bytes))
      comparison.isHeldOut = !isSeen(row, seen)
      rows.append(
        FidelityRow(
          comparison, row.operation.measured, variant: row.implementation.shownName,
          ranks: row.ranks, roofline: rooflineNanoseconds(row)))
    }
    return (rows, leftOut)
  }

  /// The links over which GPUs of one node talk.
  var link: LinkKind { gpu.nvlinkTopology == .none ? .pcie : .nvlink }

  private struct LawKey: Hashable {
    var operation: CollectiveOperation
    var ranks: Int
    var implementation: AllReduceImplementation
  }

  private func law(_ key: LawKey) -> CollectiveLaw {
    CollectiveLaw(
      operation: key.operation, ranks: key.ranks, fabric: fabric(ranks: key.ranks), gpu: gpu,
      implementation: key.implementation)
  }

  private func fabric(ranks: Int) -> TensorFabric {
    switch gpu.nvlinkTopology {
    case .switch: .nvlinkSwitch
    case .pairs where ranks == 2: .nvlinkPair
    case .pairs, .none: .pcie(PCIePath())
    }
  }

  private func isSeen(_ row: CollectiveMeasurement, _ seen: Seen) -> Bool {
    switch seen {
    case .none: return false
    case .all: return true
    case .half: return !HeldOut.contains(row.shape)
    case .tabled:
      let tables = gpu.collectives.of(row.operation, row.implementation, link)
      return tables.contains { $0.ranks == row.ranks && $0.bytes.contains(row.bytes) }
    }
  }

  /// Nanoseconds by the plain datasheet: a ring's bytes of each GPU over the link.
  private func rooflineNanoseconds(_ row: CollectiveMeasurement) -> Double {
    let bandwidth =
      link == .nvlink ? gpu.nvlinkBandwidthBytesPerSecond : gpu.pcieBandwidthBytesPerSecond
    return row.operation.share(ranks: row.ranks) * row.bytes / bandwidth * 1e9
  }
}

extension CollectiveOperation {
  /// The same among all operators.
  fileprivate var measured: MeasuredOperator {
    switch self {
    case .allReduce: .allReduce
    case .allGather: .allGather
    case .reduceScatter: .reduceScatter
    case .allToAll: .allToAll
    case .sendReceive: .sendReceive
    }
  }
}

extension AllReduceImplementation {
  /// Who performs it, as errors are grouped.
  fileprivate var shownName: String {
    switch self {
    case .customGraph: "in graph"
    case .customEager: "eager"
    case .nccl: "NCCL"
    case .ring: "ring"
    }
  }
}
