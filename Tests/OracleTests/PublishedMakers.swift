import Serving
import Testing

extension PublishedResult {
  /// "vLLM and SGLang by their makers" in docs/published.md.
  static let makers = llama405B + tensorParallelMemory + longPrompts + pipelines + decoding

  /// One node and two nodes of eight H100.
  private static let llama405B: [PublishedResult] = [
    PublishedResult(
      scenario: "vllm-405b-fp8", measured: "requests/s", published: 2.82, tolerance: .system,
      simulated: 4.21, verdict: .inside
    ) { try $0.run("tp8").completedPerSecond },
    PublishedResult(
      scenario: "vllm-405b-two-nodes", measured: "throughput with InfiniBand", kind: .ratio,
      published: 1, tolerance: .system, simulated: 2.54, verdict: .outside
    ) {
      let cards = #"cluster.nodes[0].nics={"count":8,"bandwidth":"400Gbps"}"#
      let direct = "cluster.nodes[0].gpuDirect=true"
      return try $0.run("pp2-tp8", cards, direct).completedPerSecond
        / $0.run("tp16", cards, direct).completedPerSecond
    },
    PublishedResult(
      scenario: "vllm-405b-two-nodes", measured: "throughput without it", kind: .ratio,
      published: 6.6, tolerance: .system, simulated: 12.4, verdict: .notComparable
    ) { try $0.run("pp2-tp8").completedPerSecond / $0.run("tp16").completedPerSecond },
  ]

  /// What four GPUs decode together or in a row.
  private static let decoding = [
    PublishedResult(
      scenario: "engine-tensor-against-pipeline", measured: "decode rate, TP4 over PP4",
      kind: .ratio, published: 3, tolerance: .system, simulated: 1.6, verdict: .outside
    ) {
      let (tensor, pipeline) = (try $0.run("tp4").overall.tpot, try $0.run("pp4").overall.tpot)
      return try #require(pipeline.mean) / #require(tensor.mean)
    }
  ]

  /// What a second GPU adds where weights leave the first one little.
  private static let tensorParallelMemory: [PublishedResult] = [
    PublishedResult(
      scenario: "vllm-tensor-2-blocks", measured: "KV blocks", kind: .ratio, published: 13.9,
      tolerance: .system, simulated: 26.7, verdict: .outside
    ) { try Double($0.keyValueBlocks("tp2")) / Double($0.keyValueBlocks("tp1")) },
    PublishedResult(
      scenario: "vllm-tensor-2-blocks", measured: "throughput", kind: .ratio, published: 3.9,
      tolerance: .system, simulated: 5.83, verdict: .notComparable
    ) { try $0.run("tp2").completedPerSecond / $0.run("tp1").completedPerSecond },
  ]

  /// SGLang's pipelines for one long prompt.
  private static let longPrompts: [PublishedResult] = [
    PublishedResult(
      scenario: "sglang-deepseek-prefill", measured: "prefill rate, PP4", kind: .ratio,
      published: 3.31, tolerance: .system, simulated: 3.33, verdict: .inside
    ) { try $0.firstToken("tp8") / $0.firstToken("pp4-tp8") },
    PublishedResult(
      scenario: "sglang-deepseek-prefill", measured: "TTFT, TP8", published: 48.5,
      tolerance: .system, simulated: 75.7, verdict: .outside
    ) { try $0.firstToken("tp8") },
    PublishedResult(
      scenario: "sglang-deepseek-prefill", measured: "TTFT, PP4", published: 15.5,
      tolerance: .system, simulated: 22.7, verdict: .inside
    ) { try $0.firstToken("pp4-tp8") },
    PublishedResult(
      scenario: "sglang-deepseek-prefill", measured: "prefill rate, TP32", kind: .ratio,
      published: 2.54, tolerance: .system, simulated: 3.29, verdict: .notComparable
    ) {
      let format = "models[0].weights=int8"
      let wide =
        #"schedulers.pp4-tp8-fixed.parallelism={"policy":"fixed","tensor":32,"domain":"preferred"}"#
      return try $0.firstToken("tp8", format) / $0.firstToken("pp4-tp8-fixed", format, wide)
    },
    PublishedResult(
      scenario: "sglang-qwen3-prefill", measured: "prefill rate, dynamic", kind: .ratio,
      published: 6.14, tolerance: .system, simulated: 4.98, verdict: .inside
    ) { try $0.firstToken("tp4") / $0.firstToken("pp8-tp4") },
    PublishedResult(
      scenario: "sglang-qwen3-prefill", measured: "prefill rate, chunks of 6 k", kind: .ratio,
      published: 5.57, tolerance: .system, simulated: 5.14, verdict: .inside
    ) { try $0.firstToken("tp4") / $0.firstToken("pp8-tp4-fixed") },
    PublishedResult(
      scenario: "sglang-qwen3-prefill", measured: "TTFT, TP4", published: 55.5,
      tolerance: .system, simulated: 87.3, verdict: .outside
    ) { try $0.firstToken("tp4") },
    PublishedResult(
      scenario: "sglang-qwen3-prefill", measured: "TTFT, PP8", published: 10.5,
      tolerance: .system, simulated: 17.5, verdict: .outside
    ) { try $0.firstToken("pp8-tp4") },
  ]

  private static let pipelines: [PublishedResult] = [
    PublishedResult(
      scenario: "vllm-async-pipeline", measured: "throughput", kind: .change, published: 30.8,
      tolerance: .system, simulated: 13.4, verdict: .outside
    ) {
      try 100 * ($0.run("async").completedPerSecond / $0.run("sync").completedPerSecond - 1)
    },
    PublishedResult(
      scenario: "vllm-async-pipeline", measured: "TPOT", kind: .change, published: -31.8,
      tolerance: .system, simulated: -11.8, verdict: .outside
    ) {
      let (before, after) = try ($0.run("sync").overall.tpot, $0.run("async").overall.tpot)
      return try 100 * (#require(after.mean) / #require(before.mean) - 1)
    },
    PublishedResult(
      scenario: "vllm-pipeline-of-eight", measured: "output tokens/s", kind: .ratio,
      published: 1.04, tolerance: .system, simulated: 0.72, verdict: .notComparable
    ) {
      try $0.run("pp8").overall.outputTokensPerSecond
        / $0.run("pp1").overall.outputTokensPerSecond
    },
  ]
}

extension PublishedRuns {
  /// The median time to the first token, in seconds.
  fileprivate func firstToken(_ scheduler: String, _ settings: String...) throws -> Double {
    try #require(run(scheduler, settings).overall.ttft.p50)
  }

  /// KV blocks of the replica: those of its tightest stage.
  fileprivate func keyValueBlocks(_ scheduler: String) throws -> Int {
    let scenario = try scenario()
    let specification = scenario.schedulers[try scenario.scheduler(scheduler)]
    let figures = try #require(
      PlanSetting(scenario, specification).figures(
        specification.parallelism.allPlans[0], of: scenario.models[0]))
    return (figures.stages.map(\.keyValueTokens).min() ?? 0) / specification.engine.blockTokens
  }
}
