import Foundation
import Hardware
import Inference
import Serving
import Testing

@Suite("Catalogues")
struct CatalogueTests {
  let place: Workplace

  init() throws { place = try Workplace() }

  @Test("policies lists every policy with its options")
  func policies() throws {
    let outcome = try place.simpp("policies")
    #expect(outcome.status == 0)
    for kind in PolicyCatalogue.builtIn.kinds {
      #expect(outcome.lines.contains(kind.key[...]), "\(kind.key)")
      for policy in kind.policies {
        #expect(outcome.text.contains("\n  \(policy.name) "), "\(policy.name)")
        for option in policy.options {
          #expect(outcome.text.contains("\n    \(option.key) "), "\(option.key)")
        }
      }
    }
  }

  @Test("gpus lists every device type")
  func gpus() throws {
    let outcome = try place.simpp("gpus")
    #expect(outcome.status == 0)
    for gpu in HardwareCatalogue.gpus {
      #expect(outcome.text.contains("\n\(gpu.name) "), "\(gpu.name)")
    }
    let json = try place.simpp("gpus", "--json")
    #expect(json.status == 0 && json.text.hasPrefix("[\n"))
  }

  @Test("gpus NAME tells one device with its sources, an unknown name what was meant")
  func oneDevice() throws {
    let outcome = try place.simpp("gpus", "rtx-4090")
    #expect(outcome.status == 0)
    #expect(outcome.text.hasPrefix("rtx-4090\n"))
    #expect(outcome.text.contains("derived: the laws of l40s with its own datasheet"))
    let json = try place.simpp("gpus", "rtx-4090", "--json")
    #expect(json.status == 0 && json.text.hasPrefix("{\n  \"name\": \"rtx-4090\""))
    for (found, meant) in [("a6000", "rtx-a6000"), ("H100", "h100-sxm"), ("l40", "l40s")] {
      let unknown = try place.simpp("gpus", found)
      #expect(unknown.status == 64 && unknown.text.isEmpty)
      #expect(unknown.error.contains("'\(found)'; did you mean '\(meant)'?"), "\(unknown.error)")
    }
    #expect(try place.simpp("gpus", "tpu").error.contains("known: gb200-nvl72, b200-sxm, "))
  }

  @Test("models lists every model")
  func models() throws {
    let outcome = try place.simpp("models")
    #expect(outcome.status == 0)
    for model in ModelCatalogue.models {
      #expect(outcome.text.contains("\n\(model.name) "), "\(model.name)")
    }
    let list = try place.simpp("models", "--json")
    let values = try #require(
      try JSONSerialization.jsonObject(with: list.output) as? [[String: Any]])
    #expect(values.compactMap { $0["name"] as? String } == ModelCatalogue.models.map(\.name))
  }

  @Test("models NAME shows one with its source, and knows a misspelt one")
  func oneModel() throws {
    let outcome = try place.simpp("models", "mixtral-8x7b")
    #expect(outcome.status == 0)
    #expect(
      outcome.text.contains("source: huggingface.co/mistralai/Mixtral-8x7B-v0.1, config.json"))
    #expect(outcome.text.contains("46,702,792,704"))
    let misspelt = try place.simpp("models", "mixtral-8x7")
    #expect(misspelt.status == 64)
    #expect(misspelt.error.contains("did you mean 'mixtral-8x7b'?"))
    #expect(try place.simpp("models", "mixtral-8x7b", "--config", "c.json").status == 64)
  }

  /// A small model as its publisher would write it.
  private static let config = """
    { "architectures": ["LlamaForCausalLM"], "model_type": "llama", "hidden_size": 2048,
      "intermediate_size": 5632, "max_position_embeddings": 2048, "num_attention_heads": 32,
      "num_hidden_layers": 22, "num_key_value_heads": 4, "torch_dtype": "bfloat16",
      "vocab_size": 32000 }
    """

  @Test("models --config shows what a config.json is read as")
  func config() throws {
    try place.write(Self.config, to: "tiny.json")
    let outcome = try place.simpp("models", "--config", "tiny.json")
    #expect(outcome.status == 0, "\(outcome.error)")
    // TinyLlama-1.1B's published count.
    #expect(outcome.text.contains("1,100,048,384"))
    #expect(outcome.text.hasPrefix("tiny.json\n"))
    let json = try place.simpp("models", "--config", "tiny.json", "--json")
    #expect(json.text.contains("\"parameters\": 1100048384"))
    try place.write(
      Self.config.replacing("Llama", with: "Mamba").replacing("llama", with: "mamba"),
      to: "mamba.json")
    let unknown = try place.simpp("models", "--config", "mamba.json")
    #expect(unknown.status == 65)
    #expect(unknown.error.hasPrefix("mamba.json:1:20: architectures: found \"MambaForCausalLM\""))
    #expect(unknown.output.isEmpty)
    let missing = try place.simpp("models", "--config", "folder/none.json")
    #expect(missing.status == 66)
    #expect(missing.error == "none.json: no such file\n")
  }

  @Test("A scenario with a config.json runs, and is explained after the file is gone")
  func scenario() throws {
    try place.write(Self.config, to: "tiny.json")
    try place.write(
      """
      { "schemaVersion": 1, "name": "tiny", "duration": "20s",
        "cluster": { "nodes": [
          { "gpu": "h100-sxm", "gpusPerNode": 2, "nics": { "bandwidth": "100Gbps" } }] },
        "models": [{ "name": "tiny", "config": "tiny.json" }],
        "workloads": [{ "name": "chat", "arrivals": { "process": "poisson", "rate": 2 },
          "prompt": { "distribution": "constant", "value": 300 },
          "output": { "distribution": "constant", "value": 20 } }],
        "schedulers": [{ "name": "tp2", "parallelism": { "tensor": 2 },
          "scaling": { "policy": "fixed", "replicas": 1 } }] }
      """, to: "s.json")
    #expect(try place.simpp("validate", "s.json").status == 0)
    let run = try place.simpp("run", "s.json", "--quiet")
    #expect(run.status == 0, "\(run.error)")
    try FileManager.default.removeItem(atPath: place.file("tiny.json"))
    let life = try place.simpp("explain", "results.sqlite", "--request", "3")
    #expect(life.status == 0, "\(life.error)")
    let gone = try place.simpp("validate", "s.json")
    #expect(gone.status == 66)
    #expect(gone.error.contains("models[0].config: tiny.json: no such file"))
  }
}
