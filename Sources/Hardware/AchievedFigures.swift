/// What a device reaches, as the cost models need it.
public struct AchievedFigures: Sendable, Hashable {
  /// How long its kernels take.
  public var laws: OperatorLaws
  /// The laws' numbers with where they come from and how far they can be off.
  public var lawNumbers: [ProfileNumber]
  /// The sizes inside which the laws were fitted.
  public var coverage: [ProfileCoverage]
  /// What is reached over NVLink, nil without it.
  public var nvlink: LinkFigures?
  /// What is reached between devices of a node without NVLink.
  public var pcie: LinkFigures
  /// Nanoseconds of a small message to another node, without the fabric's own latency.
  public var networkMessageNanoseconds: Double
  /// Measured times of collectives inside a node.
  public var collectives: [CollectiveTable]
  /// The device whose efficiencies these are, nil where the device itself was measured.
  public var relative: String?
  /// Where the figures come from.
  public var sources: [FigureSource]

  /// Creates the figures of a device.
  public init(
    laws: OperatorLaws, lawNumbers: [ProfileNumber], coverage: [ProfileCoverage],
    nvlink: LinkFigures?,
    pcie: LinkFigures, networkMessageNanoseconds: Double, collectives: [CollectiveTable],
    relative: String? = nil, sources: [FigureSource]
  ) {
    self.laws = laws
    self.lawNumbers = lawNumbers
    self.coverage = coverage
    self.nvlink = nvlink
    self.pcie = pcie
    self.networkMessageNanoseconds = networkMessageNanoseconds
    self.collectives = collectives
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
