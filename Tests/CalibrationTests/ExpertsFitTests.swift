import Calibration
import Foundation
import Hardware
import Testing

@Suite("Mixture-of-experts tables and fits")
struct ExpertsFitTests {
  static let h100 = DeviceLimits(
    peakFLOPs: 989e12, peakFP8FLOPs: 1_979e12, memoryBytesPerSecond: 3.35e12, level2Bytes: 50e6,
    multiprocessors: 132)
  static let a100 = DeviceLimits(
    peakFLOPs: 312e12, memoryBytesPerSecond: 2.039e12, level2Bytes: 40e6, multiprocessors: 108)
  static let l40s = DeviceLimits(
    peakFLOPs: 362e12, peakFP8FLOPs: 733e12, memoryBytesPerSecond: 864e9, level2Bytes: 96e6,
    multiprocessors: 142)

  static let data = ProcessInfo.processInfo.environment["SIMPP_DATA_DIR"]

  static func rows(_ system: String) throws -> [ExpertsMeasurement] {
    let path = "\(data ?? "")/gpu/aiconfigurator/\(system)/moe_vllm.csv"
    let text = try String(contentsOfFile: path, encoding: .utf8)
    return try ExpertsTable.measurements(MeasuredTable(text, file: "moe_vllm.csv"))
  }

  /// Rows over three layers, times from a law.
  static func synthetic(_ law: ExpertsLaw) -> [ExpertsMeasurement] {
    let layers = [(2_048, 768, 128, 8), (4_096, 14_336, 8, 2), (7_168, 2_048, 256, 8)]
    var rows: [ExpertsMeasurement] = []
    for (hidden, inner, experts, top) in layers {
      for (tensor, spread) in [(1, 1), (2, 1), (8, 1), (1, 2), (1, 8)] {
        for tokens in [1, 4, 16, 48, 128, 384, 1_024, 2_048, 8_192, 16_384] {
          var row = ExpertsMeasurement(
            line: rows.count + 2, kernel: "", format: "bfloat16", tokens: tokens,
            layer: ExpertsShape(
              hiddenSize: hidden, intermediateSize: inner, experts: experts,
              expertsPerToken: top, tensorParallel: tensor, expertParallel: spread),
            routing: tokens % 3 == 0 ? .powerLaw(exponent: 1.2) : .balanced, nanoseconds: 1)
          row.nanoseconds = ExpertsFit.predicted(row, law, h100)
          rows.append(row)
        }
      }
    }
    return rows
  }

  @Test("A fit of times made from known coefficients finds them within 1 %")
  func recovery() throws {
    let law = ExpertsLaw(
      floorNanoseconds: 25_000, expertParallelNanoseconds: 11_000, streamingShare: 0.87,
      computingShare: 0.71, permuteRatio: 2.4, rereadShare: 0.3, tileNanoseconds: 1_500,
      level2Ratio: 2.5)
    let fit = try #require(ExpertsFit.fit(Self.synthetic(law), device: Self.h100))
    for (index, coefficient) in ExpertsLaw.coefficients.enumerated() {
      let (found, known) = (fit.law.values[index], law.values[index])
      #expect(abs(found / known - 1) < 0.01, "\(coefficient.name): \(found) for \(known)")
    }
  }

  @Test("Fewer rows than a fit needs give none")
  func fewRows() {
    let rows = Array(Self.synthetic(ExpertsFit.start).prefix(ExpertsFit.fewestRows - 1))
    #expect(ExpertsFit.fit(rows, device: Self.h100) == nil)
  }

  @Test(
    "Layers fitted on half of their shapes predict the other half",
    .enabled(if: data != nil, "SIMPP_DATA_DIR names no folder"),
    arguments: [("h100_sxm", h100, 0.10), ("a100_sxm", a100, 0.18), ("l40s", l40s, 0.18)])
  func measured(system: String, device: DeviceLimits, most: Double) throws {
    let rows = try Self.rows(system).filter { $0.format == "bfloat16" }
    let fit = try #require(
      ExpertsFit.fit(rows.filter { !HeldOut.contains($0.shape) }, device: device))
    let comparisons = rows.map {
      Comparison($0, predicted: ExpertsFit.predicted($0, fit.law, device))
    }
    func summary(_ isIncluded: (Comparison) -> Bool) throws -> ErrorSummary {
      try #require(ErrorSummary(comparisons.filter(isIncluded).map(\.relativeError)))
    }
    #expect(try summary { $0.isHeldOut && $0.isServingSize }.mean <= most)
  }

  @Test(
    "Three numbers more say what FP8 weights change",
    .enabled(if: data != nil, "SIMPP_DATA_DIR names no folder"),
    arguments: [("h100_sxm", h100, "fp8_block", 0.25), ("l40s", l40s, "fp8", 0.21)])
  func quantised(system: String, device: DeviceLimits, format: String, most: Double) throws {
    let rows = try Self.rows(system)
    let wide = rows.filter { $0.format == "bfloat16" && !HeldOut.contains($0.shape) }
    let law = try #require(ExpertsFit.fit(wide, device: device)).law
    let narrow = rows.filter { $0.format == format }
    let fit = try #require(
      ExpertsFit.fitFP8(
        narrow.filter { !HeldOut.contains($0.shape) }, beside: law, device: device))
    let changed = law.changed(by: fit.law)
    let comparisons = narrow.filter(\.isServingSize).map {
      Comparison($0, predicted: ExpertsFit.predicted($0, changed, device))
    }
    let held = try #require(ErrorSummary(comparisons.filter(\.isHeldOut).map(\.relativeError)))
    #expect(held.mean <= most)
  }
}
