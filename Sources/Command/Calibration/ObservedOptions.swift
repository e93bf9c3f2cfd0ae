import ArgumentParser
import Calibration
import Reports
import Scenarios
import Serving

/// `simpp fidelity --observed`: a user's own benchmark, replayed.
struct ObservedOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      """
      Replays a benchmark of your engine instead: JSON of vllm bench serve --save-result \
      --save-detailed, or a CSV of requests. Needs --scenario.
      """,
      valueName: "file"),
    completion: .file())
  var observed: String?

  @Option(
    help: ArgumentHelp(
      "The scenario whose model, cluster and scheduler the benchmark ran on.", valueName: "file"),
    completion: .file(extensions: ["json"]))
  var scenario: String?

  @Option(help: "Of --observed: the scenario's scheduler. Default: its first.")
  var scheduler: String?

  @Option(
    parsing: .unconditional,
    help: "Of --observed: requests in flight at most. Default: what the file says.")
  var clients: Int?

  @Option(
    help: ArgumentHelp(
      "Of --observed: puts a value into the scenario first. May repeat.", valueName: "path=value"))
  var set: [String] = []

  @Flag(help: "Of --observed: prints the errors alone, without the search for what explains them.")
  var noExplanation = false

  @OptionGroup var inputs: InputOptions

  func validate() throws {
    if (observed == nil) != (scenario == nil) {
      throw ValidationError("--observed and --scenario go together")
    }
    if let clients, !(1...1_000_000).contains(clients) {
      throw ValidationError("--clients takes 1 to 1000000, found \(clients)")
    }
    for argument in set where ScenarioOverride(argument) == nil {
      throw ValidationError("--set takes PATH=VALUE, found '\(argument)'")
    }
  }

  /// Replays the benchmark and prints what came out.
  func run(json: Bool) throws {
    guard let observed, let scenario else { return }
    let benchmark = try read(observed)
    let decoded = try inputs.decode(
      scenario, overrides: set.compactMap { ScenarioOverride($0) }, isQuiet: true
    ).selecting(schedulers: scheduler.map { [$0] } ?? [])
    let scaling = type(of: decoded.scenario.schedulers[0].scaling)
    if scaling != FixedScaling.self {
      Terminal.say(
        "note: \(baseName(scenario)) scales its replicas by \(scaling.name), and their cold starts "
          + "count; of an engine that was up: --set 'schedulers[0].scaling={\"policy\":\"fixed\"}'")
    }
    let replay = Replay(decoded.scenario, benchmark.replayed)
    let errors = LatencyErrors(measured: benchmark.requests, simulated: replay.run())
    guard errors.count > 0 else {
      Terminal.say(
        "\(baseName(observed)): found requests of which the simulation answers none, needs a "
          + "scenario that serves them: see simpp validate \(baseName(scenario))")
      throw Status.badContent
    }
    let explanation = noExplanation ? nil : explain(decoded.scenario, benchmark)
    try Terminal.print(
      json
        ? ObservedJSON.text(benchmark, errors, explanation)
        : ObservedText(benchmark, errors, explanation).text())
  }

  private func read(_ path: String) throws -> ObservedBenchmark {
    let text = try ScenarioFile.text(at: path)
    do {
      return try ObservedBenchmark(text, file: baseName(path), clients: clients)
    } catch {
      Terminal.say("\(error)")
      throw Status.badContent
    }
  }

  private func explain(_ scenario: Scenario, _ benchmark: ObservedBenchmark) -> Explanation {
    let progress = FileProgress()
    defer { progress.clear() }
    var replays = 0
    return Explanation(of: scenario, benchmark) { name in
      replays += 1
      progress.show("replay \(replays): \(name)")
    }
  }
}
