import Hardware
import Testing

/// A device with its laws of attention, as its shipped profile has them.
struct AttentionDevice: Sendable, CustomTestStringConvertible {
  let name: String
  let limits: DeviceLimits
  let decode: DecodeAttentionLaw
  let prefill: PrefillAttentionLaw

  var testDescription: String { name }

  private static func shipped(_ gpu: GPUSpecification) -> AttentionDevice {
    AttentionDevice(
      name: gpu.name, limits: gpu.limits, decode: gpu.laws.decodeAttention,
      prefill: gpu.laws.prefillAttention)
  }

  static let h100 = shipped(.h100SXM)
  static let a100 = shipped(.a100SXM)
  static let l40s = shipped(.l40s)
  /// A device that nobody measured: the H100's laws beside its own datasheet.
  static let b200 = AttentionDevice(
    name: "B200 by the H100's laws",
    limits: DeviceLimits(
      peakFLOPs: 2_250e12, memoryBytesPerSecond: 7_700e9, level2Bytes: 126 * 1_048_576,
      multiprocessors: 148),
    decode: h100.decode, prefill: h100.prefill)

  static let all = [h100, a100, l40s, b200]

  /// Without groups, in groups, of one key–value head, narrow, wide, in FP8, latent.
  static let shapes: [AttentionShape] =
    [(1, 1), (8, 8), (32, 32), (64, 8), (40, 8), (28, 4), (32, 2), (64, 1)].map {
      AttentionShape(heads: $0, keyValueHeads: $1, keyDimension: 128, valueDimension: 128)
    } + [
      AttentionShape(heads: 64, keyValueHeads: 8, keyDimension: 64, valueDimension: 64),
      AttentionShape(heads: 16, keyValueHeads: 8, keyDimension: 256, valueDimension: 256),
      AttentionShape(
        heads: 8, keyValueHeads: 1, keyDimension: 128, valueDimension: 128,
        keyValueBytesPerElement: 1),
      AttentionShape(heads: 128, keyValueHeads: 128, keyDimension: 192, valueDimension: 128),
      .latentDecode(heads: 128, rank: 512, rotated: 64),
      .latentDecode(heads: 16, rank: 512, rotated: 64),
    ]
}
