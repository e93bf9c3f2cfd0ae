import EventKernel
import Hardware
import Inference
import Scenarios
import Serving

/// Mean latencies of closed loops: columns `isl`, `osl`, `batch_size` (requests at once), `backend`,
/// `silicon_ttft_ms`, `silicon_tpot_ms` (ai-dynamo/aiconfigurator).
enum EngineLatencies {
  static let columns = ["silicon_ttft_ms", "silicon_tpot_ms", "isl", "osl", "batch_size"]

  /// Rounds of requests that each client sends.
  private static let rounds = 6

  private struct Row {
    var line: Int
    var setup: EngineSetup
    var backend: String
    var prompt: Int
    var output: Int
    var clients: Int
    var ttft: Double
    var tpot: Double
  }

  /// One comparison for each backend, version, format and degree.
  static func compare(_ table: MeasuredTable) throws -> [EngineTable] {
    let rows = try read(table)
    var names: [String] = []
    for row in rows where !names.contains(row.backend) { names.append(row.backend) }
    return try names.map { name in
      let mine = rows.filter { $0.backend == name }
      var ttft: [EngineQuantity.Row] = []
      var tpot: [EngineQuantity.Row] = []
      var beyond = 0
      for row in mine {
        if row.tpot < (try leastTPOT(row)) {
          beyond += 1
          continue
        }
        let mean = try simulate(row)
        let label = "line \(row.line): \(row.prompt) + \(row.output) tokens, \(row.clients) at once"
        ttft.append(EngineQuantity.Row(label, measured: row.ttft, simulated: mean.ttft))
        tpot.append(EngineQuantity.Row(label, measured: row.tpot, simulated: mean.tpot))
      }
      return EngineTable(
        name: name, source: table.file,
        quantities: [
          EngineQuantity("TPOT", unit: "ms", rows: tpot),
          EngineQuantity("TTFT", unit: "ms", rows: ttft, isJudged: false),
        ],
        leftOut: beyond > 0
          ? [
            EngineLeftOut(
              reason: "faster than the datasheet allows if every prompt is computed",
              count: beyond)
          ] : [],
        assumption:
          "clients begin one after the other within one answer's time; its first round does not count"
      )
    }
  }

  /// Milliseconds that a token cannot undercut: weights and keys and values read once at the memory's
  /// bandwidth, 8-bit at least, and the prompts of an answer's time computed at the peak.
  private static func leastTPOT(_ row: Row) throws -> Double {
    let scenario = try row.setup.checkedScenario()
    let (model, gpu) = (scenario.models[0], scenario.cluster.nodes[0].gpu)
    let shape = model.architecture
    let ranks = Double(row.setup.tensor * row.setup.stages)
    let weights = Double(shape.weightBytes(model.weights))
    let perToken = Double(2 * shape.layers * shape.keyValueHeads * shape.headDimension)
    let held = Double(row.clients * (row.prompt + row.output / 2)) * perToken
    let reading = (weights + held) / gpu.hbmBandwidthBytesPerSecond
    let peak = model.weights == .fp8 ? gpu.peakFP8FLOPs ?? gpu.peakFLOPs : gpu.peakFLOPs
    let prompts = Double(row.clients * row.prompt) * 2 * Double(shape.parameterCount)
    return (reading + prompts / peak / Double(row.output)) / ranks * 1e3
  }

  private static func simulate(_ row: Row) throws -> (ttft: Double, tpot: Double) {
    // In a long run clients are spread over an answer's time; so they begin one after the other.
    let answer = (row.ttft + Double(row.output - 1) * row.tpot) * 1e6
    let requests = (0..<row.clients * rounds).map { index in
      let place = Double(min(index, row.clients)) / Double(row.clients)
      return ObservedRequest(
        arrival: Nanoseconds(place * answer), promptTokens: row.prompt, outputTokens: row.output)
    }
    let source = ReplayedRequests(requests, clients: row.clients)
    let replayed = Replay(try row.setup.checkedScenario(), source).run()
    let simulated = replayed.dropFirst(row.clients).compactMap { $0 }
    guard simulated.count == requests.count - row.clients else {
      throw EngineFault("\(row.setup.name): line \(row.line) is never served")
    }
    let count = Double(simulated.count)
    return (
      simulated.reduce(0) { $0 + ($1.ttft ?? 0) } / count * 1e3,
      simulated.reduce(0) { $0 + ($1.tpot ?? 0) } / count * 1e3
    )
  }

  private static func read(_ table: MeasuredTable) throws -> [Row] {
    let places = try [
      "isl", "osl", "batch_size", "silicon_ttft_ms", "silicon_tpot_ms", "tp_size", "pp_size",
      "backend", "backend_version", "model_path", "system", "gemm_quant_mode",
    ].map { try table.place(of: $0) }
    return try table.rows.map { row in
      let text = { (place: Int) in String(row.values[places[place]]) }
      guard let model = ModelName.find(in: text(9)) else {
        throw table.fault(row, places[9], needed: "a model of the catalogue (simpp models)")
      }
      guard let gpu = DeviceName.find(in: text(10)) else {
        throw table.fault(row, places[10], needed: "a GPU of the catalogue (simpp gpus)")
      }
      var setup = EngineSetup(
        model: model.name, gpu: gpu, tensor: try table.whole(row, places[5], in: 1...64),
        stages: try table.whole(row, places[6], in: 1...64))
      // Rows without a format run the checkpoint as it is published.
      setup.weights = text(11) == "fp8" ? "fp8" : "bf16"
      // TensorRT-LLM keeps more tokens of an FP8 checkpoint than would fit in 16 bits.
      if setup.weights == "fp8", text(7) == "trtllm" { setup.keyValueCache = "fp8" }
      // Its checkpoint asks for top-k and top-p, which vLLM takes for the default.
      if text(7) == "vllm" { setup.cost = #"{ "sampling": "sorted" }"# }
      setup.maxBatchedTokens = 8_192
      return Row(
        line: row.line, setup: setup,
        backend: "\(setup.name), \(setup.weights), \(text(7)) \(text(8))",
        prompt: try table.whole(row, places[0], in: 1...1_000_000),
        output: try table.whole(row, places[1], in: 2...1_000_000),
        clients: try table.whole(row, places[2], in: 1...10_000),
        ttft: try table.nanoseconds(row, places[3], unit: 1e6) * 1e-6,
        tpot: try table.nanoseconds(row, places[4], unit: 1e6) * 1e-6)
    }
  }
}

extension EngineSetup {
  /// The scenario of one replica of it.
  ///
  /// - Throws: `EngineFault` for a set-up that cannot be.
  func checkedScenario() throws(EngineFault) -> Scenario {
    do throws(ScenarioFaults) { return try scenario() } catch {
      throw EngineFault("\(name): \(error)")
    }
  }
}
