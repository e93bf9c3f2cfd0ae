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
    /// Bytes one token's keys and values take on each GPU.
    public var keyValueBytesPerTokenPerGPU: Int64
    /// Tokens whose keys and values fit; 0 if the weights alone do not.
    public var keyValueCapacityTokens: Int

    /// Bytes left for the KV cache, negative if the weights do not fit.
    public var freeBytesPerGPU: Int64 {
      usableBytesPerGPU - weightBytesPerGPU - activationBytesPerGPU
    }
  }

  /// A stage that does not fit, with the figures.
  public struct Fault: Sendable, Hashable, CustomStringConvertible {
    /// The stage, counted from 0.
    public var stage: Int
    /// Bytes of weights on each of its GPUs.
    public var weightBytes: Int64
    /// Bytes of activations, logits and runtime on each of its GPUs.
    public var activationBytes: Int64
    /// Bytes each of its GPUs offers.
    public var usableBytes: Int64

    /// The fault as a sentence, without a full stop.
    public var description: String {
      "stage \(stage) needs \(gigabytes(weightBytes)) GB of weights and "
        + "\(gigabytes(activationBytes)) GB of working memory per GPU, "
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
  ///   - maxSequences: the most sequences of a step.
  public init(
    model: ModelArchitecture, plan: ParallelPlan, gpu: GPUSpecification, weights: NumberFormat,
    keyValue: NumberFormat, gpuMemoryUtilization: Double = 0.9, memoryShare: Double = 1,
    maxBatchedTokens: Int = 2_048, maxSequences: Int = 256
  ) {
    let usable = Int64(Double(gpu.memoryBytes) * gpuMemoryUtilization * memoryShare)
    let shape = ShardShape(model: model, tensor: plan.tensor, weights: weights)
    stages = plan.layersPerStage.indices.map { index in
      let isLast = index == plan.lastStage
      let activation = shape.activationBytes(
        tokens: maxBatchedTokens, sampledSequences: isLast ? maxSequences : 0)
      var stage = Stage(
        usableBytesPerGPU: usable,
        weightBytesPerGPU: shape.weightBytes(
          layers: plan.layersPerStage[index], isFirst: index == 0, isLast: isLast),
        activationBytesPerGPU: activation + runtimeBytes,
        keyValueBytesPerTokenPerGPU: shape.keyValueBytesPerToken(
          layers: plan.layersPerStage[index], format: keyValue),
        keyValueCapacityTokens: 0)
      stage.keyValueCapacityTokens = Int(
        max(0, stage.freeBytesPerGPU) / max(1, stage.keyValueBytesPerTokenPerGPU))
      return stage
    }
    faults = stages.enumerated().filter { $1.keyValueCapacityTokens == 0 }.map { index, stage in
      Fault(
        stage: index, weightBytes: stage.weightBytesPerGPU,
        activationBytes: stage.activationBytesPerGPU, usableBytes: stage.usableBytesPerGPU)
    }
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
