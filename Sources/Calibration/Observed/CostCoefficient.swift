import Hardware
import Inference
public import Serving

/// A number of the cost model that might explain why an engine is not as fast as simulated.
public struct CostCoefficient: Sendable {
  /// What it is called, such as `host per step`.
  public let name: String
  /// The unit of its value: `ms`, `us` or `times`.
  public let unit: String
  /// Values that may be tried.
  public let range: ClosedRange<Double>
  /// What a scenario says now.
  public let value: @Sendable (Scenario) -> Double?
  /// Changes it in all models and GPUs of a scenario.
  public let set: @Sendable (inout Scenario, Double) -> Void
  /// The words that put a value into a scenario file, nil where there is no such key.
  public let setting: @Sendable (Double) -> String?

  /// The coefficients that are tried, in the order in which ties are told.
  public static let all: [CostCoefficient] =
    [
      host(
        "host per step", "ms", \.hostNanosecondsPerStep, nanoseconds: 1e6, range: 0...20,
        key: "hostPerStep"),
      host(
        "host per sampled sequence", "us", \.hostNanosecondsPerSequence, nanoseconds: 1e3,
        range: 0...200, key: "hostPerSequence"),
      factor("all GPU work but communication", \.computeFactor, key: "computeFactor"),
      factor("all-reduces", \.communicationFactor, key: "communicationFactor"),
    ] + [
      share(
        "memory bandwidth reached",
        [
          "gemm.memory", "gemmFP8.memory", "decodeAttention.memoryEfficiency",
          "decodeAttention.intake", "experts.streaming", "expertsFP8.streaming",
        ]),
      share(
        "FLOP/s reached",
        [
          "gemm.math", "gemmFP8.math", "prefillAttention.efficiency", "experts.computing",
          "expertsFP8.computing",
        ]),
      share(
        "kernel floors",
        [
          "gemm.floor", "gemmFP8.floor", "elementwise.floor", "prefillAttention.floor",
          "decodeAttention.floor", "decodeAttention.combine", "experts.floor", "expertsFP8.floor",
        ], range: 0.25...8),
    ]

  private static func host(
    _ name: String, _ unit: String,
    _ path: any WritableKeyPath<RooflineCost, Int64> & Sendable, nanoseconds: Double,
    range: ClosedRange<Double>, key: String
  ) -> CostCoefficient {
    CostCoefficient(
      name: name, unit: unit, range: range,
      value: { $0.roofline.map { Double($0[keyPath: path]) / nanoseconds } },
      set: { scenario, value in
        scenario.changeRoofline { $0[keyPath: path] = Int64((value * nanoseconds).rounded()) }
      },
      setting: { "models[0].cost.\(key)=\(Int64(($0 * nanoseconds).rounded()))ns" })
  }

  private static func factor(
    _ name: String, _ path: any WritableKeyPath<RooflineCost, Double> & Sendable, key: String
  ) -> CostCoefficient {
    CostCoefficient(
      name: name, unit: "times", range: 0.25...8, value: { $0.roofline?[keyPath: path] },
      set: { scenario, value in scenario.changeRoofline { $0[keyPath: path] = value } },
      setting: { "models[0].cost.\(key)=\(($0 * 1_000).rounded() / 1_000)" })
  }

  /// Some coefficients of the GPUs' laws together, as a factor on what they are.
  private static func share(
    _ name: String, _ paths: [String], range: ClosedRange<Double> = 0.3...1.5
  ) -> CostCoefficient {
    CostCoefficient(
      name: name, unit: "times", range: range, value: { $0.roofline == nil ? nil : 1 },
      set: { scenario, factor in
        for index in scenario.cluster.nodes.indices {
          scenario.cluster.nodes[index].gpu.laws.multiply(paths, by: factor)
        }
      },
      setting: { _ in nil })
  }
}

extension Scenario {
  /// The first model's cost by operators, nil where it is given otherwise.
  fileprivate var roofline: RooflineCost? {
    if case .roofline(let cost)? = models.first?.cost { cost } else { nil }
  }

  fileprivate mutating func changeRoofline(_ change: (inout RooflineCost) -> Void) {
    for index in models.indices {
      guard case .roofline(var cost) = models[index].cost else { continue }
      change(&cost)
      models[index].cost = .roofline(cost)
    }
  }
}

extension OperatorLaws {
  /// Multiplies coefficients, each within its bounds.
  fileprivate mutating func multiply(_ paths: [String], by factor: Double) {
    for coefficient in Self.coefficients
    where paths.contains(coefficient.section + "." + coefficient.name) {
      guard let value = coefficient.value(self) else { continue }
      let bounds = coefficient.bounds
      coefficient.set(&self, min(max(value * factor, bounds.lowerBound), bounds.upperBound))
    }
  }
}
