import Calibration
import Foundation
import Hardware
import Testing

/// Devices with known laws, and tables as they would measure them.
enum KnownDevice {
  /// An H100 with FP8 units, and an A100 without.
  static let h100 = device("h100-sxm", .hopper, hasFP8: true)
  static let a100 = device("a100-sxm", .ampere, hasFP8: false)

  private static func device(
    _ name: String, _ kernels: GEMMKernels, hasFP8: Bool
  ) -> PredictedDevice {
    guard let specification = HardwareCatalogue.gpu(named: name) else {
      preconditionFailure("the catalogue has \(name)")
    }
    return PredictedDevice(
      specification,
      laws: OperatorLaws(
        gemm: GEMMLaw(
          kernels: kernels, values: [2_600, 0.9, 0.88, 97, 158, 0.45, 2.1, 1_000, 2_200, 0.08]),
        gemmFP8: hasFP8
          ? ScaledGEMMLaw(
            kernels: kernels, values: [5_200, 0.94, 0.82, 84, 110, 0.51, 466, 6.7, 0.39, 0.13])
          : nil,
        elementwise: ElementwiseLaw(values: [1_500, 0.6, 0.4, 30]),
        prefillAttention: PrefillAttentionLaw(
          floor: 12_000, efficiency: 0.77, block: 4, trafficEfficiency: 0.65, intake: 25,
          throttle: 0.3),
        decodeAttention: DecodeAttentionLaw(
          floor: 11_000, combine: 1_100, token: 8, memoryEfficiency: 0.9, intake: 40,
          dispatch: 26, overlap: 0.5, packsGroups: true),
        experts: ExpertsLaw(
          floorNanoseconds: 25_000, expertParallelNanoseconds: 9_000, streamingShare: 0.85,
          computingShare: 0.7, permuteRatio: 2.5, rereadShare: 0.2, tileNanoseconds: 900,
          level2Ratio: 2),
        expertsFP8: hasFP8
          ? ExpertsFP8Law(quantiseNanoseconds: 5_000, streamingShare: 0.7, computingShare: 0.4)
          : nil))
  }

  /// Every device by name that tests know.
  static func find(_ name: String) -> PredictedDevice? {
    [h100, a100].first { $0.specification.name == name }
  }

  /// A GEMM table of aiconfigurator's columns, its times those of the laws, each multiplied.
  static func gemmTable(
    on device: PredictedDevice, dtype: String = "bfloat16", sides: [Int] = [512, 2_048, 5_120],
    rows: [Int] = [1, 8, 24, 64, 128, 500, 2_048], factor: (Int) -> Double = { _ in 1 }
  ) -> String {
    var lines = ["kernel,dtype,m,n,k,latency_ms"]
    for outputs in sides {
      for inputs in sides {
        for count in rows {
          let product = GEMMMeasurement(
            line: 0, nanoseconds: 1, rows: count, outputs: outputs, inputs: inputs,
            arithmetic: dtype == "fp8" ? .eightBits : .sixteenBits(bytesPerWeight: 2),
            format: dtype, residence: .replayed(matrices: 6))
          let time =
            dtype == "fp8"
            ? device.laws.gemmFP8?.nanoseconds(product, limits: device.limits) ?? 1_000
            : device.laws.gemm.nanoseconds(product, limits: device.limits)
          let shown = time * factor(lines.count - 1) / 1e6
          lines.append("cublas,\(dtype),\(count),\(outputs),\(inputs),\(shown)")
        }
      }
    }
    return lines.joined(separator: "\n") + "\n"
  }

  /// A table of attention in our own columns, its times those of the laws.
  static func attentionTable(on device: PredictedDevice) -> String {
    var lines = [
      "phase,heads,key_value_heads,head_dimension,key_value_bytes,sequences,new_tokens,"
        + "cached_tokens,time_us"
    ]
    for (heads, keyValueHeads) in [(4, 4), (32, 8), (64, 8), (32, 32), (8, 1), (16, 2)] {
      for sequences in [1, 3, 8, 24, 64, 200] {
        for length in [64, 256, 700, 2_048, 6_000, 16_384] {
          for phase in [AttentionMeasurement.Phase.prefill, .decode] {
            let row = AttentionMeasurement(
              line: 0, phase: phase,
              heads: AttentionShape(
                heads: heads, keyValueHeads: keyValueHeads, keyDimension: 128,
                valueDimension: 128),
              sequences: sequences, newTokens: phase == .prefill ? length : 1,
              cachedTokens: phase == .prefill ? 0 : length, nanoseconds: 1)
            let time =
              phase == .prefill
              ? device.laws.prefillAttention.nanoseconds(row, limits: device.limits)
              : device.laws.decodeAttention.nanoseconds(row, limits: device.limits)
            lines.append(
              "\(phase.rawValue),\(heads),\(keyValueHeads),128,2,\(sequences),\(row.newTokens),"
                + "\(row.cachedTokens),\(time / 1e3)")
          }
        }
      }
    }
    return lines.joined(separator: "\n") + "\n"
  }

  /// What is reported of one file.
  static func report(
    _ text: String, name: String = "h100_sxm/table.csv", gpu: String? = nil, isNamed: Bool = true
  ) throws -> FidelityReport {
    var fidelity = Fidelity(gpu: gpu, device: find)
    try fidelity.add(Fidelity.File(name: name, path: name, text: text, isNamed: isNamed))
    return fidelity.report
  }
}
