import EventKernel

/// Requests as a CSV: `prompt_tokens`, `output_tokens` or `completion_tokens`, when they were sent in
/// `arrival_s`, and `ttft`, `tpot`, `e2e`, each in seconds (`ttft_s`) or milliseconds (`ttft_ms`).
struct RequestTable {
  private let table: MeasuredTable

  init(_ text: String, file: String) throws(TableFault) {
    table = try MeasuredTable(text, file: file)
  }

  func observed() throws(TableFault) -> ObservedBenchmark {
    let prompt = try table.place(of: "prompt_tokens")
    let output = try table.place(
      of: table.columns.contains("completion_tokens") ? "completion_tokens" : "output_tokens")
    let arrival = table.columns.firstIndex(of: "arrival_s")
    let latencies = ["ttft", "tpot", "e2e"].map { column($0) }
    guard latencies.contains(where: { $0 != nil }) else {
      throw TableFault(
        file: table.file, line: 1,
        found: "the columns " + table.columns.joined(separator: ", "),
        needed: "one at least of ttft_s, tpot_s, e2e_s, or the same in _ms")
    }
    var requests: [ObservedRequest] = []
    var failed = 0
    for row in table.rows {
      let tokens = try table.whole(row, output, in: 0...10_000_000)
      if tokens == 0 {
        failed += 1
        continue
      }
      let ttft = try time(row, latencies[0])
      let e2e = try time(row, latencies[2])
      var tpot = tokens > 1 ? try time(row, latencies[1]) : nil
      if tpot == nil, tokens > 1, let ttft, let e2e {
        guard e2e >= ttft, let latency = latencies[2] else {
          throw table.fault(
            row, latencies[2]?.place ?? 0, needed: "an end no earlier than the first token")
        }
        _ = latency
        tpot = (e2e - ttft) / Double(tokens - 1)
      }
      requests.append(
        ObservedRequest(
          arrival: try sent(row, arrival),
          promptTokens: try table.whole(row, prompt, in: 1...10_000_000), outputTokens: tokens,
          ttft: ttft, tpot: tpot, e2e: e2e ?? end(ttft, tpot, tokens)))
    }
    return ObservedBenchmark(
      file: table.file, requests: requests, sending: arrival == nil ? .atOnce : .atTimes,
      failed: failed)
  }

  /// A latency's column and how many nanoseconds its unit has.
  private func column(_ name: String) -> (place: Int, unit: Double)? {
    if let place = table.columns.firstIndex(of: name + "_s") { return (place, 1e9) }
    return table.columns.firstIndex(of: name + "_ms").map { ($0, 1e6) }
  }

  private func time(
    _ row: MeasuredTable.Row, _ column: (place: Int, unit: Double)?
  ) throws(TableFault) -> Double? {
    guard let column, !row.values[column.place].isEmpty else { return nil }
    return try table.nanoseconds(row, column.place, unit: column.unit) * 1e-9
  }

  private func sent(_ row: MeasuredTable.Row, _ place: Int?) throws(TableFault) -> Nanoseconds {
    guard let place else { return 0 }
    guard let seconds = Double(row.values[place]), (0...4e9).contains(seconds) else {
      throw table.fault(row, place, needed: "seconds, 0 or more")
    }
    return nanoseconds(fromSeconds: seconds)
  }

  private func end(_ ttft: Double?, _ tpot: Double?, _ tokens: Int) -> Double? {
    guard let ttft else { return nil }
    if tokens == 1 { return ttft }
    return tpot.map { ttft + $0 * Double(tokens - 1) }
  }
}
