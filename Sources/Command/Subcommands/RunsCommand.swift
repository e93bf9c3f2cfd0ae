import ArgumentParser
import Results
import Serving

/// `simpp runs`: lists what a results file holds, and deletes runs.
struct RunsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "runs", abstract: "Lists the runs of a results file, or deletes one.",
    discussion: """
      The column variant has the first digits of the scenario's digest: scenarios of one name that \
      differ in a value differ there.
      """)

  @Argument(help: "The results file.", completion: .file(extensions: ["sqlite"]))
  var file: String

  @Option(parsing: .unconditional, help: "Deletes the run with this id and all its rows.")
  var delete: Int64?

  func run() throws {
    try reportingFailures {
      let store = try ResultsStore(path: file, access: delete == nil ? .reading : .updating)
      if let delete { try store.delete(run: delete) }
      var rows = [
        [
          "id", "scenario", "variant", "scheduler", "seed", "rep", "records", "requests", "state",
          "digest",
        ]
      ]
      for run in try store.runs() {
        rows.append([
          "\(run.id)", run.scenario, String(run.key.scenarioDigest.prefix(8)), run.key.scheduler,
          "\(run.key.seed)",
          "\(run.key.replication)", run.records.rawValue, "\(run.requests)", run.state.rawValue,
          run.digest,
        ])
      }
      try Terminal.print(columns(rows))
    }
  }
}

/// Rows of cells as aligned columns, two spaces apart.
func columns(_ rows: [[String]]) -> String {
  guard let first = rows.first else { return "" }
  let widths = first.indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
  var text = ""
  for row in rows {
    var line = ""
    for (column, cell) in row.enumerated() {
      line += cell
      if column < row.count - 1 {
        line += String(repeating: " ", count: widths[column] - cell.count + 2)
      }
    }
    text += line + "\n"
  }
  return text
}
