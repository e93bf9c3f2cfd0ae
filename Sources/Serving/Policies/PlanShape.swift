public import Inference

/// How a plan deals a model's layers out to its stages where it does not list them.
public enum LayerDeal: Sendable, Hashable {
  /// As equal numbers of layers as can be.
  case even
  /// As equal times as can be in a step.
  case balanced(for: ReferenceStep)
}

/// A plan as a scenario writes it; without layers they are dealt out.
public struct PlanShape: Sendable, Hashable {
  /// GPUs of one stage.
  public var tensor: Int
  /// Pipeline stages.
  public var stages: Int
  /// Layers of each virtual stage, first to last.
  public var layers: [Int]?
  /// How layers are dealt out that are not listed.
  public var deal: LayerDeal
  /// Parts of the layers that each stage holds.
  public var virtualStages: Int
  /// On which stages they lie.
  public var topology: StageTopology

  /// Creates a plan shape.
  public init(
    tensor: Int, stages: Int, layers: [Int]? = nil, deal: LayerDeal = .even,
    virtualStages: Int = 1, topology: StageTopology = .loop
  ) {
    self.tensor = tensor
    self.stages = stages
    self.layers = layers
    self.deal = deal
    self.virtualStages = virtualStages
    self.topology = topology
  }

  /// GPUs of the whole replica.
  public var gpuCount: Int { tensor * stages }
}

extension PlanShape {
  /// The keys of a plan, in the order in which help lists them.
  public static let options = [
    OptionDescription(
      "tensor", .integer(1...64), default: .integer(1), "GPUs of a stage (tensor-parallel degree)"),
    OptionDescription("stages", .integer(1...256), default: .integer(1), "pipeline stages"),
    OptionDescription(
      "layers", .integers(1...10_000), "layers of each stage, first to last (default: even)"),
    OptionDescription(
      "partition", .choice(["even", "balanced"]),
      "layers of each stage where they are not listed: equal numbers (default) or equal times"),
    OptionDescription(
      "balanceFor", .choice(ReferenceStep.allCases.map(\.rawValue)),
      "the step in which times are to be equal (default: decode)"),
    OptionDescription(
      "virtualStages", .integer(1...256),
      "parts of the layers on each stage, passed in turn (default: 1)"),
    OptionDescription(
      "topology", .choice(StageTopology.allCases.map(\.rawValue)),
      "whether virtual stages go on at the first stage (default: loop) or fold back"),
  ]

  /// Reads checked options.
  public init(_ values: OptionValues) {
    self.init(tensor: values.integer("tensor"), stages: values.integer("stages"))
    if case .integers(let list)? = values["layers"] { layers = list.map { Int($0) } }
    if case .choice("balanced")? = values["partition"] {
      deal = .balanced(for: values.word("balanceFor").flatMap(ReferenceStep.init) ?? .decode)
    }
    if case .integer(let parts)? = values["virtualStages"] { virtualStages = Int(parts) }
    topology = values.word("topology").flatMap(StageTopology.init) ?? .loop
  }

  /// Options that are each legal alone and not together.
  public static func faults(in values: OptionValues) -> [OptionFault] {
    var faults: [OptionFault] = []
    if values["layers"] != nil, let partition = values.word("partition") {
      faults.append(
        OptionFault(
          key: "partition", found: "\"\(partition)\" beside \"layers\"",
          expected: "only one of the two"))
    }
    if let step = values.word("balanceFor"), values.word("partition") != "balanced" {
      faults.append(
        OptionFault(
          key: "balanceFor", found: "\"\(step)\" without \"partition\": \"balanced\"",
          expected: "to stand beside it, or to be left out"))
    }
    let shape = PlanShape(values)
    if shape.virtualStages > 1, shape.stages == 1 {
      faults.append(
        OptionFault(
          key: "virtualStages", found: "\(shape.virtualStages) on one stage",
          expected: "1, or \"stages\" of at least 2"))
    }
    if let topology = values.word("topology"), shape.virtualStages == 1 {
      faults.append(
        OptionFault(
          key: "topology", found: "\"\(topology)\" with one virtual stage a stage",
          expected: "\"virtualStages\" of at least 2, or to be left out"))
    }
    return faults
  }
}

extension PlanShape {
  /// Why its virtual stages cannot be dealt out evenly; nil when they can, or need not.
  public func dealFault(of layers: Int) -> PlanFault? {
    let parts = stages * virtualStages
    guard virtualStages > 1, self.layers == nil, deal == .even, parts <= layers,
      layers % parts != 0
    else { return nil }
    let legal = (1...max(1, layers / stages)).filter {
      $0 == 1 || layers % (stages * $0) == 0
    }
    return .virtualStagesNotDivisible(
      layers: layers, stages: stages, virtualStages: virtualStages, legal: legal)
  }
}

extension OptionValues {
  /// A word that may be left out.
  fileprivate func word(_ key: String) -> String? {
    if case .choice(let word)? = self[key] { word } else { nil }
  }
}
