/// One type of GPU: datasheet limits, measured figures and a price.
public struct GPUSpecification: Sendable, Hashable {
  /// The name scenarios use, for example `h100-sxm`.
  public var name: String
  /// Bytes of memory the driver reports.
  public var memoryBytes: Int64
  /// Peak dense BF16 FLOP/s of the datasheet: a bound, never a prediction.
  public var peakFLOPs: Double
  /// Peak dense FP8 FLOP/s, nil where the GPU has no FP8 units.
  public var peakFP8FLOPs: Double?
  /// Memory bytes/s of the datasheet: a bound, never a prediction.
  public var hbmBandwidthBytesPerSecond: Double
  /// What BF16 matrix products reach.
  public var gemm: GEMMFigures
  /// What FP8 matrix products reach, nil where the GPU has no FP8 units.
  public var gemmFP8: GEMMFigures?
  /// What attention reaches.
  public var attention: AttentionFigures
  /// NVLink bytes/s per direction, 0 without NVLink.
  public var nvlinkBandwidthBytesPerSecond: Double
  /// PCIe bytes/s per direction.
  public var pcieBandwidthBytesPerSecond: Double
  /// What is reached over NVLink, nil without it.
  public var nvlink: LinkFigures?
  /// What is reached over PCIe between GPUs of a node.
  public var pcie: LinkFigures
  /// Nanoseconds of a small message to another node, without the fabric's own latency.
  public var networkMessageNanoseconds: Double
  /// Measured all-reduce times inside a node.
  public var allReduceTables: [AllReduceTable]
  /// US dollars per GPU and hour, on demand; its source and date stand in `sources`.
  public var pricePerGPUHour: Double
  /// Where the figures come from, in the order in which they are printed.
  public var sources: [FigureSource]

  /// Creates a GPU type.
  public init(
    name: String, memoryBytes: Int64, peakFLOPs: Double, peakFP8FLOPs: Double?,
    hbmBandwidthBytesPerSecond: Double, gemm: GEMMFigures, gemmFP8: GEMMFigures?,
    attention: AttentionFigures, nvlinkBandwidthBytesPerSecond: Double,
    pcieBandwidthBytesPerSecond: Double, nvlink: LinkFigures?, pcie: LinkFigures,
    networkMessageNanoseconds: Double, allReduceTables: [AllReduceTable],
    pricePerGPUHour: Double, sources: [FigureSource]
  ) {
    self.name = name
    self.memoryBytes = memoryBytes
    self.peakFLOPs = peakFLOPs
    self.peakFP8FLOPs = peakFP8FLOPs
    self.hbmBandwidthBytesPerSecond = hbmBandwidthBytesPerSecond
    self.gemm = gemm
    self.gemmFP8 = gemmFP8
    self.attention = attention
    self.nvlinkBandwidthBytesPerSecond = nvlinkBandwidthBytesPerSecond
    self.pcieBandwidthBytesPerSecond = pcieBandwidthBytesPerSecond
    self.nvlink = nvlink
    self.pcie = pcie
    self.networkMessageNanoseconds = networkMessageNanoseconds
    self.allReduceTables = allReduceTables
    self.pricePerGPUHour = pricePerGPUHour
    self.sources = sources
  }
}
