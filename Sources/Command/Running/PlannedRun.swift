import Scenarios
import Serving

/// One run that a command has to do.
struct PlannedRun: Sendable {
  var scenario: Scenario
  var scheduler: Int
  var replication: Int

  var simulation: Simulation {
    Simulation(scenario: scenario, scheduler: scheduler, replication: replication)
  }

  /// `tp4`, or `tp4, replication 3`.
  var name: String {
    let scheduler = scenario.schedulers[scheduler].name
    return replication == 0 ? scheduler : "\(scheduler), replication \(replication)"
  }

  /// Every scheduler times every replication, in scenario order.
  static func all(of scenario: Scenario, replications: Int) -> [PlannedRun] {
    scenario.schedulers.indices.flatMap { scheduler in
      (0..<replications).map {
        PlannedRun(scenario: scenario, scheduler: scheduler, replication: $0)
      }
    }
  }
}
