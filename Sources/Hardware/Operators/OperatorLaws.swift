/// All laws of a GPU: what its kernels take.
public struct OperatorLaws: Sendable, Hashable {
  /// Matrix products in 16 bits, and of weights in fewer bits that are widened on their way.
  public var gemm: GEMMLaw
  /// FP8 products with the quantisation of their activations, nil without FP8 units.
  public var gemmFP8: ScaledGEMMLaw?
  /// Norms, activations, rotation, look-ups, the sampler's passes.
  public var elementwise: ElementwiseLaw
  /// Attention of prompts.
  public var prefillAttention: PrefillAttentionLaw
  /// Attention of sequences that add one token each.
  public var decodeAttention: DecodeAttentionLaw
  /// Mixtures of experts in 16 bits.
  public var experts: ExpertsLaw
  /// What FP8 changes about them, nil without FP8 units.
  public var expertsFP8: ExpertsFP8Law?

  /// Creates the laws of a GPU.
  public init(
    gemm: GEMMLaw, gemmFP8: ScaledGEMMLaw?, elementwise: ElementwiseLaw,
    prefillAttention: PrefillAttentionLaw, decodeAttention: DecodeAttentionLaw,
    experts: ExpertsLaw, expertsFP8: ExpertsFP8Law?
  ) {
    self.gemm = gemm
    self.gemmFP8 = gemmFP8
    self.elementwise = elementwise
    self.prefillAttention = prefillAttention
    self.decodeAttention = decodeAttention
    self.experts = experts
    self.expertsFP8 = expertsFP8
  }
}

/// A law's coefficient among all laws of a GPU.
public struct LawCoefficient: Sendable {
  /// The law's section in a profile, such as `gemm`.
  public let section: String
  /// The coefficient's name there.
  public let name: String
  /// Values that make physical sense.
  public let bounds: ClosedRange<Double>
  /// The unit.
  public let unit: String
  /// What it stands for.
  public let meaning: String
  /// What a larger value does to a kernel's time.
  public let effect: CoefficientEffect
  /// Its value, nil where a GPU does not have the law.
  public let value: @Sendable (OperatorLaws) -> Double?
  /// Changes it, where a GPU has the law.
  public let set: @Sendable (inout OperatorLaws, Double) -> Void

  fileprivate init<Law: OperatorLaw>(
    _ section: String, _ coefficient: Coefficient<Law>,
    _ law: @escaping @Sendable (OperatorLaws) -> Law?,
    _ setLaw: @escaping @Sendable (inout OperatorLaws, Law) -> Void
  ) {
    self.section = section
    (name, bounds, unit) = (coefficient.name, coefficient.bounds, coefficient.unit)
    (meaning, effect) = (coefficient.meaning, coefficient.effect)
    let keyPath = coefficient.keyPath
    value = { law($0)?[keyPath: keyPath] }
    set = { laws, value in
      guard var changed = law(laws) else { return }
      changed[keyPath: keyPath] = value
      setLaw(&laws, changed)
    }
  }
}

extension OperatorLaws {
  /// Every coefficient of every law, section by section in the order of a profile.
  public static let coefficients: [LawCoefficient] =
    GEMMLaw.coefficients.map { LawCoefficient("gemm", $0, { $0.gemm }, { $0.gemm = $1 }) }
    + ScaledGEMMLaw.coefficients.map {
      LawCoefficient("gemmFP8", $0, { $0.gemmFP8 }, { $0.gemmFP8 = $1 })
    }
    + ElementwiseLaw.coefficients.map {
      LawCoefficient("elementwise", $0, { $0.elementwise }, { $0.elementwise = $1 })
    }
    + PrefillAttentionLaw.coefficients.map {
      LawCoefficient("prefillAttention", $0, { $0.prefillAttention }, { $0.prefillAttention = $1 })
    }
    + DecodeAttentionLaw.coefficients.map {
      LawCoefficient("decodeAttention", $0, { $0.decodeAttention }, { $0.decodeAttention = $1 })
    }
    + ExpertsLaw.coefficients.map {
      LawCoefficient("experts", $0, { $0.experts }, { $0.experts = $1 })
    }
    + ExpertsFP8Law.coefficients.map {
      LawCoefficient("expertsFP8", $0, { $0.expertsFP8 }, { $0.expertsFP8 = $1 })
    }

  /// The sections of laws, in the order of a profile.
  public static let sections: [String] = coefficients.reduce(into: []) { names, coefficient in
    if names.last != coefficient.section { names.append(coefficient.section) }
  }
}
