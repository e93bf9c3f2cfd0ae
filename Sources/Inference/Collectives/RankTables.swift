import EventKernel
import Hardware

/// The law of a collective in the number of GPUs: between two measured tables, and beyond them.
///
/// What a message takes grows by steps, as many as GPUs, while it is short, and by the ring's bytes per
/// GPU, (n − 1)/n, while it is long; a message in between is in between as far as it is longer than the
/// shortest. vLLM's own all-reduce reads n − 1 whole peers below 256 KiB (512 KiB up to 4 GPUs) and a
/// share of each above. Over PCIe without peer-to-peer, where tables differ many times over, it goes by
/// equal factors.
struct RankTables: Sendable {
  /// Prepared for the number of GPUs, never falling.
  private let table: CollectiveTable
  /// The number of GPUs of the only table there is.
  let onlyRanks: Int?

  /// Takes the tables around `ranks`, or the last two below; nil without any.
  init?(_ tables: [CollectiveTable], ranks: Int) {
    guard let first = tables.first, let last = tables.last else { return nil }
    let above = tables.first { $0.ranks >= ranks } ?? last
    if above.ranks == ranks || tables.count == 1 {
      table = above
      onlyRanks = above.ranks
      return
    }
    onlyRanks = nil
    let below = tables.last { $0.ranks < above.ranks } ?? first
    let weights = RankWeights(below, above, ranks: ranks)
    var sizes = Set(below.bytes + above.bytes)
    if let switching = weights.oneShotBytes {
      sizes.formUnion([switching - 1, switching])
    }
    let bytes = sizes.sorted()
    table = CollectiveTable(
      link: above.link, operation: above.operation, implementation: above.implementation,
      ranks: ranks, bytes: bytes, nanoseconds: bytes.map(weights.nanoseconds))
  }

  /// Nanoseconds of a message.
  func nanoseconds(bytes: Double) -> Double { table.nanoseconds(bytes: bytes) }
}

/// How far a number of GPUs lies from one table to another.
private struct RankWeights {
  private let low: CollectiveTable
  private let high: CollectiveTable
  private let byRanks: Double
  private let byShare: Double
  private let byFactors: Double?
  /// From this size on vLLM's own all-reduce reduces and gathers in two steps.
  let oneShotBytes: Double?

  init(_ low: CollectiveTable, _ high: CollectiveTable, ranks: Int) {
    (self.low, self.high) = (low, high)
    byRanks = Double(ranks - low.ranks) / Double(high.ranks - low.ranks)
    let others = Self.others(low.ranks)
    byShare = (Self.others(ranks) - others) / (Self.others(high.ranks) - others)
    let steps =
      (Self.logarithm(ranks) - Self.logarithm(low.ranks))
      / (Self.logarithm(high.ranks) - Self.logarithm(low.ranks))
    byFactors = high.link == .pcie && ranks <= high.ranks ? steps : nil
    oneShotBytes = high.implementation == .nccl ? nil : ranks <= 4 ? 524_288 : 262_144
  }

  func nanoseconds(bytes: Double) -> Double {
    let fewer = low.nanoseconds(bytes: bytes)
    let more = max(fewer, high.nanoseconds(bytes: bytes))
    if let byFactors { return fewer * DeterministicMath.pow(more / fewer, byFactors) }
    let weight: Double
    if let oneShotBytes {
      weight = bytes < oneShotBytes ? byRanks : byShare
    } else {
      weight = byRanks + (byShare - byRanks) * (1 - high.nanoseconds[0] / more)
    }
    return fewer + weight * (more - fewer)
  }

  private static func others(_ ranks: Int) -> Double { Double(ranks - 1) / Double(ranks) }

  private static func logarithm(_ ranks: Int) -> Double { DeterministicMath.log(Double(ranks)) }
}
