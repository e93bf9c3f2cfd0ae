import ArgumentParser
import Scenarios

/// The arguments by which a command gets a scenario.
struct ScenarioOptions: ParsableArguments {
  @Argument(help: "The scenario, a JSON file.", completion: .file(extensions: ["json"]))
  var scenario: String

  @Option(
    help: "Only this scheduler; may be given several times. Default: all.")
  var scheduler: [String] = []

  @Option(
    help: ArgumentHelp(
      """
      Puts a value into the scenario first, such as workloads.chat.arrivals.rate=6; items of lists \
      go by name or [index], and [+] adds one: schedulers[+].name=tp2. May repeat.
      """,
      valueName: "path=value"))
  var set: [String] = []

  @Option(parsing: .unconditional, help: "Seed of every random stream. Default: the scenario's.")
  var seed: UInt64?

  @OptionGroup var inputs: InputOptions

  @Flag(help: "Takes every note on the scenario for a fault: exit status 65.")
  var strict = false

  func validate() throws {
    for argument in set where ScenarioOverride(argument) == nil {
      throw ValidationError("--set takes PATH=VALUE, found '\(argument)'")
    }
  }

  /// Reads, overrides, checks and selects; says the notes unless it is to be quiet.
  func decoded(isQuiet: Bool) throws -> DecodedScenario {
    let overrides = set.compactMap { ScenarioOverride($0) }
    let decoded = try inputs.decode(scenario, overrides: overrides, isQuiet: isQuiet)
    if strict { try decoded.refusingNotes(fileName: scenario) }
    for note in decoded.notes where !isQuiet { Terminal.say(note.line(in: scenario)) }
    let selected = try decoded.selecting(schedulers: scheduler)
    return seed.map { selected.seeded($0) } ?? selected
  }
}
