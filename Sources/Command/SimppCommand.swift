public import ArgumentParser
import Scenarios
public import Serving

/// The root command: names the subcommands and nothing else.
public struct SimppCommand: ParsableCommand {
  /// What `simpp --help` prints first.
  public static let configuration = CommandConfiguration(
    commandName: "simpp",
    abstract:
      "Simulates LLM serving on a shared GPU cluster: tensor, pipeline or hybrid parallelism?",
    discussion: """
      A scenario names a cluster, models, traffic and schedulers. `simpp run` plays the same requests \
      through every scheduler, says where each nanosecond of each request went, and keeps everything \
      in a SQLite file.

        simpp init first.json
        simpp validate Scenarios/quickstart.json
        simpp run Scenarios/quickstart.json --db results.sqlite
        simpp report results.sqlite -o report.html
        simpp explain results.sqlite --request 42

      Results go to standard output, everything else to standard error. Exit status: 0 done, 64 wrong \
      usage, 65 bad content, 66 a file is missing or unreadable, 70 a fault of simpp, 73 output \
      cannot be created, 74 an I/O error midway, 130 interrupted.
      """,
    version: version,
    subcommands: [
      RunCommand.self, ValidateCommand.self, InitCommand.self, ClusterCommand.self,
      TraceCommand.self, ReportCommand.self, ExplainCommand.self, RunsCommand.self,
      VerifyCommand.self, ExportCommand.self, CalibrateCommand.self, FidelityCommand.self,
      PoliciesCommand.self, GPUsCommand.self,
      ModelsCommand.self,
    ])

  /// simpp's version, as results files name it.
  public static let version = "0.1.0"

  /// Creates the command.
  public init() {}

  /// Runs the program with the process's arguments; does not return.
  ///
  /// - Parameter policies: What scenarios may name; a team adds its own to the built-in ones.
  public static func launch(policies: PolicyCatalogue = .builtIn) {
    Policies.use(policies)
    Signals.prepare()
    if let fault = unknownSubcommand(CommandLine.arguments) {
      Terminal.say(fault)
      exit(withError: Status.usage)
    }
    main()
  }

  /// What is said of a first argument that names no subcommand; nil when it names one.
  private static func unknownSubcommand(_ arguments: [String]) -> String? {
    let name = arguments.count > 1 ? arguments[1] : ""
    if let fault = unknown(name, among: configuration, path: "simpp") { return fault }
    // A subcommand with subcommands of its own is asked the same.
    guard arguments.count > 2,
      let command = configuration.subcommands.first(where: { $0.configuration.commandName == name }
      ),
      !command.configuration.subcommands.isEmpty
    else { return nil }
    return unknown(arguments[2], among: command.configuration, path: "simpp " + name)
  }

  private static func unknown(
    _ found: String, among configuration: CommandConfiguration, path: String
  ) -> String? {
    let known = configuration.subcommands.compactMap { $0.configuration.commandName }
    if found.hasPrefix("-") || found.isEmpty || known.contains(found) || found == "help" {
      return nil
    }
    let hint = suggestion(for: found, among: known).map { "did you mean '\($0)'?" }
    return "Error: unknown subcommand '\(found)'; "
      + (hint ?? "known: \(known.joined(separator: ", "))")
      + "\n  See '\(path) --help' for more information."
  }
}
