import EventKernel
import Hardware
import Inference
import Serving
import Workload

extension Benchmark {
  /// Requests of the Azure conversation trace's shape on 64 replicas of an 8B model.
  static func azure(_ name: String) -> Benchmark {
    Benchmark(
      name: name, summary: "Azure conversation shape, 64 × Llama-3.1-8B, 512/s",
      tableSizes: [1_000_000],
      // Each replica meets its longest queue some time.
      moreAllocations: 4 * 64
    ) { requests in
      let workload = WorkloadSpecification(
        name: "conversations",
        arrivals: .renewal(gapSeconds: .gamma(mean: 1 / azureRate, cv: 1.056)),
        prompt: LengthDistribution(distribution: .quantiles(AzureLengths.prompt)),
        output: LengthDistribution(distribution: .quantiles(AzureLengths.output)))
      let scenario = Scenario(
        name: name, duration: lastArrival(requests, perSecond: azureRate),
        cluster: .nodes(8, of: .h100SXM, gpus: 8, nodesPerLeaf: 8),
        models: [
          ServedModel(
            name: "llama-3.1-8b", architecture: .served, cost: .roofline(RooflineCost()))
        ],
        workloads: [workload],
        source: FirstRequests(requests, of: [workload], perSecond: azureRate),
        schedulers: [SchedulerSpecification(name: name, scaling: .replicas(64))])
      return run(scenario)
    }
  }

  /// Requests per second: about a third of what the replicas can serve.
  private static var azureRate: Double { 512 }
}

/// Quantiles of lengths in `Traces/azure-conv-like.csv`.
///
/// They are those of the Azure conversation trace of 2023 within two percent. Straight lines between
/// them make means of 1,176 and 215 tokens; the trace has 1,155 and 211.
enum AzureLengths {
  static let shares = [
    0, 0.05, 0.1, 0.25, 0.4, 0.5, 0.6, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95, 0.99, 1,
  ]
  static let prompt = QuantileCurve(
    shares: shares,
    values: [
      2, 181, 205, 396, 796, 1_021, 1_070, 1_134, 1_200, 1_317, 2_004, 2_760, 4_083, 4_137, 8_331,
    ])
  static let output = QuantileCurve(
    shares: shares,
    values: [11, 43, 54, 85, 103, 129, 179, 385, 396, 401, 412, 425, 451, 596, 1_000])
}
