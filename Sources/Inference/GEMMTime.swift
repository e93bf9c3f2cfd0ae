public import Hardware

extension GPUSpecification {
  /// Nanoseconds of a matrix product of `rows` × `inputs` by `inputs` × `outputs`.
  ///
  /// The floor plus streaming weights and activations, joined with computing by the norm of the
  /// GPU's ridge. Formats without units of their own on the GPU stream fewer bytes and compute at
  /// the 16-bit rates: FP8 without FP8 units, and the weight-only formats everywhere.
  public func gemmNanoseconds(
    rows: Int, outputs: Int, inputs: Int, weights: NumberFormat
  ) -> Double {
    groupedNanoseconds(rows: rows, matrices: 1, outputs: outputs, inputs: inputs, weights: weights)
  }

  /// Nanoseconds of a grouped product: `rows` spread over `matrices` weights of one size, of which
  /// each is streamed once; a mean number of matrices need not be whole.
  ///
  /// Rows of different matrices share no tile; with few rows per matrix streaming hides that.
  func groupedNanoseconds(
    rows: Int, matrices: Double, outputs: Int, inputs: Int, weights: NumberFormat
  ) -> Double {
    let figures = weights == .fp8 ? gemmFP8 ?? gemm : gemm
    let (m, n, k) = (Double(rows), Double(outputs), Double(inputs))
    let bytes = matrices * (n * k * weights.bytesPerElement) + 2 * m * (n + k)
    let streaming = figures.floorNanoseconds + bytes / figures.weightStreamBytesPerSecond * 1e9
    let computing = 2 * m * n * k / figures.achievedFLOPs * 1e9
    return powerNorm(streaming, computing, exponent: figures.ridgeSharpness)
  }
}

/// The p-norm of two times for an exponent that is a power of two.
private func powerNorm(_ first: Double, _ second: Double, exponent: Int) -> Double {
  let larger = max(first, second)
  guard larger > 0 else { return 0 }
  var ratio = min(first, second) / larger
  var remaining = exponent
  while remaining > 1 {
    ratio *= ratio
    remaining /= 2
  }
  var sum = 1 + ratio
  remaining = exponent
  while remaining > 1 {
    sum = sum.squareRoot()
    remaining /= 2
  }
  return larger * sum
}
