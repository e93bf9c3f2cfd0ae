import ArgumentParser
import Foundation
import Reports
import Results
import Scenarios
import Serving

/// `simpp validate`: decodes and checks scenarios without running them.
struct ValidateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "validate",
    abstract: "Checks scenarios without running them; says every fault at once.",
    discussion: "Exit status 65 when a scenario has faults, 66 when a file cannot be read.")

  @Argument(help: "Scenarios, JSON files.", completion: .file(extensions: ["json"]))
  var scenarios: [String]

  @OptionGroup var inputs: InputOptions

  @Flag(help: "Takes every note on a scenario for a fault.")
  var strict = false

  @Flag(help: "Also estimates what running each scenario would cost, on standard error.")
  var estimate = false

  @Flag(
    help: "Also prints what each plan puts on each stage: layers, weights, KV cache, step times.")
  var plans = false

  func run() throws {
    var worst: ExitCode?
    for path in scenarios {
      do {
        try reportingFailures {
          let decoded = try inputs.decode(path, isQuiet: false)
          if strict { try decoded.refusingNotes(fileName: path) }
          for note in decoded.notes { Terminal.say(note.line(in: path)) }
          let scenario = decoded.scenario
          if estimate { tell(scenario) }
          let count = scenario.schedulers.count
          try Terminal.print(
            "\(baseName(path)): valid; \(scenario.name), \(count) "
              + (count == 1 ? "scheduler" : "schedulers")
              + ", digest \(decoded.digest.prefix(16))\n")
          if plans { try Terminal.print("\n" + PlanText.text(scenario)) }
        }
      } catch let code as ExitCode {
        worst = worst ?? code
      }
    }
    if let worst { throw worst }
  }

  private func tell(_ scenario: Scenario) {
    let estimate = RunEstimate(
      scenario, replications: 1, jobs: ProcessInfo.processInfo.activeProcessorCount, kept: .all,
      budget: 4)
    for line in [estimate.line] + estimate.lines { Terminal.say(line) }
  }
}

/// What follows the last slash of a path.
func baseName(_ path: String) -> String {
  path.split(separator: "/").last.map(String.init) ?? path
}
