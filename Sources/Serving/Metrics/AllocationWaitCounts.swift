import EventKernel
import Inference

/// The waits of demands by what they came to.
struct AllocationWaitCounts: Sendable {
  private struct Group: Sendable {
    var kind: AllocationKind
    var tensor: Int32
    var stages: Int32
    var summary = AllocationWaitSummary()
    var waits: [Nanoseconds] = []

    /// Replicas by plan, those without a grant behind them, tenants last.
    var place: [Int32] {
      [kind == .background ? 2 : tensor == 0 ? 1 : 0, tensor * stages, tensor]
    }

    var name: String {
      if kind == .background { return "background" }
      if tensor == 0 { return "none" }
      if tensor * stages == 1 { return "TP1" }
      return ParallelPlan.even(tensor: Int(tensor), stages: Int(stages), layers: 0).label
    }
  }

  private var groups: [Group] = []

  mutating func add(_ record: AllocationRecord) {
    let index = group(of: record)
    if record.granted != nil {
      groups[index].summary.granted += 1
    } else {
      groups[index].summary.abandoned += 1
    }
    groups[index].summary.causes += record.waits
    groups[index].waits.append(record.waited)
  }

  private mutating func group(of record: AllocationRecord) -> Int {
    let known = groups.firstIndex {
      $0.kind == record.kind && $0.tensor == record.tensor && $0.stages == record.stages
    }
    if let known { return known }
    groups.append(Group(kind: record.kind, tensor: record.tensor, stages: record.stages))
    return groups.count - 1
  }

  /// What was counted, plans first; it sorts the waits.
  var summaries: [AllocationWaitSummary] {
    groups.sorted { $0.place.lexicographicallyPrecedes($1.place) }.map { group in
      var summary = group.summary
      summary.plan = group.name
      summary.wait = MetricSummary(exact: group.waits)
      return summary
    }
  }
}

extension MetricSummary {
  /// Nearest-rank percentiles of times in nanoseconds.
  init(exact times: [Nanoseconds]) {
    self.init()
    count = Int64(times.count)
    guard !times.isEmpty else { return }
    let sorted = times.sorted()
    func rank(_ share: Int) -> Double {
      Double(sorted[Swift.max(0, (sorted.count * share + 99) / 100 - 1)]) / 1e9
    }
    mean = Double(sorted.reduce(Int128(0)) { $0 + Int128($1) }) / Double(sorted.count) / 1e9
    (p50, p90, p95, p99) = (rank(50), rank(90), rank(95), rank(99))
    max = Double(sorted[sorted.count - 1]) / 1e9
  }
}
