import JSON

extension OperatorLaws {
  /// Takes the laws of a profile.
  ///
  /// - Throws: `ProfileFault` for a section or a number that no law has, a number that is missing, and
  ///   one outside the bounds of physical sense.
  public init(_ profile: GPUProfile) throws(ProfileFault) {
    self = .blank(profile.kernels, hasFP8: profile.sections.contains("gemmFP8"))
    for section in profile.sections where section != GPUProfile.datasheetSection {
      guard Self.sections.contains(section) else {
        throw ProfileFault(
          path: .root.key(section), offset: 0, found: "an unknown section",
          needed: "one of " + Self.sections.joined(separator: ", "))
      }
    }
    for coefficient in Self.coefficients where coefficient.value(self) != nil {
      let path = JSONPath.root.key(coefficient.section).key(coefficient.name)
      guard let number = profile.number(coefficient.section, coefficient.name) else {
        throw ProfileFault(
          path: path, offset: 0, found: "nothing",
          needed: "\(coefficient.meaning) (\(coefficient.unit))")
      }
      let bounds = coefficient.bounds
      guard bounds.contains(number.value), number.unit == coefficient.unit else {
        throw ProfileFault(
          path: path, offset: 0, found: "\(plain(number.value)) \(number.unit)",
          needed: "a value from \(plain(bounds.lowerBound)) to \(plain(bounds.upperBound)) "
            + coefficient.unit)
      }
      coefficient.set(&self, number.value)
    }
    for number in profile.numbers where number.section != GPUProfile.datasheetSection {
      let names = Self.coefficients.filter { $0.section == number.section }.map(\.name)
      guard names.contains(number.name) else {
        throw ProfileFault(
          path: .root.key(number.section).key(number.name), offset: 0, found: "an unknown number",
          needed: "one of " + names.joined(separator: ", "))
      }
    }
  }

  /// The laws' numbers for a profile, all of one origin and source; without `ranges` they are exact.
  ///
  /// - Parameters:
  ///   - origin: how they came about.
  ///   - source: who measured them, or what they were derived from.
  ///   - range: how far a coefficient can be off, nil where nothing tells.
  /// - Returns: one number for each coefficient.
  public func numbers(
    _ origin: FigureOrigin, source: String,
    range: (LawCoefficient) -> ClosedRange<Double>? = { _ in nil }
  ) -> [ProfileNumber] {
    Self.coefficients.compactMap { coefficient in
      coefficient.value(self).map { value in
        var known = range(coefficient) ?? value...value
        known = min(known.lowerBound, value)...max(known.upperBound, value)
        return ProfileNumber(
          section: coefficient.section, name: coefficient.name, value: value, range: known,
          unit: coefficient.unit, origin: origin, source: source)
      }
    }
  }

  /// Laws whose numbers are all still to be filled in.
  private static func blank(_ kernels: GEMMKernels, hasFP8: Bool) -> OperatorLaws {
    func lowest<Law: OperatorLaw>(_ coefficients: [Coefficient<Law>]) -> [Double] {
      coefficients.map(\.bounds.lowerBound)
    }
    return OperatorLaws(
      gemm: GEMMLaw(kernels: kernels, values: lowest(GEMMLaw.coefficients)),
      gemmFP8: hasFP8
        ? ScaledGEMMLaw(kernels: kernels, values: lowest(ScaledGEMMLaw.coefficients)) : nil,
      elementwise: ElementwiseLaw(values: lowest(ElementwiseLaw.coefficients)),
      prefillAttention: .blank, decodeAttention: .blank, experts: .blank,
      expertsFP8: hasFP8
        ? ExpertsFP8Law(quantiseNanoseconds: 0, streamingShare: 1, computingShare: 1) : nil)
  }
}

extension PrefillAttentionLaw {
  fileprivate static let blank = PrefillAttentionLaw(
    floor: 1, efficiency: 1, block: 0, trafficEfficiency: 1, intake: 1, throttle: 0)
}

extension DecodeAttentionLaw {
  fileprivate static let blank = DecodeAttentionLaw(
    floor: 1, combine: 0, token: 0, memoryEfficiency: 1, intake: 1, dispatch: 0, overlap: 0,
    packsGroups: false)
}

extension ExpertsLaw {
  fileprivate static let blank = ExpertsLaw(
    floorNanoseconds: 1, expertParallelNanoseconds: 0, streamingShare: 1, computingShare: 1,
    permuteRatio: 0, rereadShare: 0, tileNanoseconds: 0, level2Ratio: 1)
}
