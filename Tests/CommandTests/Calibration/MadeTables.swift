import Calibration
import Hardware

/// Tables as a GPU with known laws would measure them.
struct MadeTables {
  let device: GPUSpecification
  var laws: OperatorLaws

  /// A GPU of the catalogue whose laws' numbers are a bit off.
  init(_ name: String) {
    guard let device = HardwareCatalogue.gpu(named: name) else {
      preconditionFailure("the catalogue has \(name)")
    }
    self.device = device
    laws = device.laws
    laws.gemm.values = Self.moved(laws.gemm)
    if let law = laws.gemmFP8 { laws.gemmFP8?.values = Self.moved(law) }
    laws.prefillAttention.values = Self.moved(laws.prefillAttention)
    let packsGroups = laws.decodeAttention.packsGroups
    laws.decodeAttention.values = Self.moved(laws.decodeAttention)
    laws.decodeAttention.packsGroups = packsGroups
    laws.experts.values = Self.moved(laws.experts)
  }

  /// The numbers by turns 6 % lower and 6 % higher, inside their bounds.
  private static func moved<Law: OperatorLaw>(_ law: Law) -> [Double] {
    zip(law.values, Law.coefficients).enumerated().map { index, item in
      let (value, bounds) = (item.0, item.1.bounds)
      let moved = value * (index.isMultiple(of: 2) ? 0.94 : 1.06)
      let width = bounds.upperBound - bounds.lowerBound
      // Away from the bounds, where a number decides nothing.
      return min(max(moved, bounds.lowerBound + 0.01 * width), bounds.upperBound - 0.01 * width)
    }
  }

  /// Matrix products in our own columns; `time` changes what the laws say.
  func gemm(
    _ dtype: String = "bfloat16", time: (GEMMMeasurement, Double) -> Double = { $1 }
  ) -> String {
    var lines = ["dtype,m,n,k,time_us"]
    for outputs in [512, 1_024, 3_072, 6_144, 16_384, 28_672] {
      for inputs in [512, 2_048, 5_120, 16_384] {
        for rows in [1, 8, 24, 64, 100, 128, 250, 512, 1_024, 2_048, 4_097, 16_384] {
          let product = GEMMMeasurement(
            line: 0, nanoseconds: 1, rows: rows, outputs: outputs, inputs: inputs,
            arithmetic: dtype == "fp8" ? .eightBits : .sixteenBits(bytesPerWeight: 2),
            format: dtype, residence: .memory)
          let predicted =
            dtype == "fp8"
            ? laws.gemmFP8?.nanoseconds(product, limits: device.limits) ?? 1
            : laws.gemm.nanoseconds(product, limits: device.limits)
          lines.append("\(dtype),\(rows),\(outputs),\(inputs),\(time(product, predicted) / 1e3)")
        }
      }
    }
    return lines.joined(separator: "\n") + "\n"
  }

  /// Attention of both phases in our own columns.
  func attention() -> String {
    var lines = [
      "phase,heads,key_value_heads,head_dimension,key_value_bytes,sequences,new_tokens,"
        + "cached_tokens,time_us"
    ]
    for (heads, keyValueHeads) in [(4, 4), (32, 32), (32, 8), (8, 1), (64, 8), (32, 2)] {
      for sequences in [1, 2, 3, 8, 16, 24, 64, 200, 512] {
        for length in [16, 100, 256, 700, 2_048, 6_000, 16_384, 65_536]
        where sequences * length <= 4_194_304 {
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
              ? laws.prefillAttention.nanoseconds(row, limits: device.limits)
              : laws.decodeAttention.nanoseconds(row, limits: device.limits)
            lines.append(
              "\(phase.rawValue),\(heads),\(keyValueHeads),128,2,\(sequences),\(row.newTokens),"
                + "\(row.cachedTokens),\(time / 1e3)")
          }
        }
      }
    }
    return lines.joined(separator: "\n") + "\n"
  }
}
