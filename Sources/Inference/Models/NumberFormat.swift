/// How weights or the KV cache are stored.
public enum NumberFormat: String, Sendable, Hashable, CaseIterable {
  /// 16-bit brain floating point.
  case bf16
  /// 16-bit IEEE floating point.
  case fp16
  /// 8-bit floating point; weights in blocks of 128 × 128 with one scale each.
  case fp8
  /// 8-bit integers with one scale per channel.
  case int8
  /// 4-bit integers, weights only, in groups of 128 with a 16-bit scale and a 4-bit zero point each
  /// (AWQ's and GPTQ's usual layout): 4.15625 bits a weight.
  case int4
  /// 4-bit floating point in groups of 32 with an 8-bit scale each (OCP Microscaling 1.0): 4.25
  /// bits a weight. Weights of experts only, as in GPT-OSS; the other matrices stay in 16 bits.
  case mxfp4

  /// Formats that weights may have.
  public static let ofWeights: [NumberFormat] = allCases

  /// Formats that the KV cache may have.
  public static let ofKeyValueCache: [NumberFormat] = [.bf16, .fp16, .fp8, .int8]

  /// Bits of 32 numbers, their scales and zero points included; those of fp8 and int8 are too few
  /// to count.
  var bitsOf32: Int64 {
    switch self {
    case .bf16, .fp16: 512
    case .fp8, .int8: 256
    case .int4: 133
    case .mxfp4: 136
    }
  }

  /// Bytes of one number, scales included.
  public var bytesPerElement: Double { Double(bitsOf32) / 256 }

  /// Bytes of some numbers, rounded up; at most 10¹⁵ numbers.
  public func bytes(of count: Int64) -> Int64 { (count * bitsOf32 + 255) / 256 }

  /// The side of a quantisation block, which a shard must not cut; nil without blocks and for
  /// mxfp4, whose shards engines pad.
  public var blockSize: Int? {
    switch self {
    case .bf16, .fp16, .int8, .mxfp4: nil
    case .fp8, .int4: 128
    }
  }

  /// The format of the matrices outside experts when experts have this one.
  var outsideExperts: NumberFormat { self == .mxfp4 ? .bf16 : self }
}

/// Bytes of an activation: hidden states travel and are computed in 16 bits.
let bytesPerActivation: Int64 = 2
