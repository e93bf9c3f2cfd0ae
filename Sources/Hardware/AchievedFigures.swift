/// What a device reaches, as the cost models need it.
public struct AchievedFigures: Sendable, Hashable {
  /// What matrix products in 16 bits reach.
  public var gemm: GEMMFigures
  /// What FP8 matrix products reach, nil without FP8 units.
  public var gemmFP8: GEMMFigures?
  /// What attention reaches.
  public var attention: AttentionFigures
  /// What is reached over NVLink, nil without it.
  public var nvlink: LinkFigures?
  /// What is reached between devices of a node without NVLink.
  public var pcie: LinkFigures
  /// Nanoseconds of a small message to another node, without the fabric's own latency.
  public var networkMessageNanoseconds: Double
  /// Measured all-reduce times inside a node.
  public var allReduceTables: [AllReduceTable]
  /// The device whose efficiencies these are, nil where the device itself was measured.
  public var relative: String?
  /// Where the figures come from.
  public var sources: [FigureSource]

  /// Creates the figures of a device.
  public init(
    gemm: GEMMFigures, gemmFP8: GEMMFigures?, attention: AttentionFigures, nvlink: LinkFigures?,
    pcie: LinkFigures, networkMessageNanoseconds: Double, allReduceTables: [AllReduceTable],
    relative: String? = nil, sources: [FigureSource]
  ) {
    self.gemm = gemm
    self.gemmFP8 = gemmFP8
    self.attention = attention
    self.nvlink = nvlink
    self.pcie = pcie
    self.networkMessageNanoseconds = networkMessageNanoseconds
    self.allReduceTables = allReduceTables
    self.relative = relative
    self.sources = sources
  }

  /// Replaces figures by better ones: the closure changes them, the note says where from.
  func replacing(_ note: [FigureSource], _ change: (inout AchievedFigures) -> Void)
    -> AchievedFigures
  {
    var changed = self
    change(&changed)
    let figures = note.map(\.figure)
    changed.sources.removeAll { figures.contains($0.figure) }
    changed.sources += note
    return changed
  }
}
