public import ArgumentParser
import Foundation
import Reports
public import Results
import Scenarios
import Serving

/// `simpp run`: simulates every scheduler on the same arrivals and prints the comparison.
struct RunCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run",
    abstract: "Simulates every scheduler of a scenario on the same arrivals and compares them.",
    discussion: """
      Records go to a results file; running the same scenario, seed and version again replaces its \
      runs. The comparison on standard output is the same bytes for the same scenario, seed and \
      version, whatever --jobs, --records and --no-leap.

        simpp run Scenarios/quickstart.json
        simpp run Scenarios/quickstart.json --scheduler tp4 --scheduler pp4 --replications 5
        simpp run Scenarios/quickstart.json --set workloads.chat.arrivals.rate=6 --json
        simpp run Scenarios/quickstart.json --uncertainty
      """)

  @OptionGroup var input: ScenarioOptions

  @Option(help: "The results file.", completion: .file(extensions: ["sqlite"]))
  var db = "results.sqlite"

  @Option(
    parsing: .unconditional,
    help: "How often each scheduler is run, each time with other random draws.")
  var replications = 1

  @Option(parsing: .unconditional, help: "Runs at the same time. Default: one per core.")
  var jobs: Int?

  @Option(help: "Which requests' records are kept: all, sample (1 in 100) or none.")
  var records = RecordsKept.all

  @Option(help: "Writes every event, one line each, to this file.", completion: .file())
  var events: String?

  @Option(
    help: "Writes a timeline of every GPU, stage and link to this file, for ui.perfetto.dev.",
    completion: .file(extensions: ["json"]))
  var perfetto: String?

  @Flag(
    help: "Simulates every step by itself, also where nothing changes: slower, the same results.")
  var noLeap = false

  @Flag(
    help: ArgumentHelp(
      """
      Runs everything again with the GPUs' figures at the fast and the slow end of their ranges, on \
      the same traffic, and says whether the verdict holds.
      """))
  var uncertainty = false

  @Flag(help: "Prints one JSON object instead of the comparison.")
  var json = false

  @Flag(help: "Says nothing on standard error unless something is wrong.")
  var quiet = false

  @Flag(help: "Only estimates requests, events, time, memory and disk; runs nothing.")
  var dryRun = false

  func validate() throws {
    guard (1...100_000).contains(replications) else {
      throw ValidationError("--replications takes 1 to 100000, found \(replications)")
    }
    if let jobs, !(1...1024).contains(jobs) {
      throw ValidationError("--jobs takes 1 to 1024, found \(jobs)")
    }
    // SQLite would take these for a database in memory, and nothing would be kept.
    if db.isEmpty || db == ":memory:" {
      throw ValidationError("--db takes the path of a file, found '\(db)'")
    }
  }

  func run() throws {
    try reportingFailures {
      Interruption.listen()
      let decoded = try input.decoded(isQuiet: quiet)
      if dryRun {
        let refusal = conclude(estimate(decoded.scenario), say: Terminal.say)
        if uncertainty {
          let count = decoded.scenario.variations.count
          Terminal.say("uncertainty: all of it \(count) times again, of which nothing is stored")
        }
        if let refusal { throw refusal }
        return
      }
      try run(decoded)
    }
  }

  private func run(_ decoded: DecodedScenario) throws {
    if input.strict, let refusal = conclude(estimate(decoded.scenario), say: Terminal.say) {
      // What is refused must not depend on how fast the runs are.
      throw refusal
    }
    let runs = PlannedRun.all(of: decoded.scenario, replications: replications)
    let isNew = !FileManager.default.fileExists(atPath: db)
    let store = try ResultsStore(path: db)
    let outputs = try eventOutputs()
    let arguments = ["simpp"] + CommandLine.arguments.dropFirst()
    let progress = Progress(names: runs.map(\.name), isQuiet: quiet)
    let forecast = input.strict ? nil : forecast(decoded, progress)
    let runner = Runner(
      runs: runs, store: store,
      header: RunHeader(
        scenarioDigest: decoded.digest, scenarioJSON: decoded.canonicalJSON,
        version: SimppCommand.version,
        provenance: RunProvenance(started: .now, finished: .now, arguments: arguments)),
      kept: records, jobs: jobsAtOnce, leaps: !noLeap, progress: progress,
      isCut: { Interruption.isRequested || forecast?.refusal != nil }, arguments: arguments)
    let summaries: [RunSummary]
    do { summaries = try runner.execute(events: outputs) } catch {
      forecast?.end()
      try? outputs?.finish()
      throw error
    }
    forecast?.end()
    if summaries.count < runs.count, let refusal = forecast?.refusal {
      outputs?.discard()
      if isNew, try store.runs().isEmpty { try FileManager.default.removeItem(atPath: db) }
      throw refusal
    }
    try outputs?.finish()
    if summaries.count < runs.count { throw interrupted(summaries.count, of: runs.count) }
    let variations = uncertainty ? try variedRuns(decoded.scenario).execute() : []
    guard let variations else { throw interrupted(summaries.count, of: runs.count) }
    try print(summaries, variations, decoded.digest, decoded.scenario)
  }

  private func variedRuns(_ scenario: Scenario) -> VariedRuns {
    VariedRuns(
      scenario: scenario, replications: replications,
      jobs: jobs ?? ProcessInfo.processInfo.activeProcessorCount, leaps: !noLeap, isQuiet: quiet,
      isCut: { Interruption.isRequested })
  }

  /// The estimate, worked out beside the runs.
  private func forecast(_ decoded: DecodedScenario, _ progress: Progress) -> Forecast {
    Forecast {
      let estimate = estimate(decoded.scenario)
      return { conclude(estimate, say: progress.say) }
    }
  }

  /// Runs at a time; files made from events take one run at a time.
  private var jobsAtOnce: Int {
    writesEvents ? 1 : jobs ?? ProcessInfo.processInfo.activeProcessorCount
  }

  private var writesEvents: Bool { events != nil || perfetto != nil }

  /// What the runs will cost: in a second, or in four when nothing else is asked for.
  private func estimate(_ scenario: Scenario) -> RunEstimate {
    RunEstimate(
      scenario, replications: replications, jobs: jobsAtOnce, kept: records,
      leaps: !noLeap, logsEvents: events != nil, drawsTimeline: perfetto != nil,
      budget: dryRun ? 4 : 1,
      // What a long pilot takes of memory stays with the process.
      mostEvents: dryRun ? .max : 200_000)
  }

  /// Says what long runs will cost; the status of a refusal when no disk could hold it.
  private func conclude(_ estimate: RunEstimate, say: (String) -> Void) -> ExitCode? {
    if dryRun || !quiet {
      if dryRun || estimate.isLarge { say(estimate.line) }
      if dryRun { for line in estimate.lines { say(line) } }
      let names = (events.map(baseName), perfetto.map(baseName))
      for line in estimate.warnings(events: names.0, timeline: names.1) { say(line) }
    }
    let fewer = "--scheduler NAME or a shorter duration needs less"
    let needs = [
      DiskNeed(
        path: db, bytes: estimate.resultBytes + estimate.spoolBytes,
        remedy: "--records sample or none, or a shorter duration, need less"),
      DiskNeed(path: events ?? "", bytes: estimate.eventFileBytes, remedy: fewer),
      DiskNeed(path: perfetto ?? "", bytes: estimate.timelineBytes, remedy: fewer),
    ]
    for need in needs {
      let free = DiskSpace.free(for: need.path)
      guard let shortage = need.shortage(free: free) else { continue }
      say("note: " + shortage)
      if input.strict { return Status.badContent }
      if need.isHopeless(free: free) { return Status.cannotCreate }
    }
    return nil
  }

  /// The files made from events.
  private func eventOutputs() throws -> EventOutputs? {
    var outputs: [any EventOutput] = []
    let inputs = [input.scenario, db]
    if let events { outputs.append(try EventFile(path: events, sparing: inputs)) }
    if let perfetto {
      let others = inputs + (events.map { [$0] } ?? [])
      outputs.append(try TimelineFile(path: perfetto, sparing: others))
    }
    return EventOutputs(outputs)
  }

  private func print(
    _ summaries: [RunSummary], _ variations: [(figures: FigureVariation, runs: [RunSummary])],
    _ digest: String, _ scenario: Scenario
  ) throws {
    let context = ReportContext(scenario, digest: digest, version: SimppCommand.version)
    let comparison = Comparison(summaries, context: context)
    let held = uncertainty ? Uncertainty(comparison, variations: variations) : nil
    if json {
      try Terminal.print(RunJSON.text(summaries, context: context, uncertainty: held))
    } else {
      let table = held.map { "\n" + UncertaintyTable($0).text() } ?? ""
      try Terminal.print(ComparisonTable(comparison).text() + table)
    }
  }

  private func interrupted(_ done: Int, of count: Int) -> ExitCode {
    let words = CommandLine.arguments.map(quotedForShell).joined(separator: " ")
    Terminal.say(
      "interrupted: \(done) of \(count) runs are in \(baseName(db)); to do them all: \(words)")
    return Status.interrupted
  }
}

/// An argument as a shell reads it back: bare where that is safe, else between single quotes.
func quotedForShell(_ argument: String) -> String {
  let isPlain = argument.utf8.allSatisfy { byte in
    UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte || UInt8(ascii: "A")...UInt8(ascii: "Z") ~= byte
      || UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte || "/.-_=,:+@%".utf8.contains(byte)
  }
  if isPlain, !argument.isEmpty { return argument }
  return "'" + argument.replacing("'", with: "'\\''") + "'"
}

extension RecordsKept: ExpressibleByArgument {}
