import EventKernel
import Foundation
import Reports
import Serving

/// Runs made by hand.
enum Fixture {
  static let context = ReportContext(
    scenario: "burst", scenarioDigest: "5ce0a7", version: "1.2.3",
    duration: 1_800_000_000_000, warmup: 120_000_000_000)

  /// The parts of a request under tensor parallelism: 2 s, of which 0.5 s all-reduce.
  static let tensorParts: [(LatencyLabel, Double)] = [
    (.compute, 1), (.host, 0.1), (.commTensor, 0.5), (.queue, 0.4),
  ]
  /// The parts of a request under pipeline parallelism: 1.5 s, of which 0.1 s hops.
  static let pipelineParts: [(LatencyLabel, Double)] = [
    (.compute, 1.2), (.host, 0.1), (.commPipeline, 0.1), (.pipelineWait, 0.1),
  ]

  /// Means over requests that all spend the same seconds under the same labels.
  static func decomposition(
    _ seconds: [(LatencyLabel, Double)], count: Int64 = 100
  ) -> DecompositionSummary {
    var summary = DecompositionSummary()
    summary.count = count
    for (label, time) in seconds {
      summary.sums[label] = Int64((time * 1e9).rounded()) * count
    }
    return summary
  }

  /// A metric around a mean: the median a tenth below, the 99th percentile at three times the mean
  /// unless more than one in a hundred missed.
  static func metric(_ mean: Double, count: Int64, missed: Int64) -> MetricSummary {
    var summary = MetricSummary()
    summary.count = count
    summary.mean = mean
    summary.p50 = 0.9 * mean
    summary.p90 = missed * 10 > count ? nil : 2 * mean
    summary.p95 = missed * 20 > count ? nil : 2.5 * mean
    summary.p99 = missed * 100 > count ? nil : 3 * mean
    summary.max = missed > 0 ? nil : 4 * mean
    return summary
  }

  static func workload(
    _ name: String, parts: [(LatencyLabel, Double)], requests: Int64 = 100, missed: Int64 = 0,
    attainment: Double? = nil
  ) -> WorkloadSummary {
    let mean = parts.reduce(0) { $0 + $1.1 }
    var summary = WorkloadSummary()
    summary.name = name
    summary.requests = requests
    summary.completed = requests - missed
    summary.unfinished = missed
    summary.ttft = metric(mean / 4, count: requests, missed: missed)
    summary.tpot = metric(mean / 50, count: requests, missed: missed)
    summary.itl = metric(mean / 50, count: requests * 40, missed: 0)
    summary.e2e = metric(mean, count: requests, missed: missed)
    summary.decomposition = decomposition(parts, count: requests - missed)
    summary.ttftDecomposition = decomposition([(.compute, mean / 4)], count: requests - missed)
    summary.tailDecomposition = decomposition(parts.map { ($0.0, 3 * $0.1) }, count: 1)
    summary.requestsPerSecond = Double(requests - missed) / 1_680
    summary.outputTokensPerSecond = Double(requests - missed) * 40 / 1_680
    summary.sloAttainment = attainment
    summary.goodputRequestsPerSecond = attainment.map { $0 * Double(requests) / 1_680 }
    return summary
  }

  /// A run of one workload.
  static func run(
    _ scheduler: String, _ parts: [(LatencyLabel, Double)], replication: Int = 0,
    missed: Int64 = 0, attainment: Double? = nil, gpuHours: Double = 2, digest: String? = nil
  ) -> RunSummary {
    var run = RunSummary()
    run.scenario = "burst"
    run.scheduler = scheduler
    run.seed = 1
    run.replication = replication
    run.digest = digest ?? "digest-of-\(scheduler)-\(replication)"
    run.requests = 107
    run.completed = 107 - missed
    run.unfinished = missed
    run.simulated = 1_812_500_000_000
    run.state = missed > 0 ? .overloaded : .stable
    run.overall = workload("", parts: parts, missed: missed, attainment: attainment)
    run.workloads = [workload("chat", parts: parts, missed: missed, attainment: attainment)]
    run.gpuHours = gpuHours
    run.gpuUtilization = 0.4375
    run.bubbleFraction = 0.0625
    run.costUSD = gpuHours * 3.99
    run.coldStarts = 3
    return run
  }

  static func comparison(_ runs: [RunSummary], _ context: ReportContext = context) -> Comparison {
    Comparison(runs, context: context)
  }

  /// Tensor against pipeline parallelism, one run each.
  static var two: [RunSummary] { [run("tp4", tensorParts), run("pp4", pipelineParts)] }

  /// Tensor against pipeline parallelism over three replications; the queue of `tp4` takes 0.4,
  /// 0.5 and 0.3 s, so that its mean e2e is 2, 2.1 and 1.9 s against 1.5 s.
  static var replicated: [RunSummary] {
    [0.4, 0.5, 0.3].enumerated().flatMap { replication, queue in
      [
        run("tp4", tensorParts.dropLast() + [(.queue, queue)], replication: replication),
        run("pp4", pipelineParts, replication: replication),
      ]
    }
  }

  /// Whether a text has a line that is too wide, with the line.
  static func wide(_ text: String, _ width: Int = 100) -> String? {
    text.split(separator: "\n").map(String.init).first { $0.count > width }
  }
}
