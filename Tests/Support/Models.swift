public import EventKernel
public import Inference
public import Serving

/// Small models whose steps cost what a test says.
public enum Models {
  /// Bytes that one token brings to a hop: hidden state and residual of `architecture`.
  public static let hopBytesPerToken: Int64 = 1_000

  /// A small model with 250 wide hidden states, so that a hop carries 1,000 bytes per token.
  public static func architecture(layers: Int = 8, context: Int = 10_000) -> ModelArchitecture {
    ModelArchitecture(
      name: "small", layers: layers, hiddenSize: 250, attentionHeads: 8, keyValueHeads: 8,
      headDimension: 64, intermediateSize: 512, vocabularySize: 6_400, tiedEmbeddings: false,
      maxContextTokens: context)
  }

  /// A model of constant step times, in nanoseconds of the whole model on one GPU.
  public static func constant(
    _ name: String = "m", base: Nanoseconds = 1_000_000, perPrefillToken: Nanoseconds = 0,
    perDecodeSequence: Nanoseconds = 0, communication: Nanoseconds = 0, host: Nanoseconds = 0,
    layers: Int = 8, context: Int = 10_000
  ) -> ServedModel {
    ServedModel(
      name: name, architecture: architecture(layers: layers, context: context),
      cost: .constant(
        ConstantCost(
          baseNanoseconds: base, nanosecondsPerPrefillToken: perPrefillToken,
          nanosecondsPerDecodeSequence: perDecodeSequence, communicationNanoseconds: communication,
          hostNanoseconds: host)))
  }

  /// A model of drawn step times, in seconds of the whole model on one GPU.
  public static func stochastic(
    _ name: String = "m", seconds: Distribution, perStage: Bool = false, host: Nanoseconds = 0
  ) -> ServedModel {
    ServedModel(
      name: name, architecture: architecture(),
      cost: .stochastic(StochasticCost(perStage: perStage, hostNanoseconds: host)),
      stepSeconds: seconds)
  }
}
