import Inference

/// Sampled steps of vLLM's scheduler: columns `step_id`, `step_gap`, `step_spacing_ms`,
/// `prefill_tokens`, `decode_tokens`, `kv_usage`, `kv_blocks_total` (inference-sim ground truth).
enum EngineSteps {
  static let columns = ["step_id", "step_gap", "step_spacing_ms", "kv_blocks_total"]

  /// One sampled step.
  private struct Step {
    var line: Int
    var gap: Int
    /// Wall time since the sample before, in milliseconds; nil for the first.
    var spacing: Double?
    var prefill: Int
    var decode: Int
    /// Tokens whose keys and values are held.
    var context: Double
  }

  /// The steps whose time is known: next to the sample before, so that none between is unseen, with
  /// sequences in both that decode, so that the engine was not idle.
  static func compare(_ table: MeasuredTable, _ setup: EngineSetup) throws -> EngineTable {
    let steps = try read(table)
    let prices = try StepPrices(setup)
    var rows: [EngineQuantity.Row] = []
    var apart = 0
    var unsteady = 0
    for (before, step) in zip(steps, steps.dropFirst()) {
      guard let spacing = step.spacing, step.gap == 1 else {
        apart += 1
        continue
      }
      // A sample may stand at a step's begin or end: only where both steps are alike is it the same.
      guard step.decode > 0, before.decode > 0, abs(step.decode - before.decode) <= 2,
        max(step.prefill, before.prefill) <= 32
      else {
        unsteady += 1
        continue
      }
      rows.append(
        EngineQuantity.Row(
          "line \(step.line): \(step.decode) decoding, \(step.prefill) prompt tokens",
          measured: spacing, simulated: prices.milliseconds(shape(step))))
    }
    return EngineTable(
      name: setup.name + ": steps", source: table.file,
      quantities: [EngineQuantity("step", unit: "ms", rows: rows)],
      leftOut: [
        EngineLeftOut(reason: "steps between this sample and the one before", count: apart),
        EngineLeftOut(reason: "no step like it before, or idle time between", count: unsteady),
      ].filter { $0.count > 0 })
  }

  private static func shape(_ step: Step) -> BatchShape {
    let sequences = step.decode + (step.prefill > 0 ? 1 : 0)
    let each = step.context / Double(sequences)
    var shape = BatchShape.decode(
      sequences: step.decode, contextTokens: Int(each * Double(step.decode)))
    if step.prefill > 0 {
      shape.addPrefill(
        chunk: step.prefill, prefix: max(0, Int(each) - step.prefill), isLastChunk: true)
    }
    return shape
  }

  private static func read(_ table: MeasuredTable) throws(TableFault) -> [Step] {
    let places = [
      try table.place(of: "step_gap"), try table.place(of: "step_spacing_ms"),
      try table.place(of: "prefill_tokens"), try table.place(of: "decode_tokens"),
      try table.place(of: "kv_usage"), try table.place(of: "kv_blocks_total"),
    ]
    var steps: [Step] = []
    for row in table.rows {
      let isFirst = row.values[places[0]].isEmpty
      guard let usage = Double(row.values[places[4]]), (0...1).contains(usage) else {
        throw table.fault(row, places[4], needed: "a share from 0 to 1")
      }
      let blocks = try table.whole(row, places[5], in: 1...1_000_000_000)
      steps.append(
        Step(
          line: row.line,
          gap: isFirst ? 0 : try table.whole(row, places[0], in: 1...1_000_000_000),
          spacing: isFirst ? nil : try table.nanoseconds(row, places[1], unit: 1e6) * 1e-6,
          prefill: try table.whole(row, places[2], in: 0...10_000_000),
          decode: try table.whole(row, places[3], in: 0...10_000_000),
          context: usage * Double(blocks) * 16))
    }
    return steps
  }
}
