/// What steps consist of, summed up: enough to tell what they had to compute and to read at least.
@frozen
public struct StepCounts: Sendable, Hashable {
  /// Steps.
  public var steps: Int64 = 0
  /// Their tokens.
  public var tokens: Int64 = 0
  /// Sequences that got a token.
  public var sampledSequences: Int64 = 0
  /// Steps in which some did.
  public var sampledSteps: Int64 = 0
  /// Query–key pairs in a layer that sees the whole context.
  public var pairs: Int64 = 0
  /// Query–key pairs in a layer with a window.
  public var windowPairs: Int64 = 0
  /// KV tokens that a layer reads that sees the whole context.
  public var contextTokens: Int64 = 0
  /// KV tokens that a layer with a window reads.
  public var windowContextTokens: Int64 = 0
  /// Experts that a step is expected to touch in a layer, summed over steps, in 1/65,536.
  public var touchedExperts: Int64 = 0

  /// Nothing yet.
  @inlinable
  public init() {}

  /// Adds a step; `experts` are those of the model, if it has any.
  @inlinable
  @inline(__always)
  public mutating func add(_ shape: BatchShape, experts: Experts?) {
    steps += 1
    tokens += Int64(shape.tokens)
    if shape.sampledSequences > 0 {
      sampledSequences += Int64(shape.sampledSequences)
      sampledSteps += 1
    }
    pairs += Int64(shape.contextTokens + shape.attentionPairs)
    contextTokens += Int64(shape.contextTokens + shape.prefixTokens)
    if shape.window > 0 {
      windowPairs += Int64(shape.windowContextTokens + shape.windowPairs)
      windowContextTokens += Int64(shape.windowContextTokens + shape.windowPrefixTokens)
    }
    if let experts { touchedExperts += Self.touched(experts, tokens: shape.tokens) }
  }

  /// Adds as many steps of decoding sequences as there are rounds, the first of them of this shape; each
  /// adds a KV token a sequence, and in layers with a window one for each sequence that still grows.
  public mutating func add(
    _ shape: BatchShape, rounds: Int64, growing: Int, experts: Experts?
  ) {
    let sequences = Int64(shape.decodeSequences)
    let growth = rounds * (rounds - 1) / 2
    steps += rounds
    tokens += rounds * sequences
    sampledSequences += rounds * sequences
    sampledSteps += rounds
    let context = rounds * Int64(shape.contextTokens) + growth * sequences
    pairs += context
    contextTokens += context
    if shape.window > 0 {
      let inWindow = rounds * Int64(shape.windowContextTokens) + growth * Int64(growing)
      windowPairs += inWindow
      windowContextTokens += inWindow
    }
    if let experts {
      touchedExperts += rounds * Self.touched(experts, tokens: shape.decodeSequences)
    }
  }

  /// Adds other steps.
  public mutating func add(_ other: StepCounts) {
    steps += other.steps
    tokens += other.tokens
    sampledSequences += other.sampledSequences
    sampledSteps += other.sampledSteps
    pairs += other.pairs
    windowPairs += other.windowPairs
    contextTokens += other.contextTokens
    windowContextTokens += other.windowContextTokens
    touchedExperts += other.touchedExperts
  }

  @usableFromInline
  static func touched(_ experts: Experts, tokens: Int) -> Int64 {
    Int64((experts.touched(byTokens: tokens) * 65_536).rounded())
  }
}

/// What the steps of a stage have to do whatever the kernels: the model's operations, and the bytes that
/// must come from memory at least.
///
/// Operations: a multiplication and an addition for each weight that a token meets, and for each number of
/// a key and a value that a query meets (causal pairs only). Bytes: the matrices of the stage once a
/// step, of experts those touched, the LM head where tokens are sampled, and the KV tokens that queries
/// see, once. Nothing is counted twice that several GPUs of a stage hold.
public struct StageWork: Sendable, Hashable {
  private let operationsPerToken: Double
  private let operationsPerSample: Double
  private let operationsPerPair: Double
  private let operationsPerWindowPair: Double
  private let bytesPerStep: Double
  private let bytesPerSampledStep: Double
  private let bytesPerExpert: Double
  private let bytesPerContextToken: Double
  private let bytesPerWindowToken: Double

  /// Prepares the sums for a stage of a plan.
  public init(
    model: ModelArchitecture, weights: NumberFormat, keyValue: NumberFormat, plan: ParallelPlan,
    stage: Int
  ) {
    // Of one GPU that holds it all: what several of them repeat does not count.
    let shape = ShardShape(model: model, tensor: 1, weights: weights)
    let layers = model.layerCounts(in: plan.layerRange(ofStage: stage))
    func size(_ products: [(outputs: Int, inputs: Int)]) -> Double {
      products.reduce(0) { $0 + Double($1.outputs) * Double($1.inputs) }
    }
    let (all, dense, routed) = (Double(layers.all), Double(layers.dense), Double(layers.routed))
    let shared =
      all * size(shape.attentionProducts)
      + dense * size(shape.feedForwardProducts(width: model.intermediateSize))
      + routed * size(shape.feedForwardProducts(width: model.experts?.sharedWidth ?? 0))
    let expert = routed * size(shape.feedForwardProducts(width: model.experts?.width ?? 0))
    let router = routed * Double(model.experts?.count ?? 0) * Double(model.hiddenSize)
    let chosen = expert * Double(model.experts?.perToken ?? 0)
    let head =
      stage == plan.lastStage ? Double(model.vocabularySize) * Double(model.hiddenSize) : 0
    operationsPerToken = 2 * (shared + router + chosen)
    operationsPerSample = 2 * head
    let pair = 2 * Double(model.attentionHeads * Self.pairWidth(of: model))
    operationsPerPair = Double(layers.full) * pair
    operationsPerWindowPair = Double(layers.windowed) * pair
    let sixteenBits = Double(bytesPerActivation)
    bytesPerStep = shared * weights.outsideExperts.bytesPerElement + router * sixteenBits
    bytesPerSampledStep = head * sixteenBits
    bytesPerExpert = expert * weights.bytesPerElement
    let cached = Double(shape.cacheWidth) * keyValue.bytesPerElement
    bytesPerContextToken = Double(layers.full) * cached
    bytesPerWindowToken = Double(layers.windowed) * cached
  }

  /// Numbers of a key and of a value of one head.
  private static func pairWidth(of model: ModelArchitecture) -> Int {
    guard let latent = model.latentAttention else { return 2 * model.headDimension }
    return latent.nopeDimension + latent.ropeDimension + latent.valueDimension
  }

  /// The model's floating-point operations in these steps.
  public func operations(_ counts: StepCounts) -> Double {
    Double(counts.tokens) * operationsPerToken
      + Double(counts.sampledSequences) * operationsPerSample
      + Double(counts.pairs) * operationsPerPair
      + Double(counts.windowPairs) * operationsPerWindowPair
  }

  /// The bytes that memory has to give for these steps at least.
  public func bytes(_ counts: StepCounts) -> Double {
    Double(counts.steps) * bytesPerStep
      + Double(counts.sampledSteps) * bytesPerSampledStep
      + Double(counts.touchedExperts) / 65_536 * bytesPerExpert
      + Double(counts.contextTokens) * bytesPerContextToken
      + Double(counts.windowContextTokens) * bytesPerWindowToken
  }
}
