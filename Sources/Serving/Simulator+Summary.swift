import Workload

extension Simulator {
  /// What the run says as a whole; after `run`.
  mutating func summary() -> RunSummary {
    var summary = RunSummary()
    summary.scenario = scenario.name
    summary.scheduler = scheduler.name
    summary.seed = scenario.seed
    summary.replication = run.replication
    summary.digest = digest.text
    summary.simulated = now
    summary.events = eventCount
    summary.fault = stream.fault
    metrics.fill(&summary)
    summary.prefixCache = prefixCache
    summary.weights = weights
    summary.fragmentation = fragmentation
    return summary
  }
}
