import Hardware
import Testing

/// A device with its laws of matrix products and elementwise kernels, as its shipped profile has them.
struct GEMMDevice: Sendable, CustomTestStringConvertible {
  let name: String
  let limits: DeviceLimits
  let library: GEMMLaw
  let scaled: ScaledGEMMLaw
  let elementwise: ElementwiseLaw

  var testDescription: String { name }

  /// A device of the catalogue; one without 8-bit units has the FP8 law of another.
  private static func shipped(_ gpu: GPUSpecification, scaled: ScaledGEMMLaw? = nil) -> GEMMDevice {
    guard let scaled = gpu.laws.gemmFP8 ?? scaled else { preconditionFailure("no law of FP8") }
    return GEMMDevice(
      name: gpu.name, limits: gpu.limits, library: gpu.laws.gemm, scaled: scaled,
      elementwise: gpu.laws.elementwise)
  }

  static let h100 = shipped(.h100SXM)
  static let a100 = shipped(.a100SXM, scaled: l40s.scaled)
  static let l40s = shipped(.l40s)

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
