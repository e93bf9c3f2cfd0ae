public import ArgumentParser
import Reports
public import Results
import Serving

/// `simpp export`: the tables of a results file as CSV or JSON, its runs as a timeline.
struct ExportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export",
    abstract: "Writes tables of a results file as CSV or JSON, or its runs as a timeline.",
    discussion: """
        simpp export results.sqlite --format csv --table request > requests.csv
        simpp export results.sqlite --format json > everything.json
        simpp export results.sqlite --format perfetto --run 2 > timeline.json

      A results file holds no steps, so for a timeline (for ui.perfetto.dev) the runs are simulated \
      again; nothing is written unless their digests come out the same.
      """)

  @Argument(help: "The results file.", completion: .file(extensions: ["sqlite"]))
  var file: String

  @Option(help: "csv, json or perfetto.")
  var format: OutputFormat

  @Option(
    help: ArgumentHelp(
      "The table or view. Default: request for csv, all of them in one object for json.",
      valueName: "table"))
  var table: ResultsTable?

  @Option(
    name: .customLong("run"), parsing: .unconditional,
    help: """
      Only the run with this id. Default: every run; for perfetto every run of the scenario that was \
      run last.
      """)
  var runID: Int64?

  @OptionGroup var inputs: InputOptions

  /// What can be written.
  enum OutputFormat: String, CaseIterable, ExpressibleByArgument {
    case csv, json, perfetto
  }

  func validate() throws {
    if format == .perfetto, let table {
      throw ValidationError("a timeline has no tables, found --table \(table.rawValue)")
    }
  }

  func run() throws {
    try reportingFailures {
      let store = try ResultsStore(path: file, access: .reading)
      if let runID { _ = try store.run(runID) }
      switch format {
      case .csv: try export(from: store, as: .csv)
      case .json where table != nil: try export(from: store, as: .json)
      case .json: try store.exportAll(ofRun: runID) { try Terminal.print($0) }
      case .perfetto: try writeTimeline(from: store)
      }
    }
  }

  private func export(from store: ResultsStore, as format: ExportFormat) throws {
    try store.export(table ?? .request, ofRun: runID, as: format) { try Terminal.print($0) }
  }

  /// Simulates each run twice: for its digest first, and once that agrees for its events.
  private func writeTimeline(from store: ResultsStore) throws {
    let stored = try runID.map { [try store.run($0)] } ?? store.latestRuns()
    let runs = try stored.map { try StoredSimulation($0, in: store, inputs: inputs, to: "export") }
    for run in runs { try run.check(run.plan.simulation.run()) }
    let output = StandardOutput()
    let writer = PerfettoWriter(producer: SimppCommand.producer) { output.write($0) }
    for run in runs {
      writer.begin(
        run.plan.scenario, scheduler: run.plan.scheduler, replication: run.plan.replication)
      _ = run.plan.simulation.run(
        events: writer, observer: { _ in output.failure == nil })
    }
    writer.finish()
    if let failure = output.failure { throw failure }
  }

  /// Standard output for somebody who cannot throw.
  private final class StandardOutput {
    private(set) var failure: (any Error)?

    func write(_ bytes: [UInt8]) {
      guard failure == nil else { return }
      do { try Terminal.print(bytes) } catch { failure = error }
    }
  }
}

extension ResultsTable: ExpressibleByArgument {}
