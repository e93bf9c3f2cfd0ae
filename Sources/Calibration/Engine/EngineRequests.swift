import EventKernel
import Scenarios

/// Requests that an engine served: columns `arrival_s`, `prompt_tokens`, `completion_tokens`,
/// `ttft_s`, `e2e_s`, and `decode_s` where the time from first to last token was measured apart.
enum EngineRequests {
  static let columns = ["arrival_s", "prompt_tokens", "completion_tokens", "ttft_s", "e2e_s"]

  /// The requests of a table.
  static func read(_ table: MeasuredTable) throws(TableFault) -> [ObservedRequest] {
    let places = [
      try table.place(of: "arrival_s"), try table.place(of: "prompt_tokens"),
      try table.place(of: "completion_tokens"), try table.place(of: "ttft_s"),
      try table.place(of: "e2e_s"),
    ]
    var requests: [ObservedRequest] = []
    for row in table.rows {
      guard let arrival = Double(row.values[places[0]]), arrival >= 0, arrival < 1e7 else {
        throw table.fault(row, places[0], needed: "seconds from 0 to 10,000,000")
      }
      let ttft = try table.nanoseconds(row, places[3], unit: 1e9) * 1e-9
      let e2e = try table.nanoseconds(row, places[4], unit: 1e9) * 1e-9
      let output = try table.whole(row, places[2], in: 1...10_000_000)
      requests.append(
        ObservedRequest(
          arrival: nanoseconds(fromSeconds: arrival),
          promptTokens: try table.whole(row, places[1], in: 1...10_000_000), outputTokens: output,
          ttft: ttft, tpot: output > 1 ? (e2e - ttft) / Double(output - 1) : nil, e2e: e2e))
    }
    return requests.sorted { $0.arrival < $1.arrival }
  }

  /// Replays a table's requests and compares each with itself.
  static func compare(_ table: MeasuredTable, _ setup: EngineSetup) throws -> EngineTable {
    let requests = try read(table)
    let simulated = Replay(try setup.checkedScenario(), ReplayedRequests(requests)).run()
    return EngineTable(
      name: setup.name + ": requests", source: table.file,
      quantities: quantities(requests, simulated))
  }

  /// The latencies of requests, each beside its simulation.
  static func quantities(
    _ measured: [ObservedRequest], _ simulated: [ObservedRequest?]
  ) -> [EngineQuantity] {
    let metrics: [(String, KeyPath<ObservedRequest, Double?>)] = [
      ("TTFT", \.ttft), ("TPOT", \.tpot), ("end to end", \.e2e),
    ]
    return metrics.map { name, path in
      var rows: [EngineQuantity.Row] = []
      for (index, pair) in zip(measured, simulated).enumerated() {
        guard let value = pair.0[keyPath: path], let other = pair.1?[keyPath: path] else {
          continue
        }
        rows.append(
          EngineQuantity.Row(
            "request \(index): \(pair.0.promptTokens) + \(pair.0.outputTokens) tokens",
            measured: value * 1e3, simulated: other * 1e3))
      }
      return EngineQuantity(name, unit: "ms", rows: rows)
    }
  }
}
