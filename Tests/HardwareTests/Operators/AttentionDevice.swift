import Hardware
import Testing

/// A device with its laws of attention, as fitted to aiconfigurator's vLLM tables (0.12.0).
struct AttentionDevice: Sendable, CustomTestStringConvertible {
  let name: String
  let limits: DeviceLimits
  let decode: DecodeAttentionLaw
  let prefill: PrefillAttentionLaw

  var testDescription: String { name }

  static let h100 = AttentionDevice(
    name: "H100 SXM",
    limits: DeviceLimits(
      peakFLOPs: 989e12, memoryBytesPerSecond: 3_350e9, level2Bytes: 50 * 1_048_576,
      multiprocessors: 132),
    decode: DecodeAttentionLaw(
      floor: 11_316, combine: 1_135, token: 8.227, memoryEfficiency: 0.907, intake: 41.65,
      dispatch: 26.14, overlap: 0.5356, packsGroups: true),
    prefill: PrefillAttentionLaw(
      floor: 12_363, efficiency: 0.7775, block: 4.158, trafficEfficiency: 0.6537,
      intake: 22.46, throttle: 0.3645))
  static let a100 = AttentionDevice(
    name: "A100 SXM",
    limits: DeviceLimits(
      peakFLOPs: 312e12, memoryBytesPerSecond: 2_039e9, level2Bytes: 40 * 1_048_576,
      multiprocessors: 108),
    decode: DecodeAttentionLaw(
      floor: 11_540, combine: 3_174, token: 22.5, memoryEfficiency: 0.7605, intake: 14.06,
      dispatch: 35.45, overlap: 0.8065, packsGroups: false),
    prefill: PrefillAttentionLaw(
      floor: 11_359, efficiency: 0.6125, block: 10.46, trafficEfficiency: 0.781,
      intake: 15.49, throttle: 0.04808))
  static let l40s = AttentionDevice(
    name: "L40S",
    limits: DeviceLimits(
      peakFLOPs: 362.05e12, memoryBytesPerSecond: 864e9, level2Bytes: 96 * 1_048_576,
      multiprocessors: 142),
    decode: DecodeAttentionLaw(
      floor: 7_510, combine: 2_180, token: 17.78, memoryEfficiency: 0.8049, intake: 19.97,
      dispatch: 27.22, overlap: 0.8786, packsGroups: false),
    prefill: PrefillAttentionLaw(
      floor: 7_932, efficiency: 0.5994, block: 4.83, trafficEfficiency: 1.36, intake: 19.45,
      throttle: 0.2304))
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
