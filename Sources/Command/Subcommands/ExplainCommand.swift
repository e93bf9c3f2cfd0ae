import ArgumentParser
import Reports
import Results
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
      let found = try replay(StoredSimulation(stored, in: store, inputs: inputs, to: "explain"))
      try Terminal.print(found)
    }
  }

  private func replay(_ run: StoredSimulation) throws -> String {
    let life = LifeFilter(request: request)
    let keeper = RequestKeeper(request: request)
    let summary = run.plan.simulation.run(into: keeper, events: life)
    try run.check(summary)
    guard let record = keeper.record else {
      Terminal.say(
        "run \(run.stored.id) has no request \(request); its requests are 0 to \(summary.requests - 1)"
      )
      throw Status.usage
    }
    return LifeText.text(record: record, events: life.events, scheduler: run.stored.key.scheduler)
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
