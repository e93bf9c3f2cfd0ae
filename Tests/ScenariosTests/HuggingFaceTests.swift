import EventKernel
import Inference
import Scenarios
import Testing

/// A config.json written for these tests: the published figures of a model of the catalogue under
/// the publisher's keys.
struct ConfigCase: Sendable, CustomTestStringConvertible {
  /// The catalogue's name, whose shape must come out.
  var model: String
  var weights: NumberFormat
  var text: String

  init(_ model: String, weights: NumberFormat = .bf16, _ text: String) {
    self.model = model
    self.weights = weights
    self.text = text
  }

  var testDescription: String { model }

  static let all = dense + windows + experts + plain
}

@Suite("Hugging Face config.json")
struct HuggingFaceTests {
  @Test("A published config.json is read as the catalogue's model", arguments: ConfigCase.all)
  func families(_ config: ConfigCase) throws {
    let read = try HuggingFaceConfig.read(
      text: config.text, fileName: "folder/config.json", name: config.model)
    #expect(read.architecture == ModelCatalogue.model(named: config.model))
    #expect(read.weights == config.weights)
    #expect(read.source == "config.json")
  }

  @Test("Every family that messages name has a config.json here")
  func complete() {
    for type in HuggingFaceConfig.modelTypes
    where !["qwen2_moe", "gemma", "gpt2", "gpt_bigcode"].contains(type) {
      let isThere = ConfigCase.all.contains { $0.text.contains("\"\(type)\"") }
      #expect(isThere, "\(type)")
    }
  }

  private func shape(_ text: String) throws -> ModelArchitecture {
    try HuggingFaceConfig.read(text: text, fileName: "c.json").architecture
  }

  @Test("Models outside the catalogue have the parameters that their publishers count")
  func others() throws {
    let gpt2 = """
      { "model_type": "gpt2", "n_embd": 768, "n_head": 12, "n_layer": 12, "n_positions": 1024,
        "vocab_size": 50257 }
      """
    #expect(try shape(gpt2).parameterCount == 124_439_808)
    let santaCoder = """
      { "model_type": "gpt_bigcode", "n_embd": 2048, "n_head": 16, "n_layer": 24,
        "n_inner": 8192, "n_positions": 2048, "vocab_size": 49280, "multi_query": true }
      """
    #expect(try shape(santaCoder).keyValueHeads == 1)
    #expect(try shape(santaCoder).parameterCount == 1_124_886_528)
    let gemma = """
      { "model_type": "gemma", "hidden_size": 2048, "num_attention_heads": 8,
        "num_key_value_heads": 1, "num_hidden_layers": 18, "head_dim": 256,
        "intermediate_size": 16384, "max_position_embeddings": 8192, "vocab_size": 256000 }
      """
    #expect(try shape(gemma).parameterCount == 2_506_172_416)
    let qwen = """
      { "model_type": "qwen2_moe", "hidden_size": 2048, "num_attention_heads": 16,
        "num_key_value_heads": 16, "num_hidden_layers": 24, "intermediate_size": 5632,
        "moe_intermediate_size": 1408, "shared_expert_intermediate_size": 5632,
        "num_experts": 60, "num_experts_per_tok": 4, "decoder_sparse_step": 1,
        "max_position_embeddings": 8192, "vocab_size": 151936 }
      """
    #expect(try shape(qwen).parameterCount == 14_315_784_192)
  }

  @Test("Keys that are missing have the meaning that loading gives them")
  func missingKeys() throws {
    let text = """
      { "architectures": ["LlamaForCausalLM"], "hidden_size": 4096, "num_attention_heads": 32,
        "num_hidden_layers": 2, "intermediate_size": 8192, "vocab_size": 32000, "head_dim": null,
        "max_position_embeddings": 4096, "rope_scaling": { "factor": 8, "type": "linear" } }
      """
    let model = try shape(text)
    #expect(model.keyValueHeads == 32)
    #expect(model.headDimension == 128)
    #expect(!model.tiedEmbeddings)
    // Scaled positions lengthen nothing: the file says how long the context is.
    #expect(model.maxContextTokens == 4_096)
    #expect(model.name == "c.json")
  }

  @Test("Experts in every second layer and dense layers by list follow their patterns")
  func sparseSteps() throws {
    func qwen(_ keys: String) throws -> ModelArchitecture {
      try shape(
        """
        { "model_type": "qwen3_moe", "hidden_size": 64, "num_attention_heads": 4,
          "num_key_value_heads": 2, "num_hidden_layers": 8, "intermediate_size": 256,
          "moe_intermediate_size": 32, "num_experts": 8, "num_experts_per_tok": 2,
          "max_position_embeddings": 8192, "vocab_size": 1000, \(keys) }
        """)
    }
    let second = try qwen("\"decoder_sparse_step\": 2")
    #expect(
      (0..<8).map { second.experts?.layers.contains($0) == true } == [
        false, true, false, true, false, true, false, true,
      ])
    #expect(second.denseLayers == 4 && second.intermediateSize == 256)
    let listed = try qwen("\"mlp_only_layers\": [0, 1]")
    #expect(listed.experts?.layers == .from(2))
    #expect(try qwen("\"mlp_only_layers\": []").denseLayers == 0)
    #expect(try qwen("\"mlp_only_layers\": [0, 1, 2, 3, 4, 5, 6, 7]").experts == nil)
  }

  @Test(
    "Quantised files say in which format",
    arguments: [
      (#"{ "quant_method": "awq", "bits": 4, "group_size": 128 }"#, NumberFormat.int4),
      (#"{ "quant_method": "gptq", "bits": 8 }"#, .int8),
      (#"{ "quant_method": "fp8", "weight_block_size": [128, 128] }"#, .fp8),
      (#"{ "quant_method": "bitsandbytes", "load_in_8bit": true }"#, .int8),
      (#"{ "quant_method": "bitsandbytes", "load_in_4bit": true }"#, .int4),
      (#"{ "quant_method": "modelopt", "quant_algo": "FP8" }"#, .fp8),
      (
        #"""
        { "quant_method": "compressed-tensors", "config_groups": { "group_0": {
          "weights": { "num_bits": 8, "type": "float" } } } }
        """#, .fp8
      ),
      (
        #"""
        { "quant_method": "compressed-tensors", "config_groups": { "group_0": {
          "weights": { "num_bits": 4, "type": "int" } } } }
        """#, .int4
      ),
    ])
  func quantised(_ quantization: String, _ format: NumberFormat) throws {
    let text = ConfigCase.dense[0].text.replacing(
      "{ \"architectures\"", with: "{ \"quantization_config\": \(quantization), \"architectures\"")
    #expect(try HuggingFaceConfig.read(text: text, fileName: "c.json").weights == format)
  }

  @Test("Files without a type of numbers hold 16 bits, those of 32 bits are served in 16")
  func types() throws {
    for (type, format) in [("float32", NumberFormat.fp16), ("float16", .fp16), ("bfloat16", .bf16)]
    {
      let text = ConfigCase.dense[0].text.replacing("bfloat16", with: type)
      #expect(try HuggingFaceConfig.read(text: text, fileName: "c.json").weights == format)
    }
  }
}
