/// A few sizes at which a device's laws are told to people: what it reaches, not what is computed with.
public struct HeadlineFigures: Sendable, Hashable {
  /// FLOP/s of a product of 8,192³ in 16 bits.
  public var gemmFLOPs: Double
  /// FLOP/s of a product of 8,192³ in FP8, nil without FP8 units.
  public var gemmFP8FLOPs: Double?
  /// Bytes/s at which a product of 8 rows streams weights of 8,192 × 28,672 in 16 bits.
  public var weightStreamBytesPerSecond: Double
  /// The same in FP8, nil without FP8 units.
  public var weightStreamFP8BytesPerSecond: Double?
  /// Bytes/s at which 64 sequences of 8,192 tokens each read keys and values of 8 heads of 128.
  public var keyValueBytesPerSecond: Double
  /// FLOP/s of causal attention over one prompt of 8,192 tokens with 32 heads of 128, half the square
  /// counted.
  public var prefillFLOPs: Double

  private static let side = 8_192
  private static let width = 28_672

  /// `gemmFLOPs` alone.
  static func gemmFLOPs(_ laws: OperatorLaws, _ limits: DeviceLimits) -> Double {
    2 * Double(side) * Double(side) * Double(side)
      / laws.gemm.nanoseconds(rows: side, outputs: side, inputs: side, limits: limits) * 1e9
  }

  /// `weightStreamBytesPerSecond` alone.
  static func weightStream(_ laws: OperatorLaws, _ limits: DeviceLimits) -> Double {
    2 * Double(side * width)
      / laws.gemm.nanoseconds(rows: 8, outputs: width, inputs: side, limits: limits) * 1e9
  }

  /// What laws reach on a device.
  init(_ laws: OperatorLaws, _ limits: DeviceLimits) {
    let side = Self.side
    let operations = 2 * Double(side) * Double(side) * Double(side)
    gemmFLOPs = Self.gemmFLOPs(laws, limits)
    gemmFP8FLOPs = laws.gemmFP8.map {
      operations / $0.nanoseconds(rows: side, outputs: side, inputs: side, limits: limits) * 1e9
    }
    let weights = Double(side * Self.width)
    weightStreamBytesPerSecond = Self.weightStream(laws, limits)
    weightStreamFP8BytesPerSecond = laws.gemmFP8.map {
      weights / $0.nanoseconds(rows: 8, outputs: Self.width, inputs: side, limits: limits) * 1e9
    }
    let shape = AttentionShape(heads: 32, keyValueHeads: 8, keyDimension: 128, valueDimension: 128)
    let reading = laws.decodeAttention.nanoseconds(
      shape, sequences: 64, contextTokens: 64 * side, keyValues: .evicted, limits: limits)
    keyValueBytesPerSecond = Double(64 * side) * shape.cacheBytesPerToken / reading * 1e9
    let prompt = PrefillWork(newTokens: side)
    prefillFLOPs =
      prompt.pairs * shape.operationsPerPair
      / laws.prefillAttention.nanoseconds(shape, work: prompt, limits: limits) * 1e9
  }
}

extension GPUSpecification {
  /// What the device reaches at a few telling sizes.
  public var headline: HeadlineFigures { HeadlineFigures(laws, limits) }
}
