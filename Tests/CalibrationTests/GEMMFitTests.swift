import Calibration
import Foundation
import Hardware
import Testing

private let data: String? = ProcessInfo.processInfo.environment["SIMPP_DATA_DIR"]

/// A GPU's table of products, the coefficients that fits print and the errors that they must reach.
struct GEMMGoal: Sendable, CustomTestStringConvertible {
  var folder: String
  var kernels: GEMMKernels
  var limits: DeviceLimits
  /// Mean errors on shapes that the fit did not see, in percent.
  var libraryPercent: Double
  var scaledPercent: Double?
  var library: [Double]
  var scaled: [Double]?

  var testDescription: String { folder }

  static let all = [
    GEMMGoal(
      folder: "h100_sxm", kernels: .hopper,
      limits: DeviceLimits(
        peakFLOPs: 989e12, peakFP8FLOPs: 1_979e12, memoryBytesPerSecond: 3_350e9,
        level2Bytes: 50 * 1_048_576, multiprocessors: 132),
      libraryPercent: 6, scaledPercent: 8,
      library: [2_598, 1, 0.8848, 96.95, 158.2, 0.4546, 2.088, 1_056, 2_198, 0.07631],
      scaled: [5_176, 0.9416, 0.82, 83.61, 110.5, 0.5111, 466.1, 6.658, 0.3941, 0.1282]),
    GEMMGoal(
      folder: "a100_sxm", kernels: .ampere,
      limits: DeviceLimits(
        peakFLOPs: 312e12, memoryBytesPerSecond: 2_039e9, level2Bytes: 40 * 1_048_576,
        multiprocessors: 108),
      libraryPercent: 7, scaledPercent: nil,
      library: [3_979, 1, 0.7119, 200.1, 35.87, 0.4276, 4.118, 2_618, 1_798, 0], scaled: nil),
    GEMMGoal(
      folder: "l40s", kernels: .ada,
      limits: DeviceLimits(
        peakFLOPs: 362.05e12, peakFP8FLOPs: 733e12, memoryBytesPerSecond: 864e9,
        level2Bytes: 96 * 1_048_576, multiprocessors: 142),
      libraryPercent: 11, scaledPercent: 10,
      library: [1_514, 1, 0.7791, 245.6, 41.12, 0.8872, 1.973, 3_906, 3_175, 0.3295],
      scaled: [3_685, 1, 0.6792, 152.2, 26.38, 0.8626, 5_515, 7.931, 1.475, 0]),
  ]

  func measurements() throws -> [GEMMMeasurement] {
    let path = try #require(data) + "/gpu/aiconfigurator/\(folder)/gemm_vllm.csv"
    let text = try String(contentsOfFile: path, encoding: .utf8)
    return try GEMMTable(MeasuredTable(text, file: "gemm_vllm.csv")).measurements
  }
}

@Suite("Fits of matrix products")
struct GEMMFitTests {
  /// Products of many shapes; `time` says how long each takes.
  private static func measured(
    _ arithmetic: GEMMMeasurement.Arithmetic, time: (GEMMMeasurement) -> Double
  ) -> [GEMMMeasurement] {
    var rows: [GEMMMeasurement] = []
    for outputs in [512, 1_024, 3_072, 6_144, 16_384] {
      for inputs in [512, 2_048, 5_120, 16_384] {
        for count in [1, 8, 24, 64, 100, 128, 250, 512, 1_024, 2_048, 4_097, 16_384] {
          var product = GEMMMeasurement(
            line: rows.count + 2, nanoseconds: 1, rows: count, outputs: outputs, inputs: inputs,
            arithmetic: arithmetic, format: "x", residence: .replayed(matrices: 6))
          product.nanoseconds = time(product)
          rows.append(product)
        }
      }
    }
    return rows
  }

  @Test(
    "The coefficients of a synthetic 16-bit table are found again within 1 %",
    arguments: [GEMMKernels.ampere, .hopper])
  func syntheticLibrary(kernels: GEMMKernels) throws {
    let limits = GEMMGoal.all[0].limits
    let known = GEMMLaw(
      kernels: kernels, values: [2_300, 0.9, 0.85, 130, 70, 0.7, 2.6, 1_500, 1_700, 0.2])
    let rows = Self.measured(.sixteenBits(bytesPerWeight: 2)) {
      known.nanoseconds($0, limits: limits)
    }
    let found = try GEMMFit.library(rows, kernels: kernels, limits: limits, file: "g.csv").law
    for (found, known) in zip(found.values, known.values) {
      #expect((found / known - 1).magnitude < 0.01)
    }
  }

  @Test(
    "The coefficients of a synthetic 8-bit table are found again within 1 %",
    arguments: [GEMMKernels.ada, .hopper])
  func syntheticScaled(kernels: GEMMKernels) throws {
    let limits = GEMMGoal.all[0].limits
    let known = ScaledGEMMLaw(
      kernels: kernels, values: [4_100, 0.8, 0.7, 140, 60, 0.75, 1_300, 9, 0.6, 0.2])
    let rows = Self.measured(.eightBits) { known.nanoseconds($0, limits: limits) }
    let found = try GEMMFit.scaled(rows, kernels: kernels, limits: limits, file: "g.csv").law
    for (found, known) in zip(found.values, known.values) {
      #expect((found / known - 1).magnitude < 0.01)
    }
  }

  @Test("The coefficients of synthetic elementwise kernels are found again within 1 %")
  func syntheticElementwise() throws {
    let limits = GEMMGoal.all[0].limits
    let known = ElementwiseLaw(values: [1_900, 0.6, 0.2, 50])
    var rows: [ElementwiseMeasurement] = []
    for kernel in ElementwiseKernel.allCases {
      for width in [512, 4_096, 16_384] {
        for count in [1, 10, 100, 1_000, 4_000, 20_000] {
          rows.append(
            ElementwiseMeasurement(
              line: rows.count + 2,
              nanoseconds: known.nanoseconds(kernel, rows: count, width: width, limits: limits),
              kernel: kernel, rows: count, width: width))
        }
      }
    }
    let found = try GEMMFit.elementwise(rows, limits: limits, file: "e.csv").law
    for (found, known) in zip(found.values, known.values) {
      #expect((found / known - 1).magnitude < 0.01)
    }
  }

  @Test("Too few products are refused, saying how many are needed")
  func tooFew() {
    let rows = Self.measured(.eightBits) { _ in 1_000 }.prefix(20)
    let goal = GEMMGoal.all[0]
    let fault = #expect(throws: TableFault.self) {
      try GEMMFit.scaled(
        Array(rows), kernels: goal.kernels, limits: goal.limits, file: "gemm.csv")
    }
    #expect(
      fault?.description
        == "gemm.csv: found 20 rows, needs 40 at least, of several shapes and numbers of rows")
  }

  @Test(
    "Held-out 16-bit products are predicted within the goal", .enabled(if: data != nil),
    arguments: GEMMGoal.all)
  func heldOutLibrary(goal: GEMMGoal) throws {
    let law = GEMMLaw(kernels: goal.kernels, values: goal.library)
    let errors = try goal.measurements().filter {
      $0.arithmetic != .eightBits && $0.isServingSize && HeldOut.contains($0.shape)
    }.map { law.nanoseconds($0, limits: goal.limits) / $0.nanoseconds - 1 }
    let summary = try #require(ErrorSummary(errors))
    #expect(summary.count > 1_000)
    #expect(summary.mean * 100 <= goal.libraryPercent)
    #expect(summary.bias.magnitude < 0.02)
  }

  @Test(
    "Held-out 8-bit products are predicted within the goal", .enabled(if: data != nil),
    arguments: GEMMGoal.all.filter { $0.scaled != nil })
  func heldOutScaled(goal: GEMMGoal) throws {
    let law = ScaledGEMMLaw(kernels: goal.kernels, values: try #require(goal.scaled))
    let errors = try goal.measurements().filter {
      $0.arithmetic == .eightBits && $0.isServingSize && HeldOut.contains($0.shape)
    }.map { law.nanoseconds($0, limits: goal.limits) / $0.nanoseconds - 1 }
    let summary = try #require(ErrorSummary(errors))
    #expect(summary.count > 1_000)
    let most = try #require(goal.scaledPercent)
    #expect(summary.mean * 100 <= most)
    #expect(summary.bias.magnitude < 0.02)
  }

  @Test(
    "The fits to the other half print the coefficients that are shipped, to four digits",
    .enabled(if: data != nil), arguments: GEMMGoal.all)
  func shipped(goal: GEMMGoal) throws {
    let seen = try goal.measurements().filter { !HeldOut.contains($0.shape) }
    let library = try GEMMFit.library(
      seen, kernels: goal.kernels, limits: goal.limits, file: "gemm_vllm.csv")
    #expect(isPrinted(library.law.values, as: goal.library))
    if let scaled = goal.scaled {
      let found = try GEMMFit.scaled(
        seen, kernels: goal.kernels, limits: goal.limits, file: "gemm_vllm.csv")
      #expect(isPrinted(found.law.values, as: scaled))
    }
  }

  private func isPrinted(_ values: [Double], as printed: [Double]) -> Bool {
    zip(values, printed).allSatisfy { value, printed in
      (value - printed).magnitude <= 0.000_51 * printed + 1e-9
    }
  }
}
