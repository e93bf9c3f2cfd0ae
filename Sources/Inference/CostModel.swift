/// What a step costs, before it is prepared for a plan and a stage.
public enum CostModel: Sendable, Hashable {
  /// Given times of the whole model, shared out exactly.
  case constant(ConstantCost)
  /// A drawn time of the whole model, shared out exactly.
  case stochastic(StochasticCost)
  /// Measured times per stage.
  case table(TableCost)
  /// Operator by operator, by the laws of the GPU.
  case roofline(RooflineCost)
}

extension CostModel {
  /// The same where the host prepares a step while the GPU computes the one before; times that were
  /// given stay as they are.
  public var withHostHidden: CostModel {
    guard case .roofline(var cost) = self else { return self }
    cost.hidesHost = true
    return .roofline(cost)
  }
}

/// Step times of the whole model on one GPU; a stage takes its share of layers / (t · efficiency).
public struct ConstantCost: Sendable, Hashable {
  /// Nanoseconds of every step.
  public var baseNanoseconds: Int64
  /// Nanoseconds per prompt token.
  public var nanosecondsPerPrefillToken: Int64
  /// Nanoseconds per decoding sequence.
  public var nanosecondsPerDecodeSequence: Int64
  /// Nanoseconds of exposed communication of the whole model where t > 1: shared out by layers,
  /// not divided by t.
  public var communicationNanoseconds: Int64
  /// Nanoseconds of host work that each stage adds to each step, as it stands.
  public var hostNanoseconds: Int64
  /// How well t GPUs share the work: 1 is t times as fast; kept to four digits.
  public var tensorEfficiency: Double

  /// Creates a constant cost.
  public init(
    baseNanoseconds: Int64, nanosecondsPerPrefillToken: Int64 = 0,
    nanosecondsPerDecodeSequence: Int64 = 0, communicationNanoseconds: Int64 = 0,
    hostNanoseconds: Int64 = 0, tensorEfficiency: Double = 1
  ) {
    self.baseNanoseconds = baseNanoseconds
    self.nanosecondsPerPrefillToken = nanosecondsPerPrefillToken
    self.nanosecondsPerDecodeSequence = nanosecondsPerDecodeSequence
    self.communicationNanoseconds = communicationNanoseconds
    self.hostNanoseconds = hostNanoseconds
    self.tensorEfficiency = tensorEfficiency
  }
}

/// Step times drawn by the engine for the whole model on one GPU; a stage takes its share of
/// layers / (t · efficiency) of `BatchShape.drawnNanoseconds`.
public struct StochasticCost: Sendable, Hashable {
  /// Whether every stage draws anew; otherwise one draw holds for a micro-batch's whole traversal.
  public var perStage: Bool
  /// Nanoseconds of host work that each stage adds to each step, as it stands.
  public var hostNanoseconds: Int64
  /// How well t GPUs share the work: 1 is t times as fast; kept to four digits.
  public var tensorEfficiency: Double

  /// Creates a stochastic cost.
  public init(perStage: Bool = false, hostNanoseconds: Int64 = 0, tensorEfficiency: Double = 1) {
    self.perStage = perStage
    self.hostNanoseconds = hostNanoseconds
    self.tensorEfficiency = tensorEfficiency
  }
}

/// Measured step times per stage, straight lines between the points.
public struct TableCost: Sendable, Hashable {
  /// One measurement.
  public struct Point: Sendable, Hashable {
    /// The number of tokens or sequences.
    public var count: Int
    /// The time in nanoseconds.
    public var nanoseconds: Int64

    /// Creates a point.
    public init(_ count: Int, _ nanoseconds: Int64) {
      self.count = count
      self.nanoseconds = nanoseconds
    }
  }

  /// What was measured for stages of one kind.
  public struct Stage: Sendable, Hashable {
    /// GPUs of the stage.
    public var tensor: Int
    /// Layers of the stage.
    public var layers: Int
    /// Steps that only decode, by sequences.
    public var decode: [Point]
    /// Steps that only prefill, by tokens.
    public var prefill: [Point]
    /// What decoding sequences add to a step that also prefills, by sequences.
    public var mixed: [Point]
    /// Tokens of context at which the decoding sequences were measured; 0 when it does not matter.
    public var contextTokens: Int
    /// Nanoseconds that each token of context beyond `contextTokens` adds for one sequence, and each
    /// token short of it saves.
    public var nanosecondsPerContextToken: Int64
    /// One all-reduce by the step's tokens; two per layer lie inside the step times.
    public var allReduce: [Point]
    /// A hop to the next stage by tokens; without points hops are priced by the links.
    public var hop: [Point]

    /// Creates the measurements of one kind of stage.
    public init(
      tensor: Int, layers: Int, decode: [Point], prefill: [Point], mixed: [Point] = [],
      contextTokens: Int = 0, nanosecondsPerContextToken: Int64 = 0, allReduce: [Point] = [],
      hop: [Point] = []
    ) {
      self.tensor = tensor
      self.layers = layers
      self.decode = decode
      self.prefill = prefill
      self.mixed = mixed
      self.contextTokens = contextTokens
      self.nanosecondsPerContextToken = nanosecondsPerContextToken
      self.allReduce = allReduce
      self.hop = hop
    }
  }

  /// A measured step that both prefills and decodes.
  public struct MixedStep: Sendable, Hashable {
    /// Its prompt tokens.
    public var prefillTokens: Int
    /// Its decoding sequences.
    public var decodeSequences: Int
    /// The time in nanoseconds.
    public var nanoseconds: Int64

    /// Creates a measured step.
    public init(prefillTokens: Int, decodeSequences: Int, nanoseconds: Int64) {
      self.prefillTokens = prefillTokens
      self.decodeSequences = decodeSequences
      self.nanoseconds = nanoseconds
    }
  }

  /// How the points become a curve.
  public enum Fit: String, Sendable, Hashable, CaseIterable {
    /// Through every point, dips included.
    case asMeasured = "as-measured"
    /// The nearest curve that never falls: neighbours that fall are averaged.
    case monotone
  }

  /// The measured kinds of stages.
  public var stages: [Stage]
  /// How points become a curve.
  public var fit: Fit
  /// Nanoseconds of host work that each stage adds to each step, as it stands.
  public var hostNanoseconds: Int64

  /// Creates a table.
  public init(stages: [Stage], fit: Fit = .asMeasured, hostNanoseconds: Int64 = 0) {
    self.stages = stages
    self.fit = fit
    self.hostNanoseconds = hostNanoseconds
  }

  /// The measurements for stages of a degree and a number of layers, nil if there are none.
  public func stage(tensor: Int, layers: Int) -> Stage? {
    stages.first { $0.tensor == tensor && $0.layers == layers }
  }
}

/// Step times by the laws of the GPU's profile, operator by operator.
///
/// The defaults reproduce real decode steps of vLLM 0.11 on H100 (inference-sim ground truth):
/// Llama-2-7B on one GPU 6.6 ms, CodeLlama-34B on two 13.9 ms at 10 sequences to 17.4 ms at 110.
public struct RooflineCost: Sendable, Hashable {
  /// Whose host times are the defaults.
  public enum Engine: String, Sendable, Hashable, CaseIterable {
    /// vLLM since 2025: a scheduler and a sampler between the steps of the GPU.
    case vllmV1 = "vllm-v1"
    /// Engines of 2024 (vLLM V0, Sarathi-Serve, Helix's workers).
    case vllmV0 = "vllm-v0"
  }

  /// How tokens are chosen from logits.
  public enum Sampling: String, Sendable, Hashable, CaseIterable {
    /// The likeliest, or one drawn by all shares: a few passes over the logits.
    case greedy
    /// Among the likeliest (top-k, top-p), found by sorting the logits.
    case sorted
  }

  /// Nanoseconds of launch and input preparation that each stage adds to each step.
  public var hostNanosecondsPerStep: Int64
  /// Nanoseconds of scheduler and sampler that the last stage adds.
  public var hostNanosecondsPerSampling: Int64
  /// Nanoseconds the last stage adds per sampled sequence (vLLM V1 output update: 0.14 ms at 128).
  public var hostNanosecondsPerSequence: Int64
  /// Nanoseconds that a stage of several GPUs adds to each step: from the driver to its workers.
  public var hostNanosecondsPerTensorStep: Int64 = 0
  /// Whether the host prepares a step while the GPU computes the one before, so that only what is
  /// longer shows.
  public var hidesHost = false
  /// Nanoseconds that the host takes to launch a kernel where no graph launches all at once.
  ///
  /// The GPU waits for launches: a step takes no less than all of them.
  public var launchNanosecondsPerKernel: Int64 = 0
  /// Share of the smallest kernel's time by which each kernel is shorter between others than when it
  /// is replayed alone, as tables measure it: its launch and its end hide behind its neighbours.
  public var kernelOverlap = 1.0
  /// How tokens are chosen.
  public var sampling = Sampling.greedy
  /// Multiplies the time of all GPU work but communication; 1 as measured.
  public var computeFactor: Double
  /// Multiplies the time of every all-reduce; 0 asks what a perfect link would give.
  public var communicationFactor: Double

  /// Creates a roofline cost.
  public init(
    hostNanosecondsPerStep: Int64 = 400_000, hostNanosecondsPerSampling: Int64 = 300_000,
    hostNanosecondsPerSequence: Int64 = 1_100,
    computeFactor: Double = 1, communicationFactor: Double = 1
  ) {
    self.hostNanosecondsPerStep = hostNanosecondsPerStep
    self.hostNanosecondsPerSampling = hostNanosecondsPerSampling
    self.hostNanosecondsPerSequence = hostNanosecondsPerSequence
    self.computeFactor = computeFactor
    self.communicationFactor = communicationFactor
  }

  /// Creates the cost with the host times of an engine.
  ///
  /// An engine of 2024 plans, prepares, samples and reads results for 0.95 ms and 42 µs a sequence,
  /// and passes inputs to the workers of tensor parallelism for 6.3 ms (Sarathi-Serve on A100, CPU
  /// overheads of microsoft/vidur: 1.26 ms at 8 sequences of Llama-2-7B, 6.4 ms at 128).
  public init(engine: Engine) {
    self.init()
    guard engine == .vllmV0 else { return }
    hostNanosecondsPerStep = 450_000
    hostNanosecondsPerSampling = 500_000
    hostNanosecondsPerSequence = 42_000
    hostNanosecondsPerTensorStep = 6_300_000
  }
}
