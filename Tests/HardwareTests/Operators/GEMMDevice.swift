import Hardware
import Testing

/// A device with its laws of matrix products and elementwise kernels, as `GEMMFit` prints them for
/// aiconfigurator's vLLM tables (0.12.0) and Vidur's layers.
struct GEMMDevice: Sendable, CustomTestStringConvertible {
  let name: String
  let limits: DeviceLimits
  let library: GEMMLaw
  let scaled: ScaledGEMMLaw
  let elementwise: ElementwiseLaw

  var testDescription: String { name }

  static let h100 = GEMMDevice(
    name: "H100 SXM",
    limits: DeviceLimits(
      peakFLOPs: 989e12, peakFP8FLOPs: 1_979e12, memoryBytesPerSecond: 3_350e9,
      level2Bytes: 50 * 1_048_576, multiprocessors: 132),
    library: GEMMLaw(
      kernels: .hopper,
      values: [2_598, 1, 0.8848, 96.95, 158.2, 0.4546, 2.088, 1_056, 2_198, 0.07631]),
    scaled: ScaledGEMMLaw(
      kernels: .hopper,
      values: [5_176, 0.9416, 0.82, 83.61, 110.5, 0.5111, 466.1, 6.658, 0.3941, 0.1282]),
    elementwise: ElementwiseLaw(values: [1_278, 0.4984, 0.5165, 33.44]))
  static let a100 = GEMMDevice(
    name: "A100 SXM",
    limits: DeviceLimits(
      peakFLOPs: 312e12, memoryBytesPerSecond: 2_039e9, level2Bytes: 40 * 1_048_576,
      multiprocessors: 108),
    library: GEMMLaw(
      kernels: .ampere,
      values: [3_979, 1, 0.7119, 200.1, 35.87, 0.4276, 4.118, 2_618, 1_798, 0]),
    scaled: l40s.scaled,
    elementwise: ElementwiseLaw(values: [1_755, 0.4829, 0.5641, 24.02]))
  static let l40s = GEMMDevice(
    name: "L40S",
    limits: DeviceLimits(
      peakFLOPs: 362.05e12, peakFP8FLOPs: 733e12, memoryBytesPerSecond: 864e9,
      level2Bytes: 96 * 1_048_576, multiprocessors: 142),
    library: GEMMLaw(
      kernels: .ada,
      values: [1_514, 1, 0.7791, 245.6, 41.12, 0.8872, 1.973, 3_906, 3_175, 0.3295]),
    scaled: ScaledGEMMLaw(
      kernels: .ada,
      values: [3_685, 1, 0.6792, 152.2, 26.38, 0.8626, 5_515, 7.931, 1.475, 0]),
    elementwise: h100.elementwise)

  static let measured = [h100, a100, l40s]

  /// This device's laws beside another datasheet.
  func carried(to name: String, _ limits: DeviceLimits) -> GEMMDevice {
    GEMMDevice(
      name: name, limits: limits, library: library, scaled: scaled, elementwise: elementwise)
  }

  static let h200 = h100.carried(
    to: "H200 by the H100's laws",
    DeviceLimits(
      peakFLOPs: 989e12, peakFP8FLOPs: 1_979e12, memoryBytesPerSecond: 4_800e9,
      level2Bytes: 50 * 1_048_576, multiprocessors: 132))
  static let b200 = h100.carried(
    to: "B200 by the H100's laws",
    DeviceLimits(
      peakFLOPs: 2_250e12, peakFP8FLOPs: 4_500e12, memoryBytesPerSecond: 7_700e9,
      level2Bytes: 126 * 1_048_576, multiprocessors: 148))
  static let l4 = l40s.carried(
    to: "L4 by the L40S's laws",
    DeviceLimits(
      peakFLOPs: 121e12, peakFP8FLOPs: 242e12, memoryBytesPerSecond: 300e9,
      level2Bytes: 48 * 1_048_576, multiprocessors: 58))

  static let all = [h100, a100, l40s, h200, b200, l4]

  /// Sides of weights, in pairs too small, odd and as large as those of language models.
  static let sides = [1, 63, 512, 1_000, 4_096, 4_097, 7_168, 12_288, 28_672, 65_536]
  static let rows =
    [1, 2, 8, 15, 16, 17, 64, 65, 100, 128, 129, 250, 256, 257, 512, 1_000, 2_048]
    + [4_097, 8_192, 8_193, 32_768]
}
