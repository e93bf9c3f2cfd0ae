import Results
import Scenarios
import Serving

/// A stored run that can be simulated again.
struct StoredSimulation {
  let stored: StoredRun
  let plan: PlannedRun

  /// Decodes the stored scenario and finds the files that it names; `purpose` says what the run is
  /// wanted for, as in `explain`.
  init(
    _ stored: StoredRun, in store: ResultsStore, inputs: InputOptions, to purpose: String
  ) throws {
    self.stored = stored
    guard stored.key.version == SimppCommand.version else {
      Terminal.say(
        "run \(stored.id) was made by simpp \(stored.key.version), this is "
          + "\(SimppCommand.version): run the scenario again to \(purpose) it")
      throw Status.badContent
    }
    let decoded = try inputs.decode(
      stored: try store.scenarioJSON(ofRun: stored.id), of: "run \(stored.id)", in: store.path
    )
    .seeded(stored.key.seed)
    guard
      let scheduler = decoded.scenario.schedulers.firstIndex(where: {
        $0.name == stored.key.scheduler
      })
    else {
      Terminal.say("run \(stored.id): its scenario has no scheduler \(stored.key.scheduler)")
      throw Status.badContent
    }
    plan = PlannedRun(
      scenario: decoded.scenario, scheduler: scheduler, replication: stored.key.replication)
  }

  /// What a summary of the run, simulated again, must agree with.
  func check(_ summary: RunSummary) throws {
    if let fault = summary.fault { throw fault }
    guard summary.digest == stored.digest else {
      Terminal.say(
        "run \(stored.id): simulated again its digest is \(summary.digest), stored is "
          + "\(stored.digest); the file has been changed, or simpp has a fault")
      throw Status.badContent
    }
  }
}
