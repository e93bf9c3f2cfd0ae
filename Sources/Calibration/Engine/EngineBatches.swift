import Inference
import Scenarios
import Serving

/// Batches sent at once, prompts as long as answers: columns `Hardware`, `Num of Hardware`, `Framework`,
/// `Model`, `Input Output Length`, `Batch Size`, `Latency` in seconds (argonne-lcf/LLM-Inference-Bench).
enum EngineBatches {
  static let columns = [
    "Hardware", "Num of Hardware", "Framework", "Model", "Input Output Length", "Batch Size",
    "Latency",
  ]

  /// One comparison for each framework and engine.
  static func compare(_ table: MeasuredTable) throws -> [EngineTable] {
    let places = try columns.map { try table.place(of: $0) }
    var names: [String] = []
    var rows: [String: [EngineQuantity.Row]] = [:]
    var scenarios: [String: Scenario] = [:]
    for row in table.rows {
      let setup = try setup(table, row, places)
      let name = "\(setup.name), \(row.values[places[2]])"
      if rows[name] == nil { names.append(name) }
      let scenario = try scenarios[setup.name] ?? setup.checkedScenario()
      scenarios[setup.name] = scenario
      let tokens = try table.whole(row, places[4], in: 1...1_000_000)
      let count = try table.whole(row, places[5], in: 1...10_000)
      let request = ObservedRequest(arrival: 0, promptTokens: tokens, outputTokens: tokens)
      let simulated = Replay(
        scenario, ReplayedRequests(Array(repeating: request, count: count))
      ).run().compactMap { $0?.e2e }
      guard simulated.count == count, let last = simulated.max() else { continue }
      rows[name, default: []].append(
        EngineQuantity.Row(
          "line \(row.line): \(count) of \(tokens) + \(tokens) tokens",
          measured: try table.nanoseconds(row, places[6], unit: 1e9) * 1e-9, simulated: last))
    }
    return names.map { name in
      EngineTable(
        name: name, source: table.file,
        quantities: [EngineQuantity("whole batch", unit: "s", rows: rows[name] ?? [])],
        assumption: "the engine's version is not told")
    }
  }

  private static func setup(
    _ table: MeasuredTable, _ row: MeasuredTable.Row, _ places: [Int]
  ) throws(TableFault) -> EngineSetup {
    guard let model = ModelName.find(in: String(row.values[places[3]])) else {
      throw table.fault(row, places[3], needed: "a model of the catalogue (simpp models)")
    }
    guard var gpu = DeviceName.find(in: String(row.values[places[0]])) else {
      throw table.fault(row, places[0], needed: "a GPU of the catalogue (simpp gpus)")
    }
    // Argonne's A100 are those of Polaris, with 40 GB.
    if gpu == "a100-sxm" { gpu = "a100-40-sxm" }
    var setup = EngineSetup(
      model: model.name, gpu: gpu, tensor: try table.whole(row, places[1], in: 1...64))
    setup.maxBatchedTokens = 8_192
    // TensorRT-LLM's host is compiled and plans ahead; the others plan in Python between steps.
    setup.cost =
      row.values[places[2]].hasPrefix("TensorRT")
      ? #"{ "hidesHost": true }"# : EngineSetup.hostOf2024
    return setup
  }
}
