/// What a device can do at most, by its datasheet: no kernel is faster.
public struct DeviceLimits: Sendable, Hashable {
  /// Dense FLOP/s in 16 bits.
  public var peakFLOPs: Double
  /// Dense FP8 FLOP/s, nil without FP8 units.
  public var peakFP8FLOPs: Double?
  /// Bytes/s of the memory.
  public var memoryBytesPerSecond: Double
  /// Bytes of the last-level cache that all multiprocessors share.
  public var level2Bytes: Double
  /// Streaming multiprocessors (AMD: compute units; CPU: cores).
  public var multiprocessors: Int

  /// Creates the limits of a device.
  public init(
    peakFLOPs: Double, peakFP8FLOPs: Double? = nil, memoryBytesPerSecond: Double,
    level2Bytes: Double, multiprocessors: Int
  ) {
    self.peakFLOPs = peakFLOPs
    self.peakFP8FLOPs = peakFP8FLOPs
    self.memoryBytesPerSecond = memoryBytesPerSecond
    self.level2Bytes = level2Bytes
    self.multiprocessors = multiprocessors
  }

  /// Nanoseconds that nothing can undercut: `operations` at the peak, `bytes` at the memory's bandwidth.
  public func rooflineNanoseconds(operations: Double, bytes: Double) -> Double {
    max(operations / peakFLOPs, bytes / memoryBytesPerSecond) * 1e9
  }
}
