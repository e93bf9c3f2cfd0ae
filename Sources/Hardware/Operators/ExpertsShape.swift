/// A mixture-of-experts layer as one GPU holds it.
public struct ExpertsShape: Sendable, Hashable {
  /// Width of the hidden state.
  public var hiddenSize: Int
  /// Width inside one whole expert (gate and up each).
  public var intermediateSize: Int
  /// Routed experts of the layer.
  public var experts: Int
  /// Experts that each token goes to.
  public var expertsPerToken: Int
  /// GPUs over which every expert is cut.
  public var tensorParallel: Int
  /// GPUs over which whole experts are spread.
  public var expertParallel: Int
  /// Bytes per weight.
  public var bytesPerWeight: Double
  /// Whether products run on FP8 units, rather than in 16 bits.
  public var computesInFP8: Bool
  /// Whether kernels sort only the rows of the GPU's own experts (FlashInfer's CUTLASS kernels) rather
  /// than all rows of the batch (vLLM's Triton kernels).
  public var sortsOwnRows: Bool

  /// Creates a layer; by default whole on one GPU and in 16 bits.
  public init(
    hiddenSize: Int, intermediateSize: Int, experts: Int, expertsPerToken: Int,
    tensorParallel: Int = 1, expertParallel: Int = 1, bytesPerWeight: Double = 2,
    computesInFP8: Bool = false, sortsOwnRows: Bool = false
  ) {
    self.hiddenSize = hiddenSize
    self.intermediateSize = intermediateSize
    self.experts = experts
    self.expertsPerToken = expertsPerToken
    self.tensorParallel = tensorParallel
    self.expertParallel = expertParallel
    self.bytesPerWeight = bytesPerWeight
    self.computesInFP8 = computesInFP8
    self.sortsOwnRows = sortsOwnRows
  }

  /// Experts on one GPU.
  public var localExperts: Int { max(1, experts / max(1, expertParallel)) }
  /// Width inside an expert on one GPU.
  public var shardSize: Int { max(1, intermediateSize / max(1, tensorParallel)) }
  /// Bytes of one expert's weights on one GPU: gate, up and down.
  public var bytesPerExpert: Double {
    3 * Double(hiddenSize) * Double(shardSize) * bytesPerWeight
  }
  /// FLOPs of one token in one expert, on one GPU.
  public var operationsPerRow: Double { 6 * Double(hiddenSize) * Double(shardSize) }
}

/// How a router spreads tokens over experts.
public enum ExpertsRouting: Sendable, Hashable {
  /// To every expert equally many, as far as they go round.
  case balanced
  /// To experts drawn at random, all equally likely.
  case uniform
  /// Experts whose popularity x has the density x^−exponent between 1 and 0.8 per token, or between
  /// 0.01 and 2 where tokens do not go round: the routing of ai-dynamo/aiconfigurator's tables.
  case powerLaw(exponent: Double)
}
