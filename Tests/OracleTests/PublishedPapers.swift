import Scenarios
import Serving
import Testing

extension PublishedResult {
  /// "Papers and reports" in docs/published.md.
  static let papers =
    tokenBudget + threePlans + chunks + sarathiServe + sarathi + pipelines + fragmentation

  private static let tokenBudget = [
    budget("TP2, budget 8,192", 1054, 1486) { try $0.tokensPerSecond("tp2-8192") },
    budget("TP2, budget 2,048", 1438, 1570) { try $0.tokensPerSecond("tp2-2048") },
    budget("TP2, 2,048 over 8,192", 1.36, 1.06, .ratio) {
      try $0.tokensPerSecond("tp2-2048") / $0.tokensPerSecond("tp2-8192")
    },
    budget("TP4, budget 8,192", 3053, 3008) { try $0.tokensPerSecond("tp4-8192") },
    budget("TP4, budget 2,048", 2994, 2940) { try $0.tokensPerSecond("tp4-2048") },
    budget("TP4, 2,048 over 8,192", 0.98, 0.98, .ratio) {
      try $0.tokensPerSecond("tp4-2048") / $0.tokensPerSecond("tp4-8192")
    },
  ]

  private static func budget(
    _ measured: String, _ published: Double, _ simulated: Double, _ kind: Kind = .quantity,
    figure: @escaping @Sendable (PublishedRuns) throws -> Double
  ) -> PublishedResult {
    PublishedResult(
      scenario: "vllm-token-budget-a100", measured: measured, kind: kind, published: published,
      tolerance: .system, simulated: simulated, verdict: .inside, figure: figure)
  }

  private static let threePlans = [
    PublishedResult(
      scenario: "tensorrt-13b-three-plans", measured: "TP4, p90", published: 6.4,
      tolerance: .system, simulated: 6.39, verdict: .notComparable
    ) { try #require(try $0.run("tp4").overall.e2e.p90) },
    PublishedResult(
      scenario: "tensorrt-13b-three-plans", measured: "TP2 × PP2, p90", published: 10.2,
      tolerance: .system, simulated: 14.0, verdict: .inside
    ) { try #require(try $0.run("pp2-tp2").overall.e2e.p90) },
    PublishedResult(
      scenario: "tensorrt-13b-three-plans", measured: "PP4, requests/s", kind: .below,
      published: 3, tolerance: .direction, simulated: 2.44, verdict: .inside
    ) {
      let run = try $0.run("pp4")
      try #require(run.state == .overloaded)
      return run.completedPerSecond
    },
  ]

  private static let chunks = [
    PublishedResult(
      scenario: "vllm-gb300-chunks", measured: "whole prompts", published: 1678,
      tolerance: .system, simulated: 3200, verdict: .outside
    ) { try $0.tokensPerSecond("whole") / 4 },
    chunk("32k", 0.89, 0.72, .inside),
    chunk("12k", 0.92, 0.89, .inside),
    chunk("4k", 0.8, 1.03, .outside),
  ]

  private static func chunk(
    _ scheduler: String, _ published: Double, _ simulated: Double, _ verdict: Verdict
  ) -> PublishedResult {
    PublishedResult(
      scenario: "vllm-gb300-chunks", measured: "chunks of \(scheduler)", kind: .ratio,
      published: published, tolerance: .system, simulated: simulated, verdict: verdict
    ) { try $0.tokensPerSecond(scheduler) / $0.tokensPerSecond("whole") }
  }

  private static let sarathiServe = [
    PublishedResult(
      scenario: "sarathi-serve-mistral-7b", measured: "capacity", kind: .ratio, published: 2.6,
      tolerance: .system, simulated: 2.84, verdict: .inside
    ) {
      try $0.capacity("sarathi", holds: 2.7, breaks: 2.8, seconds: 0.1)
        / $0.capacity("vllm", holds: 0.95, breaks: 0.98, seconds: 0.1)
    },
    PublishedResult(
      scenario: "sarathi-serve-yi-34b", measured: "capacity", kind: .ratio, published: 3.7,
      tolerance: .system, simulated: 4.42, verdict: .inside
    ) {
      try $0.capacity("sarathi", holds: 1.26, breaks: 1.32, seconds: 0.2)
        / $0.capacity("vllm", holds: 0.285, breaks: 0.295, seconds: 0.2)
    },
    PublishedResult(
      scenario: "sarathi-serve-falcon-180b", measured: "capacity", kind: .ratio, published: 5.6,
      tolerance: .system, simulated: 5.45, verdict: .inside
    ) {
      try $0.capacity("sarathi", holds: 0.9, breaks: 0.93, seconds: 1)
        / $0.capacity("vllm", holds: 0.165, breaks: 0.172, seconds: 1)
    },
    PublishedResult(
      scenario: "sarathi-serve-falcon-180b", measured: "median time between tokens", kind: .ratio,
      published: 2, tolerance: .system, simulated: 1.01, verdict: .outside
    ) {
      let pipeline = try $0.run("sarathi").overall.itl.p50
      return try #require(try $0.run("tp8").overall.itl.p50) / #require(pipeline)
    },
  ]

  private static let sarathi = [
    PublishedResult(
      scenario: "sarathi-gpt3-pipeline", measured: "throughput", kind: .ratio, published: 1.91,
      tolerance: .system, simulated: 1.91, verdict: .inside
    ) { try $0.ratio("sarathi", over: "orca") },
    PublishedResult(
      scenario: "sarathi-gpt3-pipeline", measured: "bubbles", kind: .ratio, published: 6.29,
      tolerance: .system, simulated: 16.3, verdict: .outside
    ) {
      let (orca, sarathi) = (try $0.run("orca").bubble, try $0.run("sarathi").bubble)
      return try Double(#require(orca).total) / Double(#require(sarathi).total)
    },
    PublishedResult(
      scenario: "sarathi-13b-a6000", measured: "throughput", kind: .ratio, published: 1.33,
      tolerance: .system, simulated: 1.28, verdict: .inside
    ) { try $0.ratio("sarathi", over: "orca") },
  ]

  private static let pipelines = [
    PublishedResult(
      scenario: "gllm-throttle", measured: "throughput beyond vLLM's PP4", kind: .change,
      published: 11, tolerance: .direction, simulated: 71, verdict: .inside
    ) { try 100 * ($0.ratio("gllm", over: "vllm-pp4") - 1) },
    PublishedResult(
      scenario: "gllm-throttle", measured: "throughput beyond vLLM's TP4", kind: .change,
      published: 11, tolerance: .direction, simulated: 7.4, verdict: .inside
    ) { try 100 * ($0.ratio("gllm", over: "vllm-tp4") - 1) },
    tdPipe("td-pipe-a100", over: "tp4", "TP4", 1.91, 1.94, .inside),
    tdPipe("td-pipe-a100", over: "pp4", "PP4", 2.73, 1.21, .notComparable),
    tdPipe("td-pipe-l20", over: "tp4", "TP4", 1.91, 1.23, .notComparable),
    tdPipe("td-pipe-l20", over: "pp4", "PP4", 2.73, 1.38, .outside),
    PublishedResult(
      scenario: "dynapipe-qwen", measured: "mean end-to-end latency", kind: .change,
      published: -8, tolerance: .direction, simulated: -27.5, verdict: .inside
    ) {
      let even = try $0.run("even").overall.e2e.mean
      let balanced = try $0.run("balanced").overall.e2e.mean
      return try 100 * (#require(balanced) / #require(even) - 1)
    },
  ]

  private static func tdPipe(
    _ scenario: String, over scheduler: String, _ plan: String, _ published: Double,
    _ simulated: Double, _ verdict: Verdict
  ) -> PublishedResult {
    PublishedResult(
      scenario: scenario, measured: "throughput over \(plan)", kind: .ratio, published: published,
      tolerance: .system, simulated: simulated, verdict: verdict
    ) { try $0.ratio("td-pipe", over: scheduler) }
  }
}

extension PublishedRuns {
  /// Requests a second of one scheduler over those of another.
  fileprivate func ratio(_ scheduler: String, over other: String) throws -> Double {
    try run(scheduler).completedPerSecond / run(other).completedPerSecond
  }

  /// Prompt and output tokens over the length of the run.
  fileprivate func tokensPerSecond(_ scheduler: String) throws -> Double {
    let scenario = try scenario()
    let (summary, records) = try scenario.recorded(scheduler: scenario.scheduler(scheduler))
    let tokens = records.requests.reduce(0) { $0 + Int($1.promptTokens) + Int($1.outputTokens) }
    return Double(tokens) / summary.seconds
  }

  /// A rate at which the target of Sarathi-Serve's paper holds, if it no longer does at the other:
  /// p99 of the time between tokens in seconds, and at most 2 s of waiting for half of 2,048 requests.
  fileprivate func capacity(
    _ scheduler: String, holds rate: Double, breaks next: Double, seconds: Double
  ) throws -> Double {
    let holds = try meets(scheduler, rate: rate, seconds: seconds)
    let stillHolds = try meets(scheduler, rate: next, seconds: seconds)
    try #require(holds && !stillHolds, "\(scheduler): \(rate) \(holds), \(next) \(stillHolds)")
    return rate
  }

  private func meets(_ scheduler: String, rate: Double, seconds: Double) throws -> Bool {
    let scenario = try scenario([
      "workloads.chat.arrivals.rate=\(rate)", "duration=\(Int(2048 / rate))s",
    ])
    let (summary, records) = try scenario.recorded(scheduler: scenario.scheduler(scheduler))
    let waits = records.requests.map { $0.parts[.queue] }.sorted()
    let between = try #require(summary.overall.itl.p99)
    return between <= seconds && waits[waits.count / 2] <= 2_000_000_000
  }
}
