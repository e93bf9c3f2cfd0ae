public import ArgumentParser
public import Results

/// `simpp export`: the tables of a results file as CSV or JSON.
struct ExportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export", abstract: "Writes tables of a results file as CSV or JSON.",
    discussion: """
        simpp export results.sqlite --format csv --table request > requests.csv
        simpp export results.sqlite --format json > everything.json
      """)

  @Argument(help: "The results file.", completion: .file(extensions: ["sqlite"]))
  var file: String

  @Option(help: "csv or json.")
  var format: ExportFormat

  @Option(
    help: ArgumentHelp(
      "The table or view. Default: request for csv, all of them in one object for json.",
      valueName: "table"))
  var table: ResultsTable?

  @Option(name: .customLong("run"), parsing: .unconditional, help: "Only the run with this id.")
  var runID: Int64?

  func run() throws {
    try reportingFailures {
      let store = try ResultsStore(path: file, access: .reading)
      if let runID { _ = try store.run(runID) }
      if format == .json, table == nil {
        try store.exportAll(ofRun: runID) { try Terminal.print($0) }
      } else {
        try store.export(table ?? .request, ofRun: runID, as: format) { try Terminal.print($0) }
      }
    }
  }
}

extension ExportFormat: ExpressibleByArgument {}
extension ResultsTable: ExpressibleByArgument {}
