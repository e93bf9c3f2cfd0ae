public import Hardware

/// What a plan puts into a GPU's memory, stage by stage.
public struct MemoryPlan: Sendable, Hashable {
  /// One stage's part.
  public struct Stage: Sendable, Hashable {
    /// Bytes each GPU of the stage may use for this model.
    public var usableBytesPerGPU: Int64
    /// Bytes of weights on each GPU.
    public var weightBytesPerGPU: Int64
    /// Bytes each GPU keeps for activations, logits and the runtime.
    public var activationBytesPerGPU: Int64
    /// Bytes each GPU keeps for hidden states that wait for it or for the links.
    ///
    /// Those of every micro-batch in flight may lie at one stage; 0 without a pipeline.
    public var inFlightBytesPerGPU: Int64
    /// Bytes one token's keys and values take on each GPU, in layers with a window only as long as
    /// it is inside.
    public var keyValueBytesPerTokenPerGPU: Int64
    /// Tokens whose keys and values fit whatever the lengths of their sequences; 0 if the weights
    /// alone do not.
    public var keyValueCapacityTokens: Int

    /// Bytes each GPU keeps besides weights and KV cache.
    public var workingBytesPerGPU: Int64 { activationBytesPerGPU + inFlightBytesPerGPU }

    /// Bytes left for the KV cache, negative if the weights do not fit.
    public var freeBytesPerGPU: Int64 {
      usableBytesPerGPU - weightBytesPerGPU - workingBytesPerGPU
    }
  }

  /// A stage that does not fit, with the figures.
  public struct Fault: Sendable, Hashable, CustomStringConvertible {
    /// The stage, counted from 0.
    public var stage: Int
    /// Bytes of weights on each of its GPUs.
    public var weightBytes: Int64
    /// Bytes of activations, logits, runtime and hidden states in flight on each of its GPUs.
    public var workingBytes: Int64
    /// Bytes each of its GPUs offers.
    public var usableBytes: Int64

    /// The fault as a sentence, without a full stop.
    public var description: String {
      "stage \(stage) needs \(gigabytes(weightBytes)) GB of weights and "
        + "\(gigabytes(workingBytes)) GB of working memory per GPU, "
        + "\(gigabytes(usableBytes)) GB usable"
    }
  }

  /// The stages, first stage first.
  public var stages: [Stage]
  /// The stages that do not fit.
  public var faults: [Fault]

  /// Tokens that fit into the whole path: those of its tightest stage.
  public var capacityTokens: Int { stages.map(\.keyValueCapacityTokens).min() ?? 0 }

  /// Whether every stage fits and has room for at least one token.
  public var fits: Bool { faults.isEmpty }

  /// Plans the memory of one GPU type for all stages.
  ///
  /// - Parameters:
  ///   - model: the model's shape.
  ///   - plan: a legal plan for it.
  ///   - gpu: the GPU type of every stage.
  ///   - weights: the format of the weights.
  ///   - keyValue: the format of the KV cache.
  ///   - gpuMemoryUtilization: the share of memory the engine takes (vLLM's default is 0.9).
  ///   - memoryShare: this model's part of a GPU that several models share; each of them pays for
  ///     a runtime of its own.
  ///   - maxBatchedTokens: the most tokens of a step.
  ///   - maxSequences: the most sequences of a step; with a sliding window, also of the KV cache.
  ///   - microbatchesInFlight: how many micro-batches of that size a pipeline holds; their hidden
  ///     states and residuals wait at its stages.
  public init(
    model: ModelArchitecture, plan: ParallelPlan, gpu: GPUSpecification, weights: NumberFormat,
    keyValue: NumberFormat, gpuMemoryUtilization: Double = 0.9, memoryShare: Double = 1,
    maxBatchedTokens: Int = 2_048, maxSequences: Int = 256, microbatchesInFlight: Int = 0
  ) {
    let room = StageRoom(
      shape: ShardShape(model: model, tensor: plan.tensor, weights: weights), keyValue: keyValue,
      usableBytes: Int64(Double(gpu.memoryBytes) * gpuMemoryUtilization * memoryShare),
      maxBatchedTokens: maxBatchedTokens, maxSequences: maxSequences,
      microbatchesInFlight: plan.stages > 1 ? microbatchesInFlight : 0)
    stages = (0..<plan.stages).map { stage in
      let held = plan.virtualStages(ofStage: stage)
      let layers = held.map { model.layerCounts(in: plan.layerRange(ofStage: $0)) }
      return room.stage(
        layers.reduce(.none, +), isFirst: held.contains(0), isLast: held.contains(plan.lastStage))
    }
    faults = stages.enumerated().filter { $1.keyValueCapacityTokens == 0 }.map { index, stage in
      Fault(
        stage: index, weightBytes: stage.weightBytesPerGPU,
        workingBytes: stage.workingBytesPerGPU, usableBytes: stage.usableBytesPerGPU)
    }
  }
}

/// The memory of a GPU for a stage of some layers.
struct StageRoom {
  let shape: ShardShape
  let keyValue: NumberFormat
  let usableBytes: Int64
  let maxBatchedTokens: Int
  let maxSequences: Int
  let microbatchesInFlight: Int

  /// What those layers take of it and leave.
  func stage(_ layers: LayerCounts, isFirst: Bool, isLast: Bool) -> MemoryPlan.Stage {
    let model = shape.model
    let cache = KeyValueDemand(
      full: shape.keyValueBytesPerToken(layers: layers.full, format: keyValue),
      windowed: shape.keyValueBytesPerToken(layers: layers.windowed, format: keyValue))
    let activation = shape.activationBytes(
      tokens: maxBatchedTokens, sampledSequences: isLast ? maxSequences : 0)
    var stage = MemoryPlan.Stage(
      usableBytesPerGPU: usableBytes,
      weightBytesPerGPU: shape.weightBytes(layers, isFirst: isFirst, isLast: isLast),
      activationBytesPerGPU: activation + runtimeBytes,
      inFlightBytesPerGPU: Int64(microbatchesInFlight)
        * hopBytes(tokens: maxBatchedTokens, model: model),
      keyValueBytesPerTokenPerGPU: cache.full + cache.windowed,
      keyValueCapacityTokens: 0)
    let windows = model.effectiveWindow.map { maxSequences * $0.tokens + maxBatchedTokens }
    stage.keyValueCapacityTokens = Int(
      cache.capacity(
        free: stage.freeBytesPerGPU, windows: Int64(windows ?? 0),
        most: Int64(maxSequences) * Int64(model.maxContextTokens)))
    return stage
  }
}

/// What a token's keys and values take on a GPU of a stage, in bytes.
private struct KeyValueDemand {
  /// In the layers that see the whole context.
  let full: Int64
  /// In the layers with a window.
  let windowed: Int64

  /// The most tokens S that fit into the free bytes however many sequences share them.
  ///
  /// Layers with a window keep at most `windows` tokens in all: a window for each sequence and
  /// the step's tokens. So S fits if full · S + windowed · min(S, windows) does.
  func capacity(free: Int64, windows: Int64, most: Int64) -> Int64 {
    guard free > 0 else { return 0 }
    let alike = free / max(1, full + windowed)
    guard windowed > 0 else { return alike }
    let (held, overflow) = windowed.multipliedReportingOverflow(by: windows)
    guard !overflow, held <= free else { return alike }
    return max(alike, full > 0 ? (free - held) / full : most)
  }
}

/// Bytes of CUDA context, libraries and allocator slack of one engine process: what remains of
/// 0.9 of an H100 after weights, KV cache and activations (vLLM 0.11, inference-sim ground truth:
/// weights + KV cache = 70.3–71.0 GiB).
private let runtimeBytes: Int64 = 768 << 20

/// Bytes as GB with one digit.
private func gigabytes(_ bytes: Int64) -> String {
  let tenths = (bytes + 50_000_000) / 100_000_000
  return "\(tenths / 10).\(tenths % 10)"
}
