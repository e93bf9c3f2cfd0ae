import Calibration
import Foundation
import Testing

/// Real engines that others measured; skipped where their tables are not at hand.
@Suite("Engines beside simpp", .enabled(if: EngineData.folder != nil))
struct EngineFidelityTests {
  /// A quantity and how far off it may be: the project's targets, where they are met.
  struct Bound: Sendable, CustomStringConvertible {
    var path: String
    var name: String
    var quantity: String
    var count: Int

    var description: String { "\(name), \(quantity)" }
  }

  static let bounds = [
    Bound(
      path: "blis/vllm_steps.h100.codellama-34b.tp2.general.csv",
      name: "codellama-34b, TP2 on h100-sxm: steps", quantity: "step", count: 709),
    Bound(
      path: "blis/vllm_requests.h100.llama-2-7b.tp1.train.csv",
      name: "llama-2-7b, 1 GPU on h100-sxm: requests", quantity: "TPOT", count: 269),
    Bound(
      path: "blis/vllm_requests.h100.llama-2-7b.tp1.train.csv",
      name: "llama-2-7b, 1 GPU on h100-sxm: requests", quantity: "end to end", count: 282),
    Bound(
      path: "blis/vllm_startup.h100.csv", name: "KV room at start, h100-sxm",
      quantity: "KV room", count: 6),
    Bound(
      path: "distserve/max_num_tokens.opt-13b.csv", name: "KV room by plan, a100-sxm",
      quantity: "KV room", count: 20),
    Bound(
      path: "aiconfigurator/e2e_silicon.h100.qwen3-32b.tp1-2.csv",
      name: "qwen3-32b, 1 GPU on h100-sxm, fp8, trtllm 1.0.0rc3", quantity: "TPOT", count: 42),
    Bound(
      path: "aiconfigurator/e2e_silicon.h100.qwen3-32b.tp1-2.csv",
      name: "qwen3-32b, TP2 on h100-sxm, fp8, trtllm 1.0.0rc3", quantity: "TPOT", count: 44),
    Bound(
      path: "aiconfigurator/e2e_silicon.h100.qwen3-32b.tp1-2.csv",
      name: "qwen3-32b, TP2 on h100-sxm, bf16, vllm 0.12.0", quantity: "TPOT", count: 30),
    Bound(
      path: "helix/real_pp_requests.llama30b.separate.online.l4.csv",
      name: "llama-33b, PP8 on l4: requests", quantity: "TPOT", count: 42),
    Bound(
      path: "helix/real_pp_requests.llama30b.separate.online.l4.csv",
      name: "llama-33b, PP8 on l4: requests", quantity: "decoded", count: 1),
  ]

  @Test("Medians lie within 8 % and biases within 5 %", arguments: Set(bounds.map(\.path)).sorted())
  func targets(path: String) throws {
    let tables = try EngineData.tables(path)
    for bound in Self.bounds where bound.path == path {
      let table = try #require(tables.first { $0.name == bound.name }, "\(tables.map(\.name))")
      let summary = try #require(table.quantity(bound.quantity)?.summary)
      #expect(summary.count == bound.count)
      #expect(summary.median <= 0.08, "\(bound) \(summary)")
      #expect(summary.bias.magnitude <= 0.05, "\(bound) \(summary)")
    }
  }

  @Test("A saturated pipeline of eight L4 decodes 60 tokens a second, within 10 %")
  func saturated() throws {
    let path = "helix/real_pp_requests.llama30b.separate.offline.l4.csv"
    let table = try #require(try EngineData.tables(path).first)
    #expect(table.name.hasSuffix(", 30 at once"))
    let row = try #require(table.quantity("decoded")?.rows.first)
    #expect(abs(row.measured / 59.98 - 1) < 0.02, "what the source's summary says")
    #expect(row.relativeError.magnitude < 0.1)
    let tpot = try #require(table.quantity("TPOT")?.summary)
    #expect(tpot.median < 0.1, "\(tpot)")
  }
}

/// The tables that others measured, found through SIMPP_DATA_DIR.
enum EngineData {
  static let folder = ProcessInfo.processInfo.environment["SIMPP_DATA_DIR"]

  static func tables(_ path: String) throws -> [EngineTable] {
    let file = try #require(folder) + "/gpu/" + path
    let text = try String(contentsOfFile: file, encoding: .utf8)
    return try EngineFidelity.compare(
      MeasuredTable(text, file: String(path.split(separator: "/").last ?? "")))
  }
}
