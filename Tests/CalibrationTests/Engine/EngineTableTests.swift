import Calibration
import Inference
import Testing

/// How tables of engines are read, on tables made up here.
@Suite("Tables of engines")
struct EngineTableTests {
  @Test(
    "A text names its model",
    arguments: [
      ("meta-llama/Llama-2-7b-hf", "llama-2-7b"), ("Qwen/Qwen3-32B", "qwen3-32b"),
      ("codellama/CodeLlama-34b-Instruct-hf", "codellama-34b"), ("llama1_30b", "llama-33b"),
      ("facebook/opt-13b", "opt-13b"), ("Qwen/Qwen2.5-7B-Instruct", "qwen2.5-7b"),
      ("meta-llama/Llama-3.1-70B-Instruct", "llama-3.1-70b"),
      ("real_pp_requests.llama30b.offline.l4.csv", "llama-33b"),
    ])
  func models(text: String, name: String) {
    #expect(ModelName.find(in: text)?.name == name)
  }

  @Test("A text without a model names none")
  func noModel() { #expect(ModelName.find(in: "requests.h100.csv") == nil) }

  @Test("Steps are compared where the step before is like them and none between is unseen")
  func steps() throws {
    let text = """
      step_id,ts_ms,step_gap,step_spacing_ms,prefill_tokens,decode_tokens,kv_usage,kv_blocks_total
      1,0,,,0,8,0.01,26602
      2,14,1,14,0,8,0.01,26602
      9,99,7,13,0,8,0.01,26602
      10,113,1,14,900,8,0.01,26602
      11,127,1,14,0,8,0.01,26602
      12,141,1,14,0,90,0.01,26602
      13,155,1,15,3,91,0.1,26602
      """
    let tables = try EngineFidelity.compare(
      MeasuredTable(text, file: "steps.h100.codellama-34b.tp2.csv"))
    let step = try #require(tables.first?.quantity("step"))
    #expect(step.rows.map(\.measured) == [14, 15])
    #expect(tables[0].leftOut.map(\.count) == [1, 3])
    #expect(step.rows[1].simulated > step.rows[0].simulated)
  }

  @Test("What simpp simulates it finds again: requests of its own come out without an error")
  func replay() throws {
    let setup = EngineSetup(model: "llama-3.1-8b", gpu: "h100-sxm")
    var changed = setup
    changed.maxBatchedTokens = 4_096
    let requests = (0..<40).map { index in
      ObservedRequest(
        arrival: Int64(index) * 200_000_000, promptTokens: 100 + 37 * index,
        outputTokens: 1 + 5 * index)
    }
    let scenario = try changed.scenario()
    let simulated = Replay(scenario, ReplayedRequests(requests)).run()
    var text = "arrival_s,prompt_tokens,completion_tokens,ttft_s,e2e_s\n"
    for request in simulated.compactMap({ $0 }) {
      let arrival = Double(request.arrival) * 1e-9
      let (ttft, e2e) = (try #require(request.ttft), try #require(request.e2e))
      text += "\(arrival),\(request.promptTokens),\(request.outputTokens),\(ttft),\(e2e)\n"
    }
    let tables = try EngineFidelity.compare(
      MeasuredTable(text, file: "requests.h100.llama-3.1-8b.tp1.csv"))
    #expect(tables[0].quantities.map(\.rows.count) == [40, 39, 40])
    for quantity in tables[0].quantities {
      let worst = try #require(quantity.worst(1).first)
      #expect(worst.relativeError.magnitude < 1e-6, "\(quantity.name) \(worst)")
    }
  }

  @Test("Clients in turns have no more requests in flight than there are clients")
  func clients() throws {
    let requests = (0..<50).map { index in
      ObservedRequest(arrival: 0, promptTokens: 200 + index, outputTokens: 3 + index % 7)
    }
    let scenario = try EngineSetup(model: "llama-3.1-8b", gpu: "h100-sxm").scenario()
    let simulated = Replay(scenario, ReplayedRequests(requests, clients: 4)).run().compactMap { $0 }
    #expect(simulated.count == 50)
    let spans = simulated.map { ($0.arrival, $0.arrival + Int64(($0.e2e ?? 0) * 1e9)) }
    for (begin, _) in spans {
      #expect(spans.filter { $0.0 <= begin && $0.1 > begin + 1 }.count <= 4)
    }
    #expect(spans.filter { $0.0 == 0 }.count == 4)
  }

  @Test("A table whose name tells neither model nor GPU is refused with what is needed")
  func unnamed() throws {
    let table = try MeasuredTable(
      "arrival_s,prompt_tokens,completion_tokens,ttft_s,e2e_s\n0,10,2,0.1,0.2\n", file: "mine.csv")
    #expect(throws: TableFault.self) { try EngineFidelity.compare(table) }
  }
}
