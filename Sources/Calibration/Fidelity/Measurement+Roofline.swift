import Hardware

// What each operator takes by the datasheet alone: every operation at the peak, every byte that it
// must move once at the memory's bandwidth, the slower of both. No floors, no caches.

extension GEMMMeasurement {
  /// Nanoseconds by the plain datasheet.
  func rooflineNanoseconds(_ limits: DeviceLimits) -> Double {
    var limits = limits
    var (weight, activation) = (2.0, 2.0)
    switch arithmetic {
    case .sixteenBits(let bytesPerWeight): weight = bytesPerWeight
    case .eightBits:
      (weight, activation) = (1, 1)
      limits.peakFLOPs = limits.peakFP8FLOPs ?? limits.peakFLOPs
    }
    let (m, n, k) = (Double(rows), Double(outputs), Double(inputs))
    return limits.rooflineNanoseconds(
      operations: 2 * m * n * k, bytes: n * k * weight + m * k * activation + m * n * 2)
  }
}

extension GEMMMeasurement.Arithmetic {
  /// The format as errors are grouped: `bf16` stands for all 16-bit formats.
  var name: String {
    switch self {
    case .sixteenBits(let bytes):
      bytes >= 2 ? "bf16" : bytes >= 0.9 ? "int8 weights" : "int4 weights"
    case .eightBits: "fp8"
    }
  }
}

extension ElementwiseMeasurement {
  /// Nanoseconds by the plain datasheet: 16 bits in and out for each number of the result.
  func rooflineNanoseconds(_ limits: DeviceLimits) -> Double {
    limits.rooflineNanoseconds(operations: 0, bytes: 4 * Double(rows) * Double(width))
  }
}

extension AttentionMeasurement {
  /// Nanoseconds by the plain datasheet.
  func plainRooflineNanoseconds(_ limits: DeviceLimits) -> Double {
    let sequences = Double(sequences)
    switch phase {
    case .decode:
      let tokens = sequences * Double(cachedTokens)
      return limits.rooflineNanoseconds(
        operations: tokens * heads.operationsPerPair,
        bytes: tokens * heads.cacheBytesPerToken + sequences * heads.activationBytesPerToken)
    case .prefill:
      let work = work
      return limits.rooflineNanoseconds(
        operations: work.pairs * heads.operationsPerPair,
        bytes: work.newTokens * heads.activationBytesPerToken
          + (work.newTokens + work.prefixTokens) * heads.cacheBytesPerToken)
    }
  }
}

extension ExpertsMeasurement {
  /// Nanoseconds by the plain datasheet: balanced routing, weights of the experts touched once, hidden
  /// states in and out.
  func rooflineNanoseconds(_ limits: DeviceLimits) -> Double {
    var limits = limits
    if layer.computesInFP8 { limits.peakFLOPs = limits.peakFP8FLOPs ?? limits.peakFLOPs }
    let rows = Double(tokens) * Double(layer.expertsPerToken) / Double(layer.expertParallel)
    let touched = min(Double(layer.localExperts), max(1, rows))
    return limits.rooflineNanoseconds(
      operations: rows * layer.operationsPerRow,
      bytes: touched * layer.bytesPerExpert + 4 * Double(tokens) * Double(layer.hiddenSize))
  }

  /// The format, and in 8 bits whose kernel it is, as errors are grouped.
  var variant: String {
    guard layer.computesInFP8 else { return "bf16" }
    let kernel =
      kernel.contains("cutlass") ? " cutlass" : kernel.contains("triton") ? " triton" : ""
    return format.replacingUnderscores + kernel
  }
}

extension String {
  /// With spaces for underscores.
  fileprivate var replacingUnderscores: String {
    String(map { $0 == "_" ? " " : $0 })
  }
}
