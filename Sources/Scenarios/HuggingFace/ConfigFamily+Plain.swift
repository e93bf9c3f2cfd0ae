import Inference
import JSON

/// Families with layer norms and plain feed-forward networks.
extension ConfigFamily {
  static let opt = ConfigFamily(names: ["opt", "OPTForCausalLM"]) { config, name in
    var model = config.decoder(name, tied: true)
    config.makePlain(&model)
    model.biases = config.flag("enable_bias", default: true) ? .everyLayer : []
    // Positions are counted from 2: two rows more than the context.
    model.learnedPositions = model.maxContextTokens + 2
    let embedding = config.integer("word_embed_proj_dim", default: model.hiddenSize)
    if config.isSound, embedding != model.hiddenSize {
      config.fault(
        ["word_embed_proj_dim"],
        .unfit(
          found: grouped(embedding), needed: "the hidden width, \(grouped(model.hiddenSize))"))
    }
    return model
  }

  static let gpt2 = ConfigFamily(
    names: ["gpt2", "GPT2LMHeadModel"], defaults: ["n_positions": 1_024]
  ) { config, name in
    config.gpt2(name)
  }

  static let bigCode = ConfigFamily(
    names: ["gpt_bigcode", "GPTBigCodeForCausalLM"], defaults: ["n_positions": 1_024]
  ) { config, name in
    var model = config.gpt2(name)
    if config.flag("multi_query", default: true) { model.keyValueHeads = 1 }
    return model
  }

  static let bloom = ConfigFamily(
    names: ["bloom", "BloomForCausalLM"], defaults: ["seq_length": 2_048]
  ) { config, name in
    var model = config.decoder(name, tied: true, hasDenseLayers: false)
    config.makePlain(&model)
    model.intermediateSize = 4 * model.hiddenSize
    model.norms.onEmbedding = true
    model.biases = .everyLayer
    return model
  }

  static let falcon = ConfigFamily(
    names: [
      "falcon", "FalconForCausalLM", "RefinedWeb", "RefinedWebModel", "RWForCausalLM",
    ],
    defaults: ["max_position_embeddings": 2_048]
  ) { config, name in
    var model = config.decoder(name, tied: true, hasDenseLayers: false)
    config.makePlain(&model)
    model.intermediateSize = config.integer("ffn_hidden_size", default: 4 * model.hiddenSize)
    let isNew = config.flag("new_decoder_architecture", default: config.has("n_head_kv"))
    model.hasParallelBlocks = isNew || config.flag("parallel_attn", default: true)
    if isNew {
      model.keyValueHeads = config.integer(
        "num_kv_heads", "n_head_kv", in: 1...10_000, default: model.attentionHeads)
    } else if config.flag("multi_query", default: true) {
      model.keyValueHeads = 1
    }
    // The newer ones norm attention and feed-forward apart; the older share one if parallel.
    let norms = isNew ? 2 : model.hasParallelBlocks ? 1 : 2
    model.norms.perLayer = config.integer("num_ln_in_parallel_attn", in: 1...2, default: norms)
    if config.flag("bias", default: false) { model.biases = .everyLayer }
    return model
  }

  static let phi = ConfigFamily(
    names: ["phi", "PhiForCausalLM", "phi-msft"]
  ) { config, name in
    var model = config.decoder(name, hasDenseLayers: false)
    config.makePlain(&model)
    model.intermediateSize = config.integer(
      "intermediate_size", "n_inner", default: 4 * model.hiddenSize)
    model.norms.perLayer = 1
    model.hasParallelBlocks = true
    model.biases = [.everyLayer, .head]
    return model
  }
}

extension ConfigObject {
  fileprivate func makePlain(_ model: inout ModelArchitecture) {
    model.feedForward = .plain
    model.norms.kind = .layer
  }

  /// GPT-2 and its kin: learned positions, every product with a bias.
  fileprivate func gpt2(_ name: String) -> ModelArchitecture {
    var model = decoder(name, tied: true, hasDenseLayers: false)
    makePlain(&model)
    model.intermediateSize = integer("n_inner", default: 4 * model.hiddenSize)
    model.biases = .everyLayer
    model.learnedPositions = model.maxContextTokens
    return model
  }
}
