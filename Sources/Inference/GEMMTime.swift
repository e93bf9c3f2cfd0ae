public import Hardware

extension GPUSpecification {
  /// Nanoseconds of a matrix product of `rows` × `inputs` by `inputs` × `outputs` whose weights lie in
  /// memory.
  ///
  /// FP8 weights by their own law where the GPU has the units; other narrow weights, and FP8 without
  /// units, are widened on their way: fewer bytes stream, and products compute in 16 bits. Rows count as
  /// a multiple of 16: engines pad decode batches to sizes of their graphs, and fill chunks to budgets.
  public func gemmNanoseconds(
    rows: Int, outputs: Int, inputs: Int, weights: NumberFormat
  ) -> Double {
    if weights == .fp8, let law = laws.gemmFP8 {
      return law.nanoseconds(
        rows: rows, outputs: outputs, inputs: inputs, limits: limits,
        isMisaligned: false)
    }
    return laws.gemm.nanoseconds(
      rows: rows, outputs: outputs, inputs: inputs, bytesPerWeight: weights.bytesPerElement,
      limits: limits)
  }
}
