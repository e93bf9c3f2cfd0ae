import EventKernel
import Inference
import Serving

/// Pipelines of LLaMA-30B on separate machines: Thesys-lab/Helix-ASPLOS25.
enum EnginePipeline {
  static let layerColumns = ["model", "machine", "phase", "batch_tokens", "ms_per_layer"]

  /// The context that decoding sequences are taken to have: prompts and answers of its workload are
  /// 763 and 232 tokens in the mean.
  private static let decodeContext = 880
  /// The prompt that its prompt times are taken to consist of.
  private static let promptTokens = 763

  /// Times of single layers by tokens; one comparison for each machine and phase.
  static func compareLayers(_ table: MeasuredTable) throws -> [EngineTable] {
    let places = try layerColumns.map { try table.place(of: $0) }
    var names: [String] = []
    var rows: [String: [EngineQuantity.Row]] = [:]
    var prices: [String: StepPrices] = [:]
    var empty = 0
    for row in table.rows {
      let tokens = try table.whole(row, places[3], in: 0...1_000_000)
      if tokens == 0 {
        empty += 1
        continue
      }
      let machine = String(row.values[places[1]])
      let phase = String(row.values[places[2]])
      guard let model = ModelName.find(in: String(row.values[places[0]])) else {
        throw table.fault(row, places[0], needed: "a model of the catalogue (simpp models)")
      }
      guard let setup = setup(model.name, machine: machine) else {
        throw table.fault(row, places[1], needed: "a machine such as l4, l4x2 or a100")
      }
      let key = "\(setup.name), layers, \(phase)"
      if rows[key] == nil { names.append(key) }
      let price = try prices[key] ?? StepPrices(layersOf: setup)
      prices[key] = price
      let shape = phase == "prompt" ? prompts(tokens) : decodes(tokens)
      rows[key, default: []].append(
        EngineQuantity.Row(
          "line \(row.line): \(tokens) tokens",
          measured: try table.nanoseconds(row, places[4], unit: 1e6) * 1e-6,
          simulated: price.millisecondsOnGPU(shape) / Double(price.layers)))
    }
    return names.map { name in
      EngineTable(
        name: name, source: table.file,
        quantities: [EngineQuantity("layer", unit: "ms", rows: rows[name] ?? [])],
        assumption: name.hasSuffix("prompt")
          ? "prompts of \(promptTokens) tokens" : "\(decodeContext) tokens of context")
    }
  }

  private static func setup(_ model: String, machine: String) -> EngineSetup? {
    let parts = machine.split(separator: "x")
    guard let gpu = ["l4": "l4", "a100": "a100-40-sxm", "t4": "t4"][parts.first ?? ""] else {
      return nil
    }
    var setup = EngineSetup(
      model: model, gpu: gpu, tensor: parts.count > 1 ? Int(parts[1]) ?? 1 : 1)
    setup.maxBatchedTokens = 8_192
    setup.maxSequences = 1_024
    return setup
  }

  private static func prompts(_ tokens: Int) -> BatchShape {
    var shape = BatchShape.empty
    var left = tokens
    while left > 0 {
      shape.addPrefill(chunk: min(left, promptTokens), prefix: 0, isLastChunk: true)
      left -= promptTokens
    }
    return shape
  }

  private static func decodes(_ sequences: Int) -> BatchShape {
    .decode(sequences: sequences, contextTokens: sequences * decodeContext)
  }
}
