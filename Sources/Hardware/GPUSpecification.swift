/// One type of device that serves models, a GPU or a CPU socket: datasheet limits, what it
/// reaches, a price, and where each figure comes from.
public struct GPUSpecification: Sendable, Hashable {
  /// The name scenarios use, for example `h100-sxm`.
  public var name: String
  /// What the device is.
  public var kind: DeviceKind
  /// Bytes of memory: as the driver reports it, of a CPU what a server usually has per socket.
  public var memoryBytes: Int64
  /// Peak dense FLOP/s in 16 bits of the datasheet: a bound, never a prediction.
  public var peakFLOPs: Double
  /// Peak dense FP8 FLOP/s, nil where the device has no FP8 units.
  public var peakFP8FLOPs: Double?
  /// Memory bytes/s of the datasheet: a bound, never a prediction.
  public var hbmBandwidthBytesPerSecond: Double
  /// Streaming multiprocessors; of an AMD GPU its compute units, of a CPU its cores.
  public var multiprocessors: Int
  /// Bytes of the cache that all of them share: level 2, of an AMD GPU or a CPU the last level.
  public var level2Bytes: Int64
  /// What its maker publishes, whatever a profile says since.
  public let published: DeviceLimits
  /// How long its kernels take.
  public var laws: OperatorLaws
  /// The laws' numbers with where they come from and how far they can be off.
  public var lawNumbers: [ProfileNumber]
  /// The sizes inside which the laws were fitted.
  public var coverage: [ProfileCoverage]
  /// How NVLink or its like can join such devices at most: `none`, bridges between `pairs`, or a
  /// `switch`, which also stands for full meshes.
  public var nvlinkTopology: NVLinkTopology
  /// NVLink bytes/s per direction, 0 without NVLink.
  public var nvlinkBandwidthBytesPerSecond: Double
  /// Bytes/s between the device and its host, per direction: PCIe, or a CPU's socket link.
  public var pcieBandwidthBytesPerSecond: Double
  /// Whether devices of a node can write into each other's memory over PCIe; GeForce cards cannot.
  public var supportsPeerToPeer: Bool
  /// What is reached over NVLink, nil without it.
  public var nvlink: LinkFigures?
  /// What is reached between devices of a node over PCIe, or over a CPU's socket link.
  public var pcie: LinkFigures
  /// Nanoseconds of a small message to another node, without the fabric's own latency.
  public var networkMessageNanoseconds: Double
  /// Measured times of collectives inside a node.
  public var collectives: [CollectiveTable]
  /// What an hour of it costs.
  public var price: DevicePrice
  /// The device whose efficiencies it borrows, nil where it was measured itself.
  public var relative: String?
  /// What a reader must know to use the figures.
  public var notes: [String]
  private var figureSources: [FigureSource]

  /// Creates a device from what its maker publishes, what it reaches and what it costs.
  public init(_ datasheet: Datasheet, _ achieved: AchievedFigures, price: DevicePrice) {
    name = datasheet.name
    kind = datasheet.kind
    memoryBytes = datasheet.memoryBytes
    peakFLOPs = datasheet.peakFLOPs
    peakFP8FLOPs = datasheet.peakFP8FLOPs
    hbmBandwidthBytesPerSecond = datasheet.memoryBandwidthBytesPerSecond
    multiprocessors = datasheet.multiprocessors
    level2Bytes = datasheet.level2Bytes
    published = datasheet.limits
    laws = achieved.laws
    lawNumbers = achieved.lawNumbers
    coverage = achieved.coverage
    nvlinkTopology = datasheet.nvlinkTopology
    nvlinkBandwidthBytesPerSecond = datasheet.nvlinkBandwidthBytesPerSecond
    pcieBandwidthBytesPerSecond = datasheet.pcieBandwidthBytesPerSecond
    supportsPeerToPeer = datasheet.supportsPeerToPeer
    nvlink = achieved.nvlink
    pcie = achieved.pcie
    networkMessageNanoseconds = achieved.networkMessageNanoseconds
    collectives = achieved.collectives
    self.price = price
    relative = achieved.relative
    notes = datasheet.notes
    figureSources = datasheet.sources + achieved.sources
  }

  /// Creates a device that was not measured: `AchievedFigures.derived` from a relative.
  init(
    _ datasheet: Datasheet, from relative: GPUSpecification, share: MeasuredShare? = nil,
    price: DevicePrice
  ) {
    self.init(datasheet, .derived(for: datasheet, from: relative, share: share), price: price)
  }

  /// What no kernel on it can undercut.
  public var limits: DeviceLimits {
    DeviceLimits(
      peakFLOPs: peakFLOPs, peakFP8FLOPs: peakFP8FLOPs,
      memoryBytesPerSecond: hbmBandwidthBytesPerSecond, level2Bytes: Double(level2Bytes),
      multiprocessors: multiprocessors)
  }

  /// What it can do at most: by its own datasheet, and no more than its maker publishes.
  public var physicalLimits: DeviceLimits {
    var least = limits
    least.peakFLOPs = min(limits.peakFLOPs, published.peakFLOPs)
    least.peakFP8FLOPs = limits.peakFP8FLOPs.map { min($0, published.peakFP8FLOPs ?? $0) }
    least.memoryBytesPerSecond = min(limits.memoryBytesPerSecond, published.memoryBytesPerSecond)
    return least
  }

  /// Where the figures come from, in the order in which they are printed.
  public var sources: [FigureSource] {
    let all = figureSources + [price.note]
    return DeviceFigure.allCases.flatMap { figure in all.filter { $0.figure == figure } }
  }

  /// Where one figure comes from, nil if the device does not have it.
  public func source(of figure: DeviceFigure) -> FigureSource? {
    sources.first { $0.figure == figure }
  }
}
