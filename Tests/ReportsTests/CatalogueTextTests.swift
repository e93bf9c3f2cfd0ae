import Foundation
import Hardware
import Inference
import Reports
import Serving
import Testing

@Suite("The catalogues as text")
struct CatalogueTextTests {
  private let policies = CatalogueText.policiesText()
  private let gpus = CatalogueText.gpusText()
  private let models = CatalogueText.modelsText()

  /// Words without the breaks of lines.
  private func flat(_ text: some StringProtocol) -> String {
    text.split { $0 == " " || $0 == "\n" }.joined(separator: " ")
  }

  @Test("Every policy stands under its kind, with its summary, its source and every option")
  func everyPolicy() throws {
    let blocks = policies.components(separatedBy: "\n\n")
    #expect(blocks.count == PolicyCatalogue.builtIn.kinds.count)
    for (kind, block) in zip(PolicyCatalogue.builtIn.kinds, blocks) {
      #expect(block.hasPrefix(kind.key + "\n"))
      for policy in kind.policies {
        let own = try section(of: policy.name, in: block)
        #expect(flat(own).hasPrefix(policy.name + " " + policy.summary))
        #expect(flat(own).contains("source: " + policy.source))
        for option in policy.options {
          #expect(own.contains("\n    " + option.key), "\(policy.name).\(option.key)")
          #expect(flat(own).contains(": " + option.summary), "\(policy.name).\(option.key)")
        }
      }
    }
  }

  /// The lines of one policy: its own and the indented ones that follow.
  private func section(of policy: String, in block: String) throws -> String {
    let lines = block.components(separatedBy: "\n")
    let begin = try #require(lines.firstIndex { $0.hasPrefix("  \(policy) ") })
    let rest = lines[(begin + 1)...].prefix { $0.hasPrefix("   ") }
    return ([lines[begin]] + rest).joined(separator: "\n")
  }

  @Test("An option tells its limits and its default in the words of a scenario")
  func limits() {
    #expect(flat(policies).contains("maxBatchedTokens whole number 1 to 1048576, default 2048"))
    #expect(flat(policies).contains("keepAlive time "))
    #expect(policies.contains("\"required\" or \"preferred\", default \"required\""))
  }

  @Test("Every device stands in its row with its memory, peaks, links, price and its day")
  func everyDevice() throws {
    let rows = gpus.split(separator: "\n").map { $0.split(separator: " ").map(String.init) }
    for device in HardwareCatalogue.gpus {
      let row = try #require(rows.first { $0.first == device.name }, "\(device.name)")
      #expect(row.count == 10, "\(row)")
      #expect(row.suffix(2) == [try #require(device.price.date), device.relative ?? "itself"])
    }
    #expect(
      rows.contains([
        "h100-sxm", "79.6", "989", "1,978", "3,350", "NVLink", "450", "3.99", "2026-09-20",
        "itself",
      ]))
    #expect(
      rows.contains([
        "rtx-3090", "24.0", "71.0", "–", "936", "pairs", "56.3", "0.18", "2026-09-20", "l40s",
      ]))
  }

  @Test("One device is told with all its figures, each with a number of a source, and its notes")
  func oneDevice() throws {
    for device in HardwareCatalogue.gpus {
      let text = CatalogueText.gpuText(device)
      #expect(text.hasPrefix(device.name + (device.kind == .cpu ? " (one CPU socket)\n" : "\n")))
      for note in device.sources {
        let row = try #require(
          text.split(separator: "\n").first { $0.hasPrefix("  \(note.figure.rawValue)  ") },
          "\(device.name) \(note.figure.rawValue)")
        #expect(row.contains(try #require(device.text(of: note.figure))))
        let number = try #require(row.split(separator: " ").last)
        #expect(flat(text).contains("\(number) \(note.text)"), "\(device.name) \(note.figure)")
      }
      for note in device.notes { #expect(flat(text).contains("note: " + note)) }
      #expect(Fixture.wide(text) == nil, "\(device.name)")
    }
  }

  @Test("Every model stands in its row with its shape, its weights and its KV cache")
  func everyModel() throws {
    let rows = models.split(separator: "\n").map { $0.split(separator: " ").map(String.init) }
    for entry in ModelCatalogue.entries {
      let model = entry.architecture
      let row = try #require(rows.first { $0.first == model.name })
      let layers = model.experts == nil ? 2 : 3
      #expect(row[layers] == String(model.layers))
      #expect(row[layers + 1].hasPrefix("\(model.attentionHeads)/"))
      #expect(row.suffix(2) == [entry.weights.rawValue, String(model.maxContextTokens)])
    }
    // 80 layers · 2 · 8 heads · 128 · 2 bytes = 320 KiB.
    let large = try #require(rows.first { $0.first == "llama-3.1-70b" })
    #expect(large.dropFirst(3) == ["64/8", "320", "KiB", "141", "GB", "bf16", "131072"])
    let deep = try #require(rows.first { $0.first == "deepseek-v3" })
    #expect(
      deep.dropFirst() == [
        "671B", "37.6B", "61", "128/latent", "68.6", "KiB", "671", "GB", "fp8", "163840",
      ])
    #expect(models.contains("config.json"))
  }

  @Test("One model is shown with everything that is known of it, and its source")
  func oneModel() throws {
    for entry in ModelCatalogue.entries {
      let text = CatalogueText.modelText(entry)
      #expect(text.hasPrefix(entry.architecture.name + "\n"))
      #expect(flat(text).hasSuffix("source: " + entry.source))
      #expect(Fixture.wide(text) == nil)
    }
    let text = flat(
      CatalogueText.modelText(try #require(ModelCatalogue.entry(named: "gpt-oss-120b"))))
    for fact in [
      "parameters 116,829,156,672", "sliding window 128 tokens in 18 of 36 layers",
      "experts 128 of 2,880, gated", "a token's experts 4 in 36 of 36 layers",
      "usual weights mxfp4", "KV cache a token in bf16 73,728 B",
    ] {
      #expect(text.contains(fact), "\(fact)")
    }
    let deep = flat(
      CatalogueText.modelText(try #require(ModelCatalogue.entry(named: "deepseek-v3"))))
    #expect(deep.contains("keys and values latent, 512 + 64"))
    #expect(deep.contains("feed-forward gated, 18,432"))
    #expect(deep.contains("KV cache a token in bf16 70,272 B"))
  }

  @Test("No catalogue has a line wider than 100 columns")
  func width() {
    for text in [policies, gpus, models] { #expect(Fixture.wide(text) == nil) }
  }

  @Test("The same as JSON: every policy, option, GPU, source and model")
  func json() throws {
    let kinds = try #require(
      try JSONSerialization.jsonObject(with: Data(CatalogueText.policiesJSON().utf8))
        as? [String: [[String: Any]]])
    for kind in PolicyCatalogue.builtIn.kinds {
      let listed = try #require(kinds[kind.key])
      #expect(listed.map { $0["name"] as? String } == kind.policies.map { $0.name })
      for (policy, value) in zip(kind.policies, listed) {
        let options = try #require(value["options"] as? [[String: Any]])
        #expect(options.map { $0["key"] as? String } == policy.options.map(\.key))
        for (option, shown) in zip(policy.options, options) {
          #expect((shown["default"] is NSNull) == (option.defaultValue == nil))
          #expect(shown["required"] as? Bool == option.isRequired)
        }
        #expect(value["source"] as? String == policy.source)
      }
    }
    let gpus = try array(CatalogueText.gpusJSON())
    #expect(gpus.map { $0["name"] as? String } == HardwareCatalogue.gpus.map(\.name))
    for (gpu, value) in zip(HardwareCatalogue.gpus, gpus) {
      #expect(value["memoryBytes"] as? Int64 == gpu.memoryBytes)
      #expect(value["kind"] as? String == gpu.kind.rawValue)
      let sources = try #require(value["sources"] as? [[String: String]])
      #expect(sources.map { $0["source"] } == gpu.sources.map(\.source))
      #expect(sources.map { $0["value"] } == gpu.sources.map { gpu.text(of: $0.figure) })
      let price = try #require(value["price"] as? [String: Any])
      #expect(price["dollarsPerHour"] as? Double == gpu.price.dollarsPerHour)
      #expect(price["date"] as? String == gpu.price.date)
      let one = try JSONSerialization.jsonObject(with: Data(CatalogueText.gpuJSON(gpu).utf8))
      #expect(one as? NSDictionary == value as NSDictionary)
    }
    let models = try array(CatalogueText.modelsJSON())
    #expect(models.map { $0["name"] as? String } == ModelCatalogue.models.map(\.name))
    for (model, value) in zip(ModelCatalogue.models, models) {
      #expect(value["parameters"] as? Int64 == model.parameterCount)
      #expect(value["activeParameters"] as? Int64 == model.activeParameterCount)
      #expect((value["experts"] is NSNull) == (model.experts == nil))
      #expect((value["latentAttention"] is NSNull) == (model.latentAttention == nil))
    }
    let entry = try #require(ModelCatalogue.entry(named: "mixtral-8x7b"))
    let one = try #require(
      try JSONSerialization.jsonObject(with: Data(CatalogueText.modelJSON(entry).utf8))
        as? [String: Any])
    #expect(one["source"] as? String == "huggingface.co/mistralai/Mixtral-8x7B-v0.1, config.json")
    #expect((one["experts"] as? [String: Any])?["perToken"] as? Int == 2)
  }

  private func array(_ text: String) throws -> [[String: Any]] {
    try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [[String: Any]])
  }

  @Test("A policy that someone adds is listed like the others")
  func added() {
    let text = CatalogueText.policiesText(PolicyCatalogue.builtIn.adding(SecondFitPlacement.self))
    #expect(text.contains("  second-fit     takes the second\n    source: a test\n"))
  }

  private struct SecondFitPlacement: PlacementPolicy {
    static let name = "second-fit"
    static let summary = "takes the second"
    static let source = "a test"
    static let options: [OptionDescription] = []

    init(_ values: OptionValues) {}

    func choose(among places: PlaceChoices, needed: Int) -> Int { min(1, places.count - 1) }
  }
}
