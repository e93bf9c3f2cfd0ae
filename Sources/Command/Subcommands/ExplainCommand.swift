import ArgumentParser
import Reports
import Results
import Scenarios
import Serving

/// `simpp explain`: one request's life, by simulating its run again.
struct ExplainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "explain",
    abstract: "Tells one request's life: what happened when, under which label.",
    discussion: """
      The stored scenario and seed are simulated again; the digest must come out the same, so what is \
      told is what happened.
      """)

  @Argument(help: "The results file.", completion: .file(extensions: ["sqlite"]))
  var file: String

  @Option(parsing: .unconditional, help: "The request's id, as in the table request.")
  var request: Int64

  @Option(
    name: .customLong("run"), parsing: .unconditional,
    help: "The run's id. Default: the first scheduler's run of the scenario that was run last.")
  var runID: Int64?

  @OptionGroup var inputs: InputOptions

  func run() throws {
    try reportingFailures {
      let store = try ResultsStore(path: file, access: .reading)
      guard let stored = try runID.map({ try store.run($0) }) ?? store.latestRuns().first else {
        return
      }
      guard stored.key.version == SimppCommand.version else {
        Terminal.say(
          "run \(stored.id) was made by simpp \(stored.key.version), this is "
            + "\(SimppCommand.version): run the scenario again to explain it")
        throw Status.badContent
      }
      let found = try replay(stored, try store.scenarioJSON(ofRun: stored.id))
      try Terminal.print(found)
    }
  }

  private func replay(_ stored: StoredRun, _ json: String) throws -> String {
    let decoded = try inputs.decode(stored: json, of: "run \(stored.id)", in: file)
      .seeded(stored.key.seed)
    guard
      let scheduler = decoded.scenario.schedulers.firstIndex(where: {
        $0.name == stored.key.scheduler
      })
    else {
      Terminal.say("run \(stored.id): its scenario has no scheduler \(stored.key.scheduler)")
      throw Status.badContent
    }
    let simulation = Simulation(
      scenario: decoded.scenario, scheduler: scheduler, replication: stored.key.replication)
    let life = LifeFilter(request: request)
    let keeper = RequestKeeper(request: request)
    let summary = simulation.run(into: keeper, events: life)
    if let fault = summary.fault { throw fault }
    guard summary.digest == stored.digest else {
      Terminal.say(
        "run \(stored.id): simulated again its digest is \(summary.digest), stored is "
          + "\(stored.digest); the file has been changed, or simpp has a fault")
      throw Status.badContent
    }
    guard let record = keeper.record else {
      Terminal.say(
        "run \(stored.id) has no request \(request); its requests are 0 to \(summary.requests - 1)")
      throw Status.usage
    }
    return LifeText.text(record: record, events: life.events, scheduler: stored.key.scheduler)
  }
}

/// Keeps one request's record.
private final class RequestKeeper: RecordSink {
  private let request: Int64
  private(set) var record: RequestRecord?

  init(request: Int64) { self.request = request }

  func record(_ request: RequestRecord) {
    if request.requestID == self.request { record = request }
  }
  func record(_ replica: ReplicaRecord) {}
  func record(_ stage: StageRecord) {}
  func record(_ gpu: GPURecord) {}
  func record(_ link: LinkRecord) {}
  func record(_ allocation: AllocationRecord) {}
  func record(_ scaling: ScalingRecord) {}
  func record(_ sample: SampleRecord) {}
}
