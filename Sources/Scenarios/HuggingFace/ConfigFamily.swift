import Inference
import JSON

/// Models that share the keys of their `config.json`.
struct ConfigFamily: Sendable {
  /// The values of `model_type` and `architectures` that name it.
  let names: [String]
  /// What its class takes for missing keys.
  var defaults: [String: Int] = [:]
  /// Reads a shape; what is wrong is told to the object.
  let read: @Sendable (ConfigObject, String) -> ModelArchitecture

  /// Every family that is read, in the order in which messages list them.
  static let all: [ConfigFamily] =
    [llama, mistral, qwen2, qwen3, phi3, gemma, gemma2, gemma3]
    + [mixtral, qwen2MoE, qwen3MoE, deepSeek, gptOSS]
    + [opt, gpt2, bigCode, bloom, falcon, phi]

  /// The `model_type` of every family, for messages.
  static let types = all.compactMap(\.names.first)

  /// The family of a file: by `model_type`, else by the first of `architectures`.
  static func of(_ config: ConfigObject) -> ConfigFamily? {
    let type = config.text("model_type")
    let classes = config.texts("architectures") ?? []
    return ([type].compactMap { $0 } + classes).lazy.compactMap { name in
      all.first { $0.names.contains(name) }
    }.first
  }
}

extension ConfigObject {
  /// A shape with the keys that most families have; `tied`: what holds without
  /// `tie_word_embeddings`.
  func decoder(_ name: String, tied: Bool = false, hasDenseLayers: Bool = true) -> ModelArchitecture
  {
    let hidden = integer("hidden_size", "n_embd", "n_embed", "d_model")
    let heads = integer("num_attention_heads", "n_head", in: 1...10_000)
    return ModelArchitecture(
      name: name, layers: integer("num_hidden_layers", "n_layer", in: 1...10_000),
      hiddenSize: hidden, attentionHeads: heads,
      keyValueHeads: integer("num_key_value_heads", in: 1...10_000, default: heads),
      headDimension: headDimension(hidden: hidden, heads: heads),
      intermediateSize: hasDenseLayers
        ? integer("intermediate_size", "ffn_dim", "n_inner", "ffn_hidden_size") : 0,
      vocabularySize: integer("vocab_size", in: 1...100_000_000),
      tiedEmbeddings: flag("tie_word_embeddings", default: tied),
      maxContextTokens: integer(
        "max_position_embeddings", "n_positions", "seq_length", in: 1...1_000_000_000))
  }

  /// `head_dim`, else the hidden width over the heads, which then must divide it.
  private func headDimension(hidden: Int, heads: Int) -> Int {
    if has("head_dim") { return integer("head_dim", in: 1...10_000) }
    if let standard = defaults["head_dim"] { return standard }
    if isSound, hidden % heads != 0 {
      fault(
        ["num_attention_heads", "n_head"],
        .unfit(
          found: grouped(heads),
          needed: "heads that divide the hidden width of \(grouped(hidden)), or \"head_dim\""))
    }
    return max(1, hidden / heads)
  }

  /// `layer_types` as the layers with a window, nil when it is missing; a list of another length or
  /// with other kinds of layers is told.
  func windowedLayers(of layers: Int) -> LayerPattern?? {
    guard let types = texts("layer_types") else { return nil }
    let known = ["full_attention", "sliding_attention"]
    if let other = types.first(where: { !known.contains($0) }) {
      fault(
        ["layer_types"],
        .unfit(found: "\"\(shortened(other))\"", needed: known.joined(separator: " or ")))
    } else if isSound, types.count != layers {
      fault(
        ["layer_types"],
        .unfit(
          found: "\(grouped(types.count)) layers",
          needed: "\(grouped(layers)), as many as num_hidden_layers"))
    }
    guard isSound, types.contains("sliding_attention") else { return .some(nil) }
    return pattern(types.map { $0 == "sliding_attention" }, "layer_types")
  }

  /// The pattern of some layers; layers without one are told.
  func pattern(_ members: [Bool], _ name: String) -> LayerPattern? {
    if let pattern = LayerPattern(members: members) { return pattern }
    if members.contains(true) {
      fault(
        [name],
        .unsupported(
          what: "the layers follow no pattern that repeats within 64 layers",
          instead: "needs one that does"))
    }
    return nil
  }
}
