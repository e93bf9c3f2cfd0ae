import EventKernel
import Serving

/// Requests that a pipeline served: columns `arrival_s`, `prompt_latency_s`, `last_s`,
/// `decode_tokens`, `decode_mean_s`, `stage_layers` (Thesys-lab/Helix-ASPLOS25).
enum EnginePipelineRequests {
  static let columns = [
    "arrival_s", "prompt_tokens", "prompt_latency_s", "last_s", "decode_tokens", "decode_mean_s",
    "stage_layers",
  ]

  /// A table's requests, and the layers of the stages that served them.
  private struct Run {
    var requests: [ObservedRequest] = []
    var layers: [Int] = []
    /// Seconds at which each request got its last token.
    var last: [Double] = []
    /// Clients of a closed loop, nil where requests came at times of their own.
    var clients: Int?
    /// Requests that were not answered.
    var unanswered = 0
  }

  /// Replays the requests on one machine a stage, joined by 10 Gb/s.
  static func compare(_ table: MeasuredTable, model: String, gpu: String) throws -> EngineTable {
    let run = try read(table)
    var setup = EngineSetup(model: model, gpu: gpu, stages: run.layers.count)
    setup.layers = run.layers
    setup.network = "10Gbps"
    setup.waitsForOldest = false
    // A token alone takes 296 ms through 60 layers of 4.5 ms: what eight workers add, each handing its
    // output to ZeroMQ through host memory, is 3 ms a stage.
    setup.cost = #"{ "engine": "vllm-v0", "hostPerStep": "3ms" }"#
    var requests = run.requests
    if run.clients != nil {
      for index in requests.indices.dropFirst(run.clients ?? 0) { requests[index].arrival = 0 }
    }
    let replay = Replay(
      try setup.checkedScenario(), ReplayedRequests(requests, clients: run.clients))
    let simulated = replay.run()
    let end = run.last.max() ?? 0
    let measuredRate = rate(
      zip(run.requests, run.last).map { ($0.ttft ?? 0, $0.arrival, $1, $0.outputTokens) }, end)
    let simulatedRate = rate(
      simulated.compactMap { $0 }.map {
        ($0.ttft ?? 0, $0.arrival, Double($0.arrival) * 1e-9 + ($0.e2e ?? 0), $0.outputTokens)
      }, end)
    let rates = EngineQuantity.Row(
      "60 s to \(Int(end) - 60) s", measured: measuredRate, simulated: simulatedRate)
    return EngineTable(
      name: setup.name + ": requests" + (run.clients.map { ", \($0) at once" } ?? ""),
      source: table.file,
      quantities: [EngineQuantity("decoded", unit: "tokens/s", rows: [rates])]
        + EngineRequests.quantities(run.requests, simulated).filter { $0.name != "end to end" },
      leftOut: run.unanswered > 0
        ? [EngineLeftOut(reason: "not answered", count: run.unanswered)] : [],
      assumption: "3 ms of host a stage, as a token alone takes")
  }

  /// Tokens a second between 60 s and 60 s before the end, each request's evenly between its first
  /// and its last.
  private static func rate(
    _ requests: [(ttft: Double, arrival: Nanoseconds, last: Double, output: Int)], _ end: Double
  ) -> Double {
    let (from, to) = (60.0, end - 60)
    let tokens = requests.reduce(0.0) { sum, request in
      let first = Double(request.arrival) * 1e-9 + request.ttft
      let inside = min(to, request.last) - max(from, first)
      guard inside > 0, request.last > first else { return sum }
      return sum + Double(request.output - 1) * inside / (request.last - first)
    }
    return tokens / (to - from)
  }

  private static func read(_ table: MeasuredTable) throws -> Run {
    let places = try columns.map { try table.place(of: $0) }
    var run = Run()
    for row in table.rows {
      // A request that was cut off before its prompt had passed all stages.
      if row.values[places[6]].isEmpty || row.values[places[2]].isEmpty {
        run.unanswered += 1
        continue
      }
      guard let arrival = Double(row.values[places[0]]), arrival >= 0, arrival < 1e7 else {
        throw table.fault(row, places[0], needed: "seconds from 0 to 10,000,000")
      }
      let layers = row.values[places[6]].split(separator: " ").compactMap { Int($0) }
      guard !layers.isEmpty, run.layers.isEmpty || layers == run.layers else {
        throw table.fault(row, places[6], needed: "the layers of each stage, alike in all rows")
      }
      run.layers = layers
      let decoded = try table.whole(row, places[4], in: 0...1_000_000)
      run.last.append(try table.nanoseconds(row, places[3], unit: 1e9) * 1e-9)
      run.requests.append(
        ObservedRequest(
          arrival: nanoseconds(fromSeconds: arrival),
          promptTokens: try table.whole(row, places[1], in: 1...1_000_000),
          outputTokens: decoded + 1,
          ttft: try table.nanoseconds(row, places[2], unit: 1e9) * 1e-9,
          tpot: decoded > 0
            ? try table.nanoseconds(row, places[5], unit: 1e9) * 1e-9 : nil))
    }
    run.clients = clients(run)
    return run
  }

  /// As many clients as there were requests in flight at most, if most of them were sent the moment
  /// another one had been answered.
  private static func clients(_ run: Run) -> Int? {
    let arrivals = run.requests.map { Double($0.arrival) * 1e-9 }
    let caused = arrivals.filter { arrival in run.last.contains { abs($0 - arrival) < 0.001 } }
    guard 2 * caused.count > arrivals.count else { return nil }
    return arrivals.map { now in
      zip(arrivals, run.last).filter { $0 <= now && $1 > now + 0.001 }.count
    }.max()
  }
}
