public import EventKernel

/// What an engine does with KV blocks beside giving them to sequences.
public struct KeyValueSpecification: Sendable, Hashable {
  /// How a sequence loses its blocks to others.
  public enum Preemption: String, Sendable, CaseIterable {
    /// What it had is gone and is computed again.
    case recompute
    /// It goes to host memory over PCIe and comes back, as in vLLM V0.
    case swap
  }

  /// Whether whole blocks with the same tokens before and in them are computed and held once.
  ///
  /// vLLM V1 does so unless told; here it is off unless told, because most traffic says nothing about what
  /// its tokens are.
  public var sharesPrefixes = false
  /// Share of an engine's blocks that stays free when a sequence is admitted; 0.01 in vLLM V0.
  public var watermark = 0.0
  /// How a sequence loses its blocks to others.
  public var preemption = Preemption.recompute
  /// Host memory for swapped blocks, for each GPU, in bytes; vLLM V0's default.
  public var swapBytesPerGPU: Int64 = 4 << 30
  /// Where evicted blocks go, the fastest first; only with shared prefixes.
  public var tiers: [CacheTier] = []

  /// The defaults.
  public init() {}

  /// Whether blocks move between GPUs and other memory.
  public var movesBlocks: Bool { preemption == .swap || !tiers.isEmpty }

  /// What has been found in prefix caches and tiers before anybody looks; nil where there are none.
  var nothingFound: PrefixCacheSummary? {
    guard sharesPrefixes else { return nil }
    var summary = PrefixCacheSummary()
    summary.tiers = tiers.map { TierSummary(name: $0.name) }
    return summary
  }
}

/// Memory below the GPUs' that keeps KV blocks for later.
public struct CacheTier: Sendable, Hashable {
  /// Its name.
  public var name: String
  /// What it holds, in bytes: of each replica, or of all together when it is shared.
  public var capacityBytes: Int64
  /// Bytes per second at which a replica fetches from it.
  public var bandwidthBytesPerSecond: Double
  /// From asking to the first byte, in nanoseconds.
  public var latency: Nanoseconds
  /// Whether all replicas use it together; only the last tier may be.
  public var isShared: Bool

  /// Creates a tier.
  public init(
    name: String, capacityBytes: Int64, bandwidthBytesPerSecond: Double, latency: Nanoseconds = 0,
    isShared: Bool = false
  ) {
    self.name = name
    self.capacityBytes = capacityBytes
    self.bandwidthBytesPerSecond = bandwidthBytesPerSecond
    self.latency = latency
    self.isShared = isShared
  }
}
