import Inference
import Scenarios
import Testing

@Suite("Faults of a config.json")
struct ConfigFaultTests {
  /// What is said of a file's text, one line a fault.
  private func lines(_ text: String) -> String {
    do throws(ScenarioFaults) {
      let model = try HuggingFaceConfig.read(text: text, fileName: "folder/config.json")
      return "read as \(model.architecture.name)"
    } catch {
      return error.lines.joined(separator: "\n")
    }
  }

  /// The same with one piece of a sound file replaced.
  private func lines(replacing old: String, with new: String) -> String {
    #expect(Self.sound.contains(old))
    return lines(Self.sound.replacing(old, with: new))
  }

  private static let sound = """
    {
      "model_type": "llama",
      "hidden_size": 4096,
      "num_attention_heads": 32,
      "num_key_value_heads": 8,
      "num_hidden_layers": 32,
      "intermediate_size": 14336,
      "vocab_size": 128256,
      "max_position_embeddings": 8192
    }
    """

  @Test("An unknown architecture is named, with the keys it lacks")
  func unknownArchitecture() {
    let known = HuggingFaceConfig.modelTypes.joined(separator: ", ")
    #expect(
      lines(
        """
        { "architectures": ["MambaForCausalLM"], "model_type": "mamba",
          "hidden_size": 768, "num_hidden_layers": 24, "vocab_size": 50280 }
        """) == """
          config.json:1:20: architectures: found "MambaForCausalLM" (model_type "mamba"), needs one \
          of \(known); to be read like most it lacks num_attention_heads, intermediate_size, \
          max_position_embeddings
          """)
    #expect(
      lines(replacing: "\"llama\"", with: "\"new_decoder\"") == """
        config.json:2:17: model_type: found "new_decoder", needs one of \(known); it has the keys \
        of a plain decoder; if it is one, say so by "model_type": "llama"
        """)
    let sparse = lines(
      replacing: "\"llama\"", with: "\"deepseek\", \"n_routed_experts\": 64")
    #expect(
      sparse.hasSuffix(
        "it has the keys of a plain decoder but is none, for it has n_routed_experts"))
    #expect(
      lines("{}").hasPrefix(
        "config.json:1:1: architectures: found no architecture, needs one of llama, "))
  }

  @Test("Missing keys of a known architecture are all named at once")
  func missing() {
    #expect(
      lines("{ \"model_type\": \"mixtral\", \"hidden_size\": 4096 }") == """
        config.json:1:1: num_attention_heads: missing, needs a whole number from 1 to 10,000
        config.json:1:1: num_hidden_layers: missing, needs a whole number from 1 to 10,000
        config.json:1:1: vocab_size: missing, needs a whole number from 1 to 100,000,000
        config.json:1:1: max_position_embeddings: missing, needs a whole number from 1 to \
        1,000,000,000
        config.json:1:1: num_local_experts: missing, needs a whole number from 1 to 1,000,000
        config.json:1:1: num_experts_per_tok: missing, needs a whole number from 1 to 1,000,000
        config.json:1:1: intermediate_size: missing, needs a whole number from 1 to 1,000,000
        """)
    #expect(
      lines("{ \"model_type\": \"deepseek_v3\" }").split(separator: "\n").count == 10)
  }

  @Test(
    "Nonsense values are told by key, line and column",
    arguments: [
      (
        "\"num_hidden_layers\": 32", "\"num_hidden_layers\": -32",
        "6:24: num_hidden_layers: found -32, needs a whole number from 1 to 10,000"
      ),
      (
        "\"num_hidden_layers\": 32", "\"num_hidden_layers\": \"32\"",
        "6:24: num_hidden_layers: found \"32\", needs a whole number from 1 to 10,000"
      ),
      (
        "\"num_hidden_layers\": 32", "\"num_hidden_layers\": 1.5",
        "6:24: num_hidden_layers: found 1.5, needs a whole number from 1 to 10,000"
      ),
      (
        "\"num_attention_heads\": 32", "\"num_attention_heads\": 33",
        """
        4:26: num_attention_heads: found 33, needs heads that divide the hidden width of 4,096, \
        or "head_dim"
        """
      ),
      (
        "\"num_key_value_heads\": 8", "\"num_key_value_heads\": 5",
        """
        5:26: num_key_value_heads: found 5, needs a number that divides the 32 attention heads
        """
      ),
      (
        "\"hidden_size\": 4096", "\"hidden_size\": 4096, \"attention_bias\": 1",
        "3:42: attention_bias: found 1, needs true or false"
      ),
      (
        "\"hidden_size\": 4096", "\"hidden_size\": 4096, \"torch_dtype\": \"int3\"",
        "3:39: torch_dtype: found \"int3\", needs bfloat16, float16 or float32"
      ),
      (
        "\"hidden_size\": 4096",
        "\"hidden_size\": 4096, \"quantization_config\": { \"quant_method\": \"aqlm\" }",
        """
        3:47: quantization_config: found "aqlm", needs fp8, awq, gptq (4 or 8 bits), mxfp4, \
        compressed-tensors, bitsandbytes or modelopt, or "weights" beside the config to say what \
        it is
        """
      ),
    ])
  func nonsense(_ old: String, _ new: String, _ expected: String) {
    #expect(lines(replacing: old, with: new) == "config.json:" + expected)
  }

  @Test("Experts, windows and sizes that cannot be are told")
  func impossible() {
    func mixtral(_ keys: String) -> String {
      lines(
        """
        { "model_type": "mixtral", "hidden_size": 64, "num_attention_heads": 4,
          "num_hidden_layers": 4, "vocab_size": 100, "max_position_embeddings": 100,
          \(keys) }
        """)
    }
    #expect(
      mixtral(
        "\"num_local_experts\": 8, \"num_experts_per_tok\": 9, \"intermediate_size\": 64")
          == """
          config.json:3:50: num_experts_per_tok: found 9, needs at most 8, the number of experts
          """)
    #expect(
      mixtral(
        """
        "num_local_experts": 1000000, "num_experts_per_tok": 9, "intermediate_size": 1000000
        """)
          == """
          config.json:1:43: hidden_size: found about 768 trillion parameters in all, needs at most \
          100 trillion
          """)
    func layerTypes(_ types: String) -> String {
      lines(
        replacing: "\"llama\"",
        with: "\"mistral\", \"sliding_window\": 128, \"layer_types\": [\(types)]")
    }
    #expect(
      layerTypes("\"full_attention\", \"linear_attention\"") == """
        config.json:2:66: layer_types: found "linear_attention", needs full_attention or \
        sliding_attention
        """)
    #expect(
      layerTypes("\"full_attention\", \"sliding_attention\"") == """
        config.json:2:66: layer_types: found 2 layers, needs 32, as many as num_hidden_layers
        """)
  }

  @Test("Text that is no JSON and values that are no object are told")
  func text() {
    #expect(lines("{ \"model_type\": llama }").hasPrefix("config.json:1:17: model_type: found"))
    #expect(
      lines("[]") == "config.json:1:1: found an empty list, needs an object, a model's config.json")
    #expect(lines("").hasPrefix("config.json:1:1: found the end of the text"))
    #expect(
      lines("{ \"model_type\": 5 }").hasPrefix(
        "config.json:1:17: model_type: found 5, needs a text"))
  }

  @Test("Cut anywhere, a file gives a fault and never a model or a crash")
  func cut() {
    let text = ConfigCase.experts[2].text
    for length in stride(from: 0, to: text.count - 1, by: 7) {
      #expect(!lines(String(text.prefix(length))).hasPrefix("read"))
    }
  }
}
