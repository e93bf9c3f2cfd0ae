/// How weights or the KV cache are stored.
public enum NumberFormat: String, Sendable, Hashable, CaseIterable {
  /// 16-bit brain floating point.
  case bf16
  /// 8-bit floating point; weights in blocks of 128 × 128 with one scale each.
  case fp8

  /// Bytes of one number.
  public var bytesPerElement: Int64 {
    switch self {
    case .bf16: 2
    case .fp8: 1
    }
  }

  /// The side of a quantisation block, nil without blocks.
  public var blockSize: Int? {
    switch self {
    case .bf16: nil
    case .fp8: 128
    }
  }
}
