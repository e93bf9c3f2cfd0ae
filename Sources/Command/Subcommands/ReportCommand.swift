import ArgumentParser
import Reports
import Results
import Scenarios
import Serving

/// `simpp report`: the comparison of a results file as one page.
struct ReportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "report",
    abstract: "Writes one self-contained HTML page that compares the runs of a results file.")

  @Argument(help: "The results file.", completion: .file(extensions: ["sqlite"]))
  var file: String

  @Option(name: .shortAndLong, help: "The page to write.", completion: .file(extensions: ["html"]))
  var output = "report.html"

  @Option(
    name: .customLong("run"), parsing: .unconditional,
    help: "A run's id: the page compares the runs of its scenario. Default: what was run last.")
  var runID: Int64?

  func run() throws {
    try reportingFailures {
      let store = try ResultsStore(path: file, access: .reading)
      // One page compares runs of one scenario, seed and version.
      let compared = try runID.map { try store.runs(with: $0) } ?? store.latestRuns()
      let left = try store.runs().count - compared.count
      if left > 0 {
        Terminal.say("\(left) runs of other scenarios, seeds or versions are left out")
      }
      guard let last = compared.last else { return }
      // A page tells of what was stored; it needs no trace.
      var decoder = ScenarioDecoder(catalogue: Policies.current)
      decoder.opensTraces = false
      let decoded = try decoder.decode(
        text: try store.scenarioJSON(ofRun: last.id), fileName: "run \(last.id)")
      let context = ReportContext(
        decoded.scenario, digest: last.key.scenarioDigest, version: last.key.version)
      let order = decoded.scenario.schedulers.map(\.name)
      let runs = compared.sorted {
        (order.firstIndex(of: $0.key.scheduler) ?? 0, $0.key.replication)
          < (order.firstIndex(of: $1.key.scheduler) ?? 0, $1.key.replication)
      }
      let summaries = try runs.map { try store.summary(ofRun: $0.id) }
      var stages: [PlanStages] = []
      for run in runs {
        stages.add(
          try store.stages(ofRun: run.id), of: try store.replicas(ofRun: run.id),
          models: try store.names(ofRun: run.id).models, scheduler: run.key.scheduler)
      }
      let text = HTMLPage.text(Comparison(summaries, context: context), stages: stages)
      let page = try OutputFile(path: output, sparing: [file])
      page.append(text)
      try page.finish()
      Terminal.say("wrote \(baseName(output))")
    }
  }
}
