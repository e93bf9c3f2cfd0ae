import Hardware
import Inference
import Scenarios
import Serving

/// KV tokens that fit beside the weights: columns `kv_tokens` (vLLM's start) or `max_num_tokens`
/// (DistServe).
enum EngineCapacity {
  static let startColumns = ["model", "tp", "kv_tokens"]
  static let planColumns = ["model", "tp", "pp", "max_num_tokens"]

  /// What vLLM said when it started.
  static func compareStarts(_ table: MeasuredTable, gpu: String) throws -> EngineTable {
    let places = try ["model", "tp", "kv_tokens"].map { try table.place(of: $0) }
    var rows: [EngineQuantity.Row] = []
    for row in table.rows {
      let setup = try setup(table, row, model: places[0], tensor: places[1], gpu: gpu)
      let tokens = try table.whole(row, places[2], in: 1...1_000_000_000)
      rows.append(
        EngineQuantity.Row(
          "line \(row.line): \(setup.name)", measured: Double(tokens),
          simulated: Double(try capacity(setup))))
    }
    return EngineTable(
      name: "KV room at start, \(gpu)", source: table.file,
      quantities: [EngineQuantity("KV room", unit: "tokens", rows: rows)])
  }

  /// DistServe's room by degree and stages: it takes whole GPUs and counts the tokens of all of them,
  /// wherever a stage has as many layers as another and heads divide.
  static func comparePlans(_ table: MeasuredTable, gpu: String) throws -> EngineTable {
    let places = try planColumns.map { try table.place(of: $0) }
    var rows: [EngineQuantity.Row] = []
    var illegal = 0
    for row in table.rows {
      var setup = try setup(table, row, model: places[0], tensor: places[1], gpu: gpu)
      setup.stages = try table.whole(row, places[2], in: 1...64)
      let tokens = try table.whole(row, places[3], in: 1...1_000_000_000)
      guard let room = try? capacity(setup) else {
        illegal += 1
        continue
      }
      rows.append(
        EngineQuantity.Row(
          "line \(row.line): \(setup.name)", measured: Double(tokens), simulated: Double(room)))
    }
    return EngineTable(
      name: "KV room by plan, \(gpu)", source: table.file,
      quantities: [EngineQuantity("KV room", unit: "tokens", rows: rows)],
      leftOut: illegal > 0
        ? [EngineLeftOut(reason: "a plan that does not divide the model", count: illegal)] : [])
  }

  private static func setup(
    _ table: MeasuredTable, _ row: MeasuredTable.Row, model: Int, tensor: Int, gpu: String
  ) throws(TableFault) -> EngineSetup {
    guard let found = ModelName.find(in: String(row.values[model])) else {
      throw table.fault(row, model, needed: "a model of the catalogue (simpp models)")
    }
    return EngineSetup(
      model: found.name, gpu: gpu, tensor: try table.whole(row, tensor, in: 1...64))
  }

  private static func capacity(_ setup: EngineSetup) throws(EngineFault) -> Int {
    let scenario = try setup.checkedScenario()
    let model = scenario.models[0]
    return MemoryPlan(
      model: model.architecture,
      plan: .even(tensor: setup.tensor, stages: setup.stages, layers: model.architecture.layers),
      gpu: scenario.cluster.nodes[0].gpu, weights: model.weights, keyValue: model.keyValueCache,
      gpuMemoryUtilization: setup.gpuMemoryUtilization, maxBatchedTokens: setup.maxBatchedTokens,
      maxSequences: setup.maxSequences
    ).capacityTokens
  }
}
