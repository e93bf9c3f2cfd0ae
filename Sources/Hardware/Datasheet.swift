/// What the maker publishes of a device.
public struct Datasheet: Sendable, Hashable {
  /// The name scenarios use, for example `h100-sxm`.
  public var name: String
  /// What the device is.
  public var kind: DeviceKind
  /// Bytes of memory.
  public var memoryBytes: Int64
  /// Who says how much memory there is.
  public var memorySource: FigureSource
  /// Dense FLOP/s in 16 bits, BF16 where the device has it.
  public var peakFLOPs: Double
  /// Dense FP8 FLOP/s, nil without FP8 units.
  public var peakFP8FLOPs: Double?
  /// Bytes/s of the memory.
  public var memoryBandwidthBytesPerSecond: Double
  /// Streaming multiprocessors; of an AMD GPU its compute units, of a CPU its cores.
  public var multiprocessors: Int
  /// Bytes of the cache that all of them share: level 2, of an AMD GPU or a CPU the last level.
  public var level2Bytes: Int64
  /// How NVLink or its like can join such devices at most.
  public var nvlinkTopology: NVLinkTopology
  /// NVLink bytes/s of a device per direction, 0 without NVLink.
  public var nvlinkBandwidthBytesPerSecond: Double
  /// Bytes/s between the device and its host, per direction.
  public var pcieBandwidthBytesPerSecond: Double
  /// Whether the driver lets devices of a node write into each other's memory over PCIe.
  public var supportsPeerToPeer: Bool
  /// Where the figures stand.
  public var source: String
  /// What a reader must know to use them.
  public var notes: [String]

  /// Creates a datasheet; the memory in MiB is what the driver reports unless `memoryIs` says
  /// otherwise.
  public init(
    _ name: String, kind: DeviceKind = .gpu, memoryMiB: Int64, memoryIs: FigureSource? = nil,
    peakFLOPs: Double, peakFP8FLOPs: Double? = nil, memoryBandwidth: Double,
    nvlink: NVLinkTopology = .none, nvlinkBandwidth: Double = 0, multiprocessors: Int,
    level2MiB: Int64, pcieBandwidth: Double,
    supportsPeerToPeer: Bool = true, source: String, notes: [String] = []
  ) {
    self.name = name
    self.kind = kind
    memoryBytes = memoryMiB << 20
    memorySource = memoryIs ?? FigureSource(.memory, .measured, SourceText.driver)
    self.peakFLOPs = peakFLOPs
    self.peakFP8FLOPs = peakFP8FLOPs
    memoryBandwidthBytesPerSecond = memoryBandwidth
    self.multiprocessors = multiprocessors
    level2Bytes = level2MiB << 20
    nvlinkTopology = nvlink
    nvlinkBandwidthBytesPerSecond = nvlinkBandwidth
    pcieBandwidthBytesPerSecond = pcieBandwidth
    self.supportsPeerToPeer = supportsPeerToPeer
    self.source = source
    self.notes = notes
  }

  /// What no kernel can undercut.
  var limits: DeviceLimits {
    DeviceLimits(
      peakFLOPs: peakFLOPs, peakFP8FLOPs: peakFP8FLOPs,
      memoryBytesPerSecond: memoryBandwidthBytesPerSecond, level2Bytes: Double(level2Bytes),
      multiprocessors: multiprocessors)
  }

  /// The sources of its figures.
  var sources: [FigureSource] {
    [memorySource]
      + FigureSource.notes(
        .datasheet, source,
        [.peak, .memoryBandwidth, .multiprocessors, .level2, .pcie]
          + (peakFP8FLOPs == nil ? [] : [.peakFP8])
          + (nvlinkTopology == .none ? [] : [.nvlink]))
  }
}

/// Bytes/s of PCIe x16 per direction, after encoding (128b/130b).
enum PCIe {
  static let generation3 = 15.75e9
  static let generation4 = 31e9
  static let generation5 = 63e9
}
