import Serving
import Testing

extension PublishedResult {
  /// Fragmentation gradient descent on the Alibaba cluster of 2023.
  static let fragmentation = [
    PublishedResult(
      scenario: "fgd-alibaba", measured: "unallocated GPUs", kind: .change, published: -49,
      tolerance: .system, simulated: -100, verdict: .outside
    ) { runs in
      let (gradient, random) = (try unallocated(runs, "fgd"), try unallocated(runs, "random"))
      return 100 * (gradient / random - 1)
    },
    PublishedResult(
      scenario: "fgd-alibaba", measured: "GPUs allocated beyond", published: 290,
      tolerance: .system, simulated: 112, verdict: .outside
    ) { try unallocated($0, "random") - unallocated($0, "fgd") },
  ]

  /// GPUs that nobody holds once as many have been asked for as there are: tenants come until minute 50 and
  /// stay, so that what is free while some wait is free to the end.
  private static func unallocated(_ runs: PublishedRuns, _ policy: String) throws -> Double {
    let setting = #"cluster.background.placement={"policy":"\#(policy)"}"#
    return Double(try runs.lastSample("none", [setting]).freeGPUs)
  }
}
