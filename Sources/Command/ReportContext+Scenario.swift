import Reports
import Serving
import Workload

extension ReportContext {
  /// What reports say about a scenario.
  init(_ scenario: Scenario, digest: String, version: String) {
    self.init(
      scenario: scenario.name, scenarioDigest: digest, version: version,
      duration: scenario.duration, warmup: scenario.warmup,
      answersCauseRequests: scenario.workloads.contains { $0.answersCauseRequests })
  }
}
