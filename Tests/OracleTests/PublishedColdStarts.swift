import Scenarios
import Serving
import Testing

extension PublishedResult {
  /// "Cold starts" in docs/published.md.
  static let coldStarts = hydraServeStarts + loader + startUp + sleep

  /// The 25 of HydraServe's artifact: a name in the docs, a scheduler, whether weights are in host
  /// memory, and both times to first token of each model, in seconds.
  private static let hydraServeStarts = [
    hydra(
      "vLLM", "serverless-vllm", "cold",
      [10.14, 17.02, 16.57, 19.33, 16.21],
      [10.15, 16.64, 16.76, 18.85, 17.06]),
    hydra(
      "ServerlessLLM", "serverlessllm", "cold",
      [10.05, 14.10, 14.08, 17.07, 14.10],
      [9.56, 14.85, 14.95, 16.65, 15.19]),
    hydra(
      "ServerlessLLM from host memory", "serverlessllm", "cached",
      [7.06, 7.74, 8.08, 9.09, 8.08],
      [6.91, 8.19, 8.21, 8.62, 8.27]),
    hydra(
      "HydraServe, one GPU", "hydraserve", "cold",
      [4.68, 8.33, 8.36, 10.25, 8.98],
      [4.85, 8.58, 8.66, 9.98, 8.84]),
    hydra(
      "HydraServe, PP4", "hydraserve-pp4", "cold",
      [4.75, 5.86, 5.59, 6.31, 6.17],
      [4.95, 5.62, 5.63, 5.83, 5.65]),
  ].flatMap { $0 }

  private static func hydra(
    _ system: String, _ scheduler: String, _ kind: String, _ published: [Double],
    _ simulated: [Double]
  ) -> [PublishedResult] {
    let models = ["opt-2.7b", "opt-6.7b", "llama-2-7b", "llama-3-8b", "falcon-7b"]
    return models.indices.map { index in
      PublishedResult(
        scenario: "hydraserve-cold-start", measured: "\(system), \(models[index])",
        published: published[index], tolerance: .calibrated, simulated: simulated[index],
        verdict: .inside
      ) { try $0.firstToken(scheduler, "\(models[index])-\(kind)") }
    }
  }

  private static let loader = [
    load("Qwen3-32B from NVMe", "serverlessllm", "qwen3-32b-storage", 3.22, 2.29, .outside),
    load("Qwen3-32B from host memory", "serverlessllm", "qwen3-32b-host", 1.25, 1.07, .inside),
    load("Llama-3.1-8B from NVMe", "serverlessllm", "llama-3.1-8b-storage", 0.678, 0.561, .outside),
    load(
      "safetensors, Qwen3-32B from NVMe", "safetensors", "qwen3-32b-storage", 20.59, 14.6,
      .outside),
    load(
      "safetensors, Qwen3-32B from host memory", "safetensors", "qwen3-32b-host", 12.47, 12.4,
      .inside),
    load(
      "safetensors, Llama-3.1-8B from NVMe", "safetensors", "llama-3.1-8b-storage", 4.437, 3.58,
      .outside),
    faster("gain, Qwen3-32B from NVMe", "qwen3-32b-storage", 6.39, 6.39),
    faster("gain, Qwen3-32B from host memory", "qwen3-32b-host", 9.98, 11.6),
    faster("gain, Llama-3.1-8B from NVMe", "llama-3.1-8b-storage", 6.54, 6.39),
  ]

  private static func load(
    _ measured: String, _ scheduler: String, _ workload: String, _ published: Double,
    _ simulated: Double, _ verdict: Verdict
  ) -> PublishedResult {
    PublishedResult(
      scenario: "serverlessllm-loader", measured: measured, published: published,
      tolerance: .calibrated, simulated: simulated, verdict: verdict
    ) { try $0.firstToken(scheduler, workload) }
  }

  private static func faster(
    _ measured: String, _ workload: String, _ published: Double, _ simulated: Double
  ) -> PublishedResult {
    PublishedResult(
      scenario: "serverlessllm-loader", measured: measured, kind: .ratio, published: published,
      tolerance: .system, simulated: simulated, verdict: .inside
    ) { try $0.firstToken("safetensors", workload) / $0.firstToken("serverlessllm", workload) }
  }

  private static let sleep = [
    PublishedResult(
      scenario: "vllm-sleep-235b", measured: "Qwen3-235B FP8, TP4, wake", published: 5.5,
      tolerance: .calibrated, simulated: 3.9, verdict: .outside
    ) { try $0.firstToken("tp4", "again") },
    PublishedResult(
      scenario: "vllm-sleep-30b", measured: "Qwen3-Coder-30B, TP1, wake", published: 2.86,
      tolerance: .calibrated, simulated: 4.02, verdict: .outside
    ) { try $0.firstToken("tp1", "again") },
  ]

  private static let startUp = [
    PublishedResult(
      scenario: "vllm-start-up", measured: "Llama-70B FP8, TP8, hot page cache", published: 215,
      tolerance: .calibrated, simulated: 206.6, verdict: .inside
    ) { try $0.firstToken("tp8", "hot") },
    PublishedResult(
      scenario: "deepserve-scale-up", measured: "everything cold", published: 42.12,
      tolerance: .system, simulated: 31.7, verdict: .inside
    ) { try $0.firstToken("cold", "first") },
    PublishedResult(
      scenario: "deepserve-scale-up", measured: "warm pods, weights in host memory",
      published: 4.75, tolerance: .system, simulated: 4.55, verdict: .inside
    ) { try $0.firstToken("deepserve", "again") },
    PublishedResult(
      scenario: "deepserve-scale-up", measured: "gain", kind: .ratio, published: 8.87,
      tolerance: .system, simulated: 6.96, verdict: .inside
    ) { try $0.firstToken("cold", "first") / $0.firstToken("deepserve", "again") },
    PublishedResult(
      scenario: "medusa-loading", measured: "loading", kind: .change, published: -42.5,
      tolerance: .system, simulated: -47.5, verdict: .inside
    ) {
      try 100 * ($0.firstToken("medusa", "request") / $0.firstToken("vllm", "request") - 1)
    },
  ]
}

extension PublishedRuns {
  /// The mean time to first token of a workload, in seconds.
  fileprivate func firstToken(_ scheduler: String, _ workload: String) throws -> Double {
    let found = try run(scheduler).workloads.first { $0.name == workload }
    let summary = try #require(found)
    return try #require(summary.ttft.mean)
  }
}
