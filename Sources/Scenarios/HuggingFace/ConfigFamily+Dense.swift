import Inference

/// Families with gated feed-forward networks, and with the keys of Llama.
extension ConfigFamily {
  static let llama = ConfigFamily(
    names: ["llama", "LlamaForCausalLM", "LLaMAForCausalLM", "Yi", "YiForCausalLM"]
  ) { config, name in
    var model = config.decoder(name)
    if config.flag("attention_bias", default: false) {
      model.biases.formUnion([.queryKeyValue, .attentionOutput])
    }
    if config.flag("mlp_bias", default: false) { model.biases.insert(.feedForward) }
    return model
  }

  static let mistral = ConfigFamily(
    names: ["mistral", "MistralForCausalLM", "Mistral3ForConditionalGeneration", "ministral"]
  ) { config, name in
    var model = config.decoder(name)
    model.slidingWindow = config.window(of: model.layers) { _ in .all }
    return model
  }

  static let qwen2 = ConfigFamily(names: [
    "qwen2", "Qwen2ForCausalLM", "qwen2_vl", "qwen2_5_vl", "qwen2_5_vl_text",
  ]) { config, name in
    config.qwen2(name)
  }

  static let qwen3 = ConfigFamily(
    names: ["qwen3", "Qwen3ForCausalLM", "qwen3_vl_text"], defaults: ["head_dim": 128]
  ) { config, name in
    config.qwen3(name)
  }

  static let phi3 = ConfigFamily(names: ["phi3", "Phi3ForCausalLM"]) { config, name in
    var model = config.decoder(name)
    model.slidingWindow = config.window(of: model.layers) { _ in .all }
    return model
  }

  static let gemma = ConfigFamily(
    names: ["gemma", "GemmaForCausalLM"], defaults: ["head_dim": 256]
  ) { config, name in
    config.decoder(name, tied: true)
  }

  static let gemma2 = ConfigFamily(
    names: ["gemma2", "Gemma2ForCausalLM"],
    defaults: ["head_dim": 256, "sliding_window": 4_096]
  ) { config, name in
    var model = config.decoder(name, tied: true)
    model.norms.perLayer = 4
    model.slidingWindow = config.window(of: model.layers) { _ in
      LayerPattern(period: 2, positions: 0b01)
    }
    return model
  }

  static let gemma3 = ConfigFamily(
    names: [
      "gemma3_text", "gemma3", "Gemma3ForCausalLM", "Gemma3ForConditionalGeneration",
    ],
    defaults: [
      "head_dim": 256, "num_attention_heads": 8, "num_key_value_heads": 4,
      "vocab_size": 262_208, "max_position_embeddings": 131_072, "sliding_window": 4_096,
    ]
  ) { config, name in
    var model = config.decoder(name, tied: true)
    model.norms = Norms(perLayer: 4, onQueriesAndKeys: true)
    model.slidingWindow = config.window(of: model.layers) { config in
      // Every n-th layer, the n-th first, sees everything.
      let period = config.integer(
        "sliding_window_pattern", "_sliding_window_pattern", in: 1...64, default: 6)
      return LayerPattern(period: period, positions: (1 << UInt64(period - 1)) - 1)
    }
    return model
  }
}

extension ConfigObject {
  /// `sliding_window` over the layers of `layer_types`, else over those of the family's own rule.
  func window(of layers: Int, standard: (ConfigObject) -> LayerPattern) -> SlidingWindow? {
    guard has("sliding_window") || defaults["sliding_window"] != nil else { return nil }
    let tokens = integer("sliding_window", in: 1...1_000_000_000)
    if let listed = windowedLayers(of: layers) {
      return listed.map { SlidingWindow(tokens: tokens, layers: $0) }
    }
    let pattern = standard(self)
    return pattern.positions == 0 ? nil : SlidingWindow(tokens: tokens, layers: pattern)
  }

  /// Qwen2 dense: the window holds only if it is switched on, and from some layer on.
  func qwen2(_ name: String) -> ModelArchitecture {
    var model = decoder(name, hasDenseLayers: true)
    model.biases = .queryKeyValue
    model.slidingWindow = switchedWindow(of: model.layers)
    return model
  }

  /// Qwen3 dense: norms of queries and keys instead of biases.
  func qwen3(_ name: String, hasDenseLayers: Bool = true) -> ModelArchitecture {
    var model = decoder(name, hasDenseLayers: hasDenseLayers)
    model.norms.onQueriesAndKeys = true
    if flag("attention_bias", default: false) {
      model.biases = [.queryKeyValue, .attentionOutput]
    }
    model.slidingWindow = switchedWindow(of: model.layers)
    return model
  }

  func switchedWindow(of layers: Int) -> SlidingWindow? {
    guard flag("use_sliding_window", default: false) else { return nil }
    return window(of: layers) { config in
      let first = config.integer("max_window_layers", in: 0...10_000, default: 28)
      return first < layers ? .from(first) : LayerPattern(positions: 0)
    }
  }
}
