/// Figures that are off together, because they were measured or fitted together.
public enum FigureGroup: String, Sendable, Hashable, CaseIterable {
  /// Matrix products.
  case gemm
  /// Attention of prompts and of decoding sequences.
  case attention
  /// Mixtures of experts.
  case experts
  /// Norms, activations, look-ups, the sampler's passes.
  case elementwise
  /// What GPUs reach over the links between them.
  case links
  /// What the host adds to steps.
  case host

  /// The group of a section of a GPU profile, nil where it is no law's.
  public init?(section: String) {
    switch section {
    case "gemm", "gemmFP8": self = .gemm
    case "prefillAttention", "decodeAttention": self = .attention
    case "experts", "expertsFP8": self = .experts
    case "elementwise": self = .elementwise
    default: return nil
    }
  }
}

/// An end of the range in which a figure lies: the one by which steps are faster, or slower.
public enum RangeEnd: String, Sendable, Hashable, CaseIterable {
  /// Steps take the least time.
  case fast
  /// Steps take the most time.
  case slow
}

extension GPUSpecification {
  /// How far figures of links can be off, as no range comes with them: an assumption, a tenth of the
  /// time either way.
  static let linkDeviation = 0.1

  /// The same device with all figures of some groups at an end of their ranges.
  ///
  /// Never outside what makes physical sense: no share of a datasheet figure above 1.
  public func at(_ end: RangeEnd, of groups: [FigureGroup]) -> GPUSpecification {
    var changed = self
    for coefficient in OperatorLaws.coefficients
    where coefficient.effect == .faster || coefficient.effect == .slower {
      guard let group = FigureGroup(section: coefficient.section), groups.contains(group),
        let number = lawNumbers.first(where: {
          $0.section == coefficient.section && $0.name == coefficient.name
        }), number.range.lowerBound < number.range.upperBound
      else { continue }
      let isHigh = (coefficient.effect == .faster) == (end == .fast)
      let value = isHigh ? number.range.upperBound : number.range.lowerBound
      let bounds = coefficient.bounds
      coefficient.set(&changed.laws, min(max(value, bounds.lowerBound), bounds.upperBound))
    }
    if groups.contains(.links) { changed.moveLinks(to: end) }
    return changed
  }

  private mutating func moveLinks(to end: RangeEnd) {
    let factor = end == .fast ? 1 - Self.linkDeviation : 1 + Self.linkDeviation
    nvlink = nvlink?.taking(factor, most: nvlinkBandwidthBytesPerSecond)
    pcie = pcie.taking(factor, most: pcieBandwidthBytesPerSecond)
    networkMessageNanoseconds *= factor
    collectives = collectives.map { $0.stretched(by: factor) }
  }
}

extension LinkFigures {
  /// Links over which everything takes `factor` times as long, within the datasheet's bytes/s.
  fileprivate func taking(_ factor: Double, most limit: Double) -> LinkFigures {
    LinkFigures(
      messageNanoseconds: messageNanoseconds * factor,
      messageBytesPerSecond: min(messageBytesPerSecond / factor, max(limit, messageBytesPerSecond)),
      ringStepNanoseconds: ringStepNanoseconds * factor,
      ringBytesPerSecond: min(ringBytesPerSecond / factor, max(limit, ringBytesPerSecond)))
  }
}
