import Hardware
import Inference

/// simpp against engines that others measured: single steps, replayed requests, closed loops, room
/// for the KV cache.
public enum EngineFidelity {
  /// Compares a table of an engine; its columns say what it is, and its file's name or columns the
  /// model, the GPU and the degree.
  ///
  /// - Returns: the comparisons, empty for a table that is none of an engine.
  /// - Throws: `TableFault` for a table that cannot be read, `EngineFault` for an engine that cannot be
  ///   simulated.
  public static func compare(_ table: MeasuredTable) throws -> [EngineTable] {
    if table.has(EngineSteps.columns) {
      return [try EngineSteps.compare(table, try setup(namedBy: table))]
    }
    if table.has(EngineRequests.columns) {
      return [try EngineRequests.compare(table, try setup(namedBy: table))]
    }
    if table.has(EngineBatches.columns) { return try EngineBatches.compare(table) }
    if table.has(EngineLatencies.columns) { return try EngineLatencies.compare(table) }
    if table.has(EnginePipeline.layerColumns) { return try EnginePipeline.compareLayers(table) }
    if table.has(EnginePipelineRequests.columns) {
      let setup = try setup(namedBy: table)
      return [
        try EnginePipelineRequests.compare(table, model: setup.model, gpu: setup.gpu)
      ]
    }
    if table.has(EngineCapacity.planColumns) {
      // DistServe's GPUs are A100 80 GB; its table does not say so.
      return [
        try EngineCapacity.comparePlans(table, gpu: DeviceName.find(in: table.file) ?? "a100-sxm")
      ]
    }
    if table.has(EngineCapacity.startColumns) {
      return [try EngineCapacity.compareStarts(table, gpu: try gpu(namedBy: table))]
    }
    return []
  }

  /// Compares a file; a fault of its set-up is told as one of the file.
  static func compare(_ file: Fidelity.File, base: String) throws(TableFault) -> [EngineTable] {
    var table = try MeasuredTable(file.text, file: base)
    do {
      return try compare(table)
    } catch let fault as TableFault {
      // The folders may say what the name does not.
      table.file = file.path
      guard fault.line == nil, let tables = try? compare(table) else { throw fault }
      return tables
    } catch {
      throw TableFault(
        file: base, line: nil, found: "an engine that cannot be simulated, \(error)",
        needed: "a set-up that a scenario can say")
    }
  }

  /// Whether a table's columns are those of an engine.
  static func knows(_ header: MeasuredTable) -> Bool {
    let kinds = [
      EngineSteps.columns, EngineRequests.columns, EngineLatencies.columns, EngineBatches.columns,
      EnginePipeline.layerColumns, EnginePipelineRequests.columns, EngineCapacity.planColumns,
      EngineCapacity.startColumns,
    ]
    return kinds.contains(where: header.has)
  }

  /// Steps that others published as figures, not as files.
  public static func published() throws -> [EngineTable] {
    try PublishedSteps.yi34B() + PublishedSteps.llama13B()
  }

  /// The engine that a file's name tells: `steps.h100.codellama-34b.tp2.csv`.
  private static func setup(namedBy table: MeasuredTable) throws(TableFault) -> EngineSetup {
    guard let model = ModelName.find(in: table.file) else {
      throw TableFault(
        file: table.file, line: nil, found: "no model of the catalogue in the file's name",
        needed: "a name such as vllm_steps.h100.llama-2-7b.tp1.csv")
    }
    var setup = EngineSetup(model: model.name, gpu: try gpu(namedBy: table))
    for word in table.file.split(whereSeparator: { !$0.isLetter && !$0.isNumber }) {
      if word.hasPrefix("tp"), let degree = Int(word.dropFirst(2)) { setup.tensor = degree }
      if word.hasPrefix("pp"), let stages = Int(word.dropFirst(2)) { setup.stages = stages }
    }
    setup.maxBatchedTokens = 4_096
    return setup
  }

  private static func gpu(namedBy table: MeasuredTable) throws(TableFault) -> String {
    if let gpu = DeviceName.find(inPath: table.file) { return gpu }
    throw TableFault(
      file: table.file, line: nil, found: "no GPU of the catalogue in the file's name",
      needed: "a name such as vllm_steps.h100.llama-2-7b.tp1.csv")
  }
}

extension Fidelity {
  /// Compares a table of engines.
  ///
  /// - Returns: whether it is one.
  mutating func addEngines(
    _ file: File, _ base: String, _ header: MeasuredTable
  ) throws(TableFault) -> Bool {
    guard EngineFidelity.knows(header) else { return false }
    report.engines += try EngineFidelity.compare(file, base: base)
    return true
  }

  /// Adds the steps that others published as figures, if engines were compared at all.
  public mutating func addPublishedSteps() {
    guard !report.engines.isEmpty, let published = try? EngineFidelity.published() else { return }
    report.engines += published
  }
}
