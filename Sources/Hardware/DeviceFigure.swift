/// One figure of a device, in the order in which figures are printed.
public enum DeviceFigure: String, Sendable, Hashable, CaseIterable {
  /// Bytes of memory.
  case memory
  /// Dense FLOP/s in 16 bits, of the datasheet.
  case peak = "peak, 16 bit"
  /// Dense FLOP/s in FP8, of the datasheet.
  case peakFP8 = "peak, FP8"
  /// Bytes/s of the memory, of the datasheet.
  case memoryBandwidth = "memory bandwidth"
  /// Streaming multiprocessors, compute units or cores.
  case multiprocessors
  /// Bytes of the cache that all of them share.
  case level2 = "shared cache"
  /// FLOP/s of a large product in 16 bits.
  case gemm = "large GEMM, 16 bit"
  /// Bytes/s at which a product with few rows streams 16-bit weights.
  case weightStream = "weight streaming, 16 bit"
  /// FLOP/s of a large product in FP8.
  case gemmFP8 = "large GEMM, FP8"
  /// Bytes/s at which a product with few rows streams FP8 weights.
  case weightStreamFP8 = "weight streaming, FP8"
  /// Time of the smallest product.
  case kernelFloor = "smallest GEMM"
  /// Time of an attention kernel over next to no KV cache.
  case attentionFloor = "attention floor"
  /// Bytes/s at which decode attention reads the KV cache.
  case keyValueStream = "KV streaming"
  /// FLOP/s of causal prefill attention.
  case prefillAttention = "prefill attention"
  /// Bytes/s of NVLink or its like, of the datasheet.
  case nvlink = "NVLink"
  /// A message over NVLink.
  case nvlinkMessage = "NVLink message"
  /// A ring over NVLink.
  case nvlinkRing = "NVLink ring"
  /// Bytes/s between the device and its host, of the datasheet.
  case pcie = "host link"
  /// A message to another device of the node without NVLink.
  case pcieMessage = "message in the node"
  /// A ring over the devices of a node without NVLink.
  case pcieRing = "ring in the node"
  /// A small message to another node.
  case networkMessage = "message between nodes"
  /// Measured all-reduce times.
  case allReduce = "all-reduce tables"
  /// Dollars per hour.
  case price
}

/// How a figure came about.
public enum FigureOrigin: String, Sendable, Hashable, CaseIterable {
  /// Measured on this device.
  case measured
  /// A number of a law that was fitted to measurements of this device.
  case fitted
  /// Published by the maker.
  case datasheet
  /// Computed from the datasheet and a measured relative, by `AchievedFigures.derived`.
  case derived
  /// Neither measured nor published: a stated guess.
  case assumed
  /// A price that a provider lists.
  case quoted
}

/// Where figures of a device come from.
public struct FigureSource: Sendable, Hashable {
  /// The figure.
  public var figure: DeviceFigure
  /// How it came about.
  public var origin: FigureOrigin
  /// Who measured or published it, or how it was computed.
  public var source: String

  /// Origin and source as they are printed: `derived: the peak at the share of h100-sxm`.
  public var text: String { origin.rawValue + ": " + source }

  /// Creates a source note.
  public init(_ figure: DeviceFigure, _ origin: FigureOrigin, _ source: String) {
    self.figure = figure
    self.origin = origin
    self.source = source
  }

  /// One note for several figures.
  static func notes(
    _ origin: FigureOrigin, _ source: String, _ figures: [DeviceFigure]
  ) -> [FigureSource] {
    figures.map { FigureSource($0, origin, source) }
  }
}
