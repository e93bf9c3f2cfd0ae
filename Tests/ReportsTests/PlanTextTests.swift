import Foundation
import Hardware
import Inference
import Reports
import Scenarios
import Serving
import Testing

@Suite("What plans put on their stages")
struct PlanTextTests {
  private static func scenario(_ name: String, _ overrides: String...) throws -> Scenario {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let text = try String(
      contentsOf: root.appending(path: "Scenarios/\(name).json"), encoding: .utf8)
    return try ScenarioDecoder().decode(
      text: text, fileName: "s.json", overrides: overrides.compactMap { ScenarioOverride($0) }
    ).scenario
  }

  @Test("Layers, weights, KV cache and times of each stage, the slowest and the fullest")
  func pipeline() throws {
    let scenario = try Self.scenario("quickstart").selecting("pp4")
    let lines = PlanText.text(scenario).split(separator: "\n").map(String.init)
    #expect(lines.first == "pp4: llama-3.1-70b as PP4, layers even, on h100-sxm")
    let rows = lines[2...5].map { $0.split(separator: " ").map(String.init) }
    #expect(rows.map { $0[1] } == ["20", "20", "20", "20"])
    // 855.6 million weights a layer; embedding and head have 128,256 rows of 8,192.
    #expect(rows.map { $0[2] } == ["36.3", "34.2", "34.2", "36.3"])
    let memory = try #require(
      PlanSetting(scenario, scenario.schedulers[0]).memory(
        .even(tensor: 1, stages: 4, layers: 80), of: scenario.models[0], on: .h100SXM))
    let tokens = memory.stages.map(\.keyValueCapacityTokens)
    #expect(rows.map { Int($0[4].replacing(",", with: "")) } == tokens)
    let last = try #require(lines.last)
    #expect(tokens.firstIndex(of: memory.capacityTokens) == 3)
    #expect(last.hasPrefix("  KV cache of the replica: \(rows[3][4]) tokens, bounded by stage 3"))
    // The head makes the last stage the slowest.
    #expect(lines[7].hasPrefix("  slowest in a decode step: stage 3, \(rows[3][5]) ms, "))
    #expect(lines[7].contains("; balanced (20, 21, 20, 19): "))
  }

  @Test("A balanced plan says so, and has nothing better beside it")
  func balanced() throws {
    var scenario = try Self.scenario("quickstart").selecting("pp4")
    let shape = PlanShape(tensor: 1, stages: 4, deal: .balanced(for: .decode))
    var values = OptionValues(defaultsOf: LadderParallelism.options)
    values["plans"] = .plans([shape])
    scenario.schedulers[0].parallelism = LadderParallelism(values)
    let lines = PlanText.text(scenario).split(separator: "\n").map(String.init)
    #expect(
      lines.first == "pp4: llama-3.1-70b as PP4, layers balanced for decode, on h100-sxm")
    #expect(lines[2...5].map { $0.split(separator: " ")[1] } == ["20", "21", "20", "19"])
    #expect(lines[7].hasPrefix("  slowest in a decode step: stage 1, "))
    #expect(!lines[7].contains("balanced"))
  }

  @Test("Virtual stages are told apart; where all stages take as long none is the slowest")
  func virtualStages() throws {
    let scenario = try Self.scenario("oracles/interleaved-stages").selecting("fold-back")
    #expect(
      PlanText.text(scenario) == """
        fold-back: m as PP4v2, layers even, on h100-sxm
          stage  layers  weights GB  working GB  KV tokens  decode ms  prefill ms  mixed ms
          0         4+4         5.6           –     16,000       8.00        8.00      8.00
          1         4+4         3.5           –     16,000       8.00        8.00      8.00
          2         4+4         3.5           –     16,000       8.00        8.00      8.00
          3         4+4         3.5           –     16,000       8.00        8.00      8.00
          decode: 250 sequences of 1,024 tokens; prefill: 8,192 prompt tokens; mixed: the sequences \
        and 1,222 prompt tokens
          every stage takes 8.00 ms for a decode step
          KV cache of the replica: 16,000 tokens, bounded by stage 0

        """)
  }
}

extension Scenario {
  /// Only one of its schedulers.
  fileprivate func selecting(_ name: String) -> Scenario {
    var scenario = self
    scenario.schedulers = schedulers.filter { $0.name == name }
    return scenario
  }
}
