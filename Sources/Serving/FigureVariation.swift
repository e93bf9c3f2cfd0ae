public import Hardware
import Inference

/// Some of a scenario's uncertain figures at one end of their ranges.
public struct FigureVariation: Sendable, Hashable {
  /// The groups that move together.
  public var groups: [FigureGroup]
  /// To which end.
  public var end: RangeEnd

  /// Creates a variation.
  public init(_ groups: [FigureGroup], _ end: RangeEnd) {
    self.groups = groups
    self.end = end
  }
}

extension Scenario {
  /// How far what the host takes can be off: an assumption, a quarter of the time either way, because
  /// hosts differ more than GPUs of one type do.
  private static let hostDeviation = 0.25

  /// The groups of figures that its runs depend on; none where all step costs are given.
  public var uncertainGroups: [FigureGroup] {
    let predicted = models.filter { if case .roofline = $0.cost { true } else { false } }
    guard !predicted.isEmpty else { return [] }
    return FigureGroup.allCases.filter { group in
      switch group {
      case .gemm, .attention, .elementwise, .host: true
      case .experts: predicted.contains { $0.architecture.experts != nil }
      case .links:
        schedulers.contains { $0.parallelism.allPlans.contains { $0.tensor * $0.stages > 1 } }
      }
    }
  }

  /// Each uncertain group at its ends, then all of them together, first fast and then slow.
  public var variations: [FigureVariation] {
    let groups = uncertainGroups
    guard !groups.isEmpty else { return [] }
    let single = groups.flatMap { group in
      RangeEnd.allCases.map { FigureVariation([group], $0) }
    }
    return single + RangeEnd.allCases.map { FigureVariation(groups, $0) }
  }

  /// The same scenario, traffic and seed included, with some figures at an end of their ranges.
  public func varied(_ variation: FigureVariation) -> Scenario {
    var varied = self
    for node in varied.cluster.nodes.indices {
      varied.cluster.nodes[node].gpu = cluster.nodes[node].gpu.at(
        variation.end, of: variation.groups)
    }
    guard variation.groups.contains(.host) else { return varied }
    let deviation = variation.end == .fast ? -Self.hostDeviation : Self.hostDeviation
    for model in varied.models.indices {
      if case .roofline(let cost) = models[model].cost {
        varied.models[model].cost = .roofline(cost.hostTaking(1 + deviation))
      }
    }
    return varied
  }
}

extension RooflineCost {
  /// The same cost on a host that takes `factor` times as long.
  fileprivate func hostTaking(_ factor: Double) -> RooflineCost {
    var changed = self
    func scale(_ path: WritableKeyPath<RooflineCost, Int64>) {
      changed[keyPath: path] = Int64((Double(changed[keyPath: path]) * factor).rounded())
    }
    scale(\.hostNanosecondsPerStep)
    scale(\.hostNanosecondsPerSampling)
    scale(\.hostNanosecondsPerSequence)
    scale(\.hostNanosecondsPerTensorStep)
    scale(\.launchNanosecondsPerKernel)
    return changed
  }
}
