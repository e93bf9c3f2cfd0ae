/// The step by which stages are compared before anything runs.
public enum ReferenceStep: String, Sendable, Hashable, CaseIterable {
  /// Sequences that decode, an even part of the most that may run.
  case decode
  /// A prompt as long as a step allows.
  case prefill
  /// Those sequences, and five prompt tokens for each of them, as chat traffic brings (Azure's trace
  /// of conversations: 1,155 prompt tokens and 211 output tokens a request).
  case mixed

  /// KV tokens of each sequence that decodes.
  static var contextTokens: Int { 1_024 }
  /// Prompt tokens for each token made, in a mixed step.
  static var promptTokensPerSequence: Int { 5 }

  /// The step's shape.
  ///
  /// - Parameters:
  ///   - model: the model's shape.
  ///   - stages: the pipeline's stages, each of which has its micro-batch.
  ///   - maxBatchedTokens: the most tokens of a step.
  ///   - maxSequences: the most sequences that run at once, in all micro-batches.
  /// - Returns: The counts of one micro-batch.
  public func shape(
    model: ModelArchitecture, stages: Int, maxBatchedTokens: Int, maxSequences: Int
  ) -> BatchShape {
    var shape = BatchShape.empty(window: model.effectiveWindow?.tokens ?? 0)
    let sequences = max(1, min(divideUp(maxSequences, max(1, stages)), maxBatchedTokens))
    let context = max(1, min(Self.contextTokens, model.maxContextTokens))
    if self != .prefill {
      for _ in 0..<sequences { shape.addDecode(context: context) }
    }
    let prompt =
      switch self {
      case .decode: 0
      case .prefill: maxBatchedTokens
      case .mixed: Self.promptTokens(besides: sequences, maxBatchedTokens: maxBatchedTokens)
      }
    let chunk = min(prompt, model.maxContextTokens)
    if chunk > 0 { shape.addPrefill(chunk: chunk, prefix: 0, isLastChunk: true) }
    return shape
  }

  /// Prompt tokens of a mixed step, such that all its tokens are a count at which step times are
  /// tabulated: between two such counts kernels have jumps that tables smooth.
  private static func promptTokens(besides sequences: Int, maxBatchedTokens: Int) -> Int {
    let all = min((1 + promptTokensPerSequence) * sequences, maxBatchedTokens)
    let knot = StepRows.knot(before: all, 4)
    return max(0, StepRows.count(atKnot: knot, 4) - sequences)
  }
}
