import Foundation
import Inference
import Scenarios
import Serving
import Testing

@Suite("A config.json in a scenario")
struct ConfigScenarioTests {
  private let folder: URL

  init() throws {
    folder = URL(filePath: NSTemporaryDirectory()).appending(path: "simpp-config-\(UUID())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  }

  /// The small scenario with a model of this text, decoded where the folder's files are found.
  private func decoded(_ model: String, files: Bool = true) throws -> DecodedScenario {
    try ScenarioDecoder(files: files ? InputFiles(folders: [folder.path()]) : InputFiles()).decode(
      text: Fixture.small.replacing("{ \"name\": \"llama-3.1-70b\" }", with: model),
      fileName: "s.json")
  }

  private func lines(_ model: String) -> [String] {
    do {
      _ = try decoded(model)
      return []
    } catch let faults as ScenarioFaults {
      return faults.lines
    } catch {
      return ["\(error)"]
    }
  }

  private func write(_ text: String, to name: String) throws {
    try Data(text.utf8).write(to: folder.appending(path: name))
  }

  @Test("By name, given whole and as stored it is the same scenario", arguments: ConfigCase.all)
  func roundTrip(_ config: ConfigCase) throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    try write(config.text, to: "mine.json")
    // Only plans that every model can be cut by.
    let model = "{ \"name\": \"mine\", \"weights\": \"fp8\", "
    let plan = ["schedulers[0].parallelism.tensor=1", "schedulers[0].engine.keyValueBlocks=100"]
    func decode(_ text: String, files: Bool = true) throws -> DecodedScenario {
      try ScenarioDecoder(files: files ? InputFiles(folders: [folder.path()]) : InputFiles())
        .decode(text: text, fileName: "s.json", overrides: plan.compactMap(ScenarioOverride.init))
    }
    func text(_ value: String) -> String {
      Fixture.small.replacing(
        "{ \"name\": \"llama-3.1-70b\" }", with: model + "\"config\": \(value) }")
    }
    let named = try decode(text("\"mine.json\""))
    let whole = try decode(text(config.text), files: false)
    #expect(named.digest == whole.digest)
    #expect(!named.canonicalJSON.contains("config"))
    let stored = try decode(named.canonicalJSON, files: false)
    #expect(stored.digest == named.digest)
    #expect(stored.canonicalJSON == named.canonicalJSON)
    #expect(stored.scenario.models == named.scenario.models)
    #expect(whole.scenario.models == named.scenario.models)
    var expected = try #require(ModelCatalogue.model(named: config.model))
    expected.name = "mine"
    #expect(named.scenario.models[0].architecture == expected)
  }

  @Test("The digest sees what the file says, and not how it says it")
  func digest() throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    func digest(_ text: String) throws -> String {
      try write(text, to: "c.json")
      return try decoded("{ \"name\": \"mine\", \"config\": \"c.json\" }").digest
    }
    let text = ConfigCase.dense[0].text
    let first = try digest(text)
    #expect(try digest(text + "\n") == first)
    #expect(try digest(text.replacing("\"hidden_act\": \"silu\",", with: "")) == first)
    #expect(try digest(text.replacing("14336", with: "14848")) != first)
    #expect(try digest(text.replacing("131072", with: "8192")) != first)
  }

  @Test("Faults of the file name it, with line and column, before those behind it")
  func faults() throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    try write("{ \"model_type\": \"llama\",\n  \"hidden_size\": -1 }", to: "broken.json")
    #expect(
      lines("{ \"name\": \"mine\", \"config\": \"broken.json\", \"kvCache\": \"int4\" }") == [
        "broken.json:1:1: num_attention_heads: missing, needs a whole number from 1 to 10,000",
        "broken.json:1:1: num_hidden_layers: missing, needs a whole number from 1 to 10,000",
        "broken.json:1:1: intermediate_size: missing, needs a whole number from 1 to 1,000,000",
        "broken.json:1:1: vocab_size: missing, needs a whole number from 1 to 100,000,000",
        "broken.json:1:1: max_position_embeddings: missing, needs a whole number from 1 to "
          + "1,000,000,000",
        "broken.json:2:18: hidden_size: found -1, needs a whole number from 1 to 1,000,000",
        "s.json:12:59: models[0].kvCache: found \"int4\", needs a number format; "
          + "did you mean \"int8\"?",
      ])
    try Data([0xff, 0xfe, 0x00]).write(to: folder.appending(path: "binary.json"))
    #expect(
      lines("{ \"name\": \"mine\", \"config\": \"binary.json\" }") == [
        "s.json:12:33: models[0].config: found no UTF-8 text, needs a config.json"
      ])
  }

  @Test("A missing file alone is the environment's fault, beside others it is not")
  func missing() throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    func faults(_ model: String) throws -> ScenarioFaults {
      try #require(throws: ScenarioFaults.self) { try decoded(model) }
    }
    #expect(try faults("{ \"name\": \"mine\", \"config\": \"none.json\" }").kind == .noInput)
    #expect(
      try faults("{ \"name\": \"mine\", \"config\": \"none.json\", \"x\": 1 }").kind == .content)
  }

  @Test("The format of the file holds unless the scenario says otherwise")
  func weights() throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    let text = ConfigCase.dense[0].text.replacing(
      "{ \"architectures\"",
      with: "{ \"quantization_config\": { \"quant_method\": \"awq\", \"bits\": 4 }, "
        + "\"architectures\"")
    try write(text, to: "awq.json")
    func weights(_ keys: String) throws -> NumberFormat? {
      try decoded("{ \"name\": \"mine\", \"config\": \"awq.json\"\(keys) }")
        .scenario.models.first?.weights
    }
    #expect(try weights("") == .int4)
    #expect(try weights(", \"weights\": \"bf16\"") == .bf16)
    try write(text.replacing("awq", with: "aqlm"), to: "awq.json")
    #expect(throws: ScenarioFaults.self) { try weights("") }
    #expect(try weights(", \"weights\": \"int4\"") == .int4)
  }

  @Test("A catalogue's model published in few bits is served in them")
  func catalogue() throws {
    let deep = try decode(
      Fixture.small.replacing("llama-3.1-70b", with: "deepseek-v3"),
      ["schedulers[0].parallelism.tensor=8", "schedulers[0].parallelism.stages=2"])
    #expect(deep.scenario.models[0].weights == .fp8)
    let open = try decode(Fixture.small.replacing("llama-3.1-70b", with: "gpt-oss-120b"))
    #expect(open.scenario.models[0].weights == .mxfp4)
  }
}
