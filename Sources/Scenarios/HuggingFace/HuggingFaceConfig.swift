public import Inference
import JSON

/// Reads the `config.json` that publishers put beside a model's weights.
public enum HuggingFaceConfig {
  /// The `model_type` of every family of models that is read.
  public static let modelTypes: [String] = ConfigFamily.types

  /// Reads a file's text.
  ///
  /// - Parameters:
  ///   - text: The file's JSON.
  ///   - fileName: Its name, for messages; only what follows its last slash is shown.
  ///   - name: What to call the model; nil takes the file's own `_name_or_path`, else its name.
  /// - Returns: The model's shape, the format of its weights, and the file as its source.
  /// - Throws: `ScenarioFaults` with everything that is wrong, by key, line and column.
  public static func read(
    text: String, fileName: String, name: String? = nil
  ) throws(ScenarioFaults) -> CatalogueModel {
    let base = fileName.split(separator: "/").last.map(String.init) ?? fileName
    let faults = FaultCollector(lines: LineIndex(text), overrides: [])
    let model = Self.model(of: text, name: name, fileName: base, takesWeights: true, faults)
    guard faults.isEmpty, let model else {
      throw ScenarioFaults(fileName: base, faults: faults.faults)
    }
    return model
  }

  /// The model of a file's text, nil when there are faults, which then are in `faults`.
  static func model(
    of text: String, name: String?, fileName: String, takesWeights: Bool, _ faults: FaultCollector
  ) -> CatalogueModel? {
    guard let root = ScenarioDecoder.tree(of: text, into: faults) else { return nil }
    let located = ObjectReader.Located(node: root, path: .root)
    guard case .object = root.value else {
      faults.add(
        .unfit(found: root.found, needed: "an object, a model's config.json"), at: .root,
        from: root.origin)
      return nil
    }
    var own: String?
    if case .string(let path)? = root["_name_or_path"]?.value {
      own = path.split(separator: "/").last.map(String.init)
    }
    let model = model(
      of: located, name: name ?? own ?? fileName, takesWeights: takesWeights
    ) { faults.add($0, at: $1, from: $2) }
    return model.map {
      CatalogueModel(architecture: $0.shape, weights: $0.weights, source: fileName)
    }
  }

  /// The model of an object; `takesWeights`: whether it decides the format of the weights too.
  static func model(
    of located: ObjectReader.Located, name: String, takesWeights: Bool,
    tell: @escaping (ScenarioProblem, JSONPath, ValueOrigin) -> Void
  ) -> (shape: ModelArchitecture, weights: NumberFormat)? {
    let config = ConfigObject(located, tell: tell)
    guard let family = ConfigFamily.of(config) else {
      if config.isSound { config.tellUnknownArchitecture() }
      return nil
    }
    config.defaults = family.defaults
    let shape = family.read(config, name)
    let weights = takesWeights ? config.weights() : .bf16
    guard config.isSound else { return nil }
    for fault in shape.faults {
      config.fault(fault.place.configKeys, .unfit(found: fault.found, needed: fault.needed))
    }
    guard config.isSound, let weights else { return nil }
    return (shape, weights)
  }
}

extension ConfigObject {
  /// Names the architecture, and what would be missing to read it like Llama.
  fileprivate func tellUnknownArchitecture() {
    let needed = [
      ["hidden_size", "n_embd", "n_embed", "d_model"], ["num_hidden_layers", "n_layer"],
      ["num_attention_heads", "n_head"], ["intermediate_size", "ffn_dim", "n_inner"],
      ["vocab_size"], ["max_position_embeddings", "n_positions", "seq_length"],
    ]
    let telling = [
      "n_routed_experts", "num_experts", "num_local_experts", "kv_lora_rank", "state_size",
      "ssm_cfg", "layer_types", "layers_block_type", "attn_type_list", "encoder_layers",
    ]
    let type = text("model_type")
    let classes = texts("architectures") ?? []
    fault(
      ["architectures", "model_type"],
      .unknownArchitecture(
        found: classes.first ?? type, modelType: type,
        lacks: needed.filter { value($0) == nil }.compactMap(\.first),
        extra: telling.filter { value([$0]) != nil },
        known: ConfigFamily.types))
  }
}
