import Hardware

/// The kernels of one stage on one of its GPUs and what they take, in nanoseconds.
struct StageOperators {
  private let request: StageRequest
  private let shard: ShardShape
  private let smallKernelsPerLayer: Int

  init(_ request: StageRequest, smallKernelsPerLayer: Int) {
    self.request = request
    self.smallKernelsPerLayer = smallKernelsPerLayer
    shard = ShardShape(
      model: request.model, tensor: request.plan.tensor, weights: request.weights)
  }

  private var gpu: GPUSpecification { request.gpu }
  private var hidden: Int { request.model.hiddenSize }

  /// All layers of the stage over `tokens`, the part of attention that grows with context and
  /// pairs left out, and the embedding on the first stage.
  func layerNanoseconds(tokens: Int) -> Double {
    guard tokens > 0 else { return 0 }
    let gemms = [
      (shard.queryWidth + 2 * shard.keyValueWidth, hidden), (hidden, shard.queryWidth),
      (2 * shard.intermediate, hidden), (hidden, shard.intermediate),
    ]
    var layer = gpu.attention.floorNanoseconds
    for (outputs, inputs) in gemms {
      layer += gpu.gemmNanoseconds(
        rows: tokens, outputs: outputs, inputs: inputs, weights: request.weights)
    }
    layer += Double(smallKernelsPerLayer) * gpu.gemm.floorNanoseconds
    layer += streamNanoseconds(bytes: Double(tokens * elementwiseNumbersPerToken * 2))
    let embedding =
      request.isFirst
      ? gpu.gemm.floorNanoseconds + streamNanoseconds(bytes: Double(tokens * hidden * 4)) : 0
    return Double(request.layers) * layer + embedding
  }

  /// Numbers read and written per token by a layer's small kernels: norms with residuals, the
  /// rotation of queries and keys with the write to the KV cache, the gated activation.
  private var elementwiseNumbersPerToken: Int {
    8 * hidden + 2 * (shard.queryWidth + 2 * shard.keyValueWidth) + 3 * shard.intermediate
  }

  /// LM head and sampler on the last stage; nothing elsewhere or without sampled sequences.
  func samplingNanoseconds(sequences: Int) -> Double {
    guard request.isLast, sequences > 0 else { return 0 }
    let head = gpu.gemmNanoseconds(
      rows: sequences, outputs: shard.vocabulary, inputs: hidden, weights: .bf16)
    // The sampler passes three times over 32-bit logits: scale, normalise, choose.
    let logits = Double(sequences) * Double(request.model.vocabularySize) * 4
    return head + 3 * (gpu.gemm.floorNanoseconds + streamNanoseconds(bytes: logits))
  }

  /// What each KV token read adds over the stage's layers.
  var nanosecondsPerContextToken: Double {
    let bytes = shard.keyValueBytesPerToken(layers: request.layers, format: request.keyValue)
    return Double(bytes) / gpu.attention.keyValueBytesPerSecond * 1e9
  }

  /// What each query–key pair of a prefill adds: two products of the head's width, two operations.
  var nanosecondsPerPair: Double {
    let operations = 4.0 * Double(shard.queryWidth) * Double(request.layers)
    return operations / gpu.attention.prefillFLOPs * 1e9
  }

  private func streamNanoseconds(bytes: Double) -> Double {
    bytes / gpu.gemm.weightStreamBytesPerSecond * 1e9
  }
}
