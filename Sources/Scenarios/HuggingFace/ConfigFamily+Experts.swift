import Inference

/// Families with experts.
extension ConfigFamily {
  static let mixtral = ConfigFamily(names: ["mixtral", "MixtralForCausalLM"]) { config, name in
    var model = config.decoder(name, hasDenseLayers: false)
    model.slidingWindow = config.window(of: model.layers) { _ in .all }
    model.experts = Experts(
      count: config.integer("num_local_experts"), perToken: config.integer("num_experts_per_tok"),
      width: config.integer("intermediate_size"))
    return model
  }

  static let qwen2MoE = ConfigFamily(
    names: ["qwen2_moe", "Qwen2MoeForCausalLM"]
  ) { config, name in
    var model = config.decoder(name, hasDenseLayers: false)
    model.biases = .queryKeyValue
    model.slidingWindow = config.switchedWindow(of: model.layers)
    config.addQwenExperts(to: &model)
    model.experts?.sharedWidth = config.integer("shared_expert_intermediate_size")
    model.experts?.hasSharedGate = true
    return model
  }

  static let qwen3MoE = ConfigFamily(
    names: ["qwen3_moe", "Qwen3MoeForCausalLM", "qwen3_vl_moe_text"], defaults: ["head_dim": 128]
  ) { config, name in
    var model = config.qwen3(name, hasDenseLayers: false)
    config.addQwenExperts(to: &model)
    return model
  }

  static let deepSeek = ConfigFamily(
    names: [
      "deepseek_v3", "deepseek_v2", "kimi_k2", "DeepseekV3ForCausalLM", "DeepseekV2ForCausalLM",
    ],
    // Only the latent attention's own widths count.
    defaults: ["head_dim": 1, "num_key_value_heads": 1]
  ) { config, name in
    config.deepSeek(name)
  }

  static let gptOSS = ConfigFamily(
    names: ["gpt_oss", "GptOssForCausalLM"], defaults: ["head_dim": 64]
  ) { config, name in
    var model = config.decoder(name, hasDenseLayers: false)
    model.biases = [.feedForward, .router]
    if config.flag("attention_bias", default: true) {
      model.biases.formUnion([.queryKeyValue, .attentionOutput])
    }
    model.hasAttentionSinks = true
    model.slidingWindow = config.window(of: model.layers) { _ in
      LayerPattern(period: 2, positions: 0b01)
    }
    model.experts = Experts(
      count: config.integer("num_local_experts"),
      perToken: config.integer("num_experts_per_tok", "experts_per_token"),
      width: config.integer("intermediate_size"))
    return model
  }
}

extension ConfigObject {
  /// Qwen's experts: in every n-th layer, but for those that `mlp_only_layers` lists.
  fileprivate func addQwenExperts(to model: inout ModelArchitecture) {
    let experts = Experts(
      count: integer("num_experts"), perToken: integer("num_experts_per_tok"),
      width: integer("moe_intermediate_size"))
    let step = integer("decoder_sparse_step", in: 1...10_000, default: 1)
    let dense = integers("mlp_only_layers") ?? []
    if isSound, step > 1 || !dense.isEmpty {
      let members = (0..<model.layers).map { !dense.contains($0) && ($0 + 1) % step == 0 }
      let name = dense.isEmpty ? "decoder_sparse_step" : "mlp_only_layers"
      addExperts(experts, to: members, of: &model, name)
    } else {
      model.experts = experts
    }
    if model.denseLayers > 0 { model.intermediateSize = integer("intermediate_size") }
  }

  /// Gives experts to some layers, if there are any.
  private func addExperts(
    _ experts: Experts, to members: [Bool], of model: inout ModelArchitecture, _ name: String
  ) {
    guard let layers = pattern(members, name) else { return }
    model.experts = experts
    model.experts?.layers = layers
  }

  /// DeepSeek-V2 and V3: latent attention, first layers dense, shared experts.
  fileprivate func deepSeek(_ name: String) -> ModelArchitecture {
    var model = decoder(name, hasDenseLayers: false)
    let latent = LatentAttention(
      queryRank: has("q_lora_rank") ? integer("q_lora_rank") : nil,
      keyValueRank: integer("kv_lora_rank"),
      nopeDimension: integer("qk_nope_head_dim", in: 1...10_000),
      ropeDimension: integer("qk_rope_head_dim", in: 1...10_000),
      valueDimension: integer("v_head_dim", in: 1...10_000))
    model.latentAttention = latent
    model.headDimension = latent.nopeDimension + latent.ropeDimension
    model.keyValueHeads = model.attentionHeads
    // V3 corrects each expert's score by a bias.
    if text("topk_method") == "noaux_tc" { model.biases.insert(.router) }
    guard has("n_routed_experts") else {
      model.intermediateSize = integer("intermediate_size")
      return model
    }
    let width = integer("moe_intermediate_size")
    let shared = integer("n_shared_experts", in: 0...10_000, default: 0)
    let first = integer("first_k_dense_replace", in: 0...10_000, default: 0)
    let step = integer("moe_layer_freq", in: 1...10_000, default: 1)
    let experts = Experts(
      count: integer("n_routed_experts"), perToken: integer("num_experts_per_tok"), width: width,
      sharedWidth: shared * width, layers: .from(first))
    if isSound, step > 1 {
      let members = (0..<model.layers).map { $0 >= first && $0 % step == 0 }
      addExperts(experts, to: members, of: &model, "moe_layer_freq")
    } else {
      model.experts = experts
    }
    if model.denseLayers > 0 { model.intermediateSize = integer("intermediate_size") }
    return model
  }
}
