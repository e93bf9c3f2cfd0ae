public import ArgumentParser
public import Scenarios

/// `simpp init`: a commented scenario to start from.
struct InitCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "init", abstract: "Writes a commented scenario to start from; it runs as it is.",
    discussion: """
      Without FILE the scenario goes to standard output. A file that is there already is kept, \
      unless --force is given. Templates:

      \(ScenarioTemplate.allCases.map { "  \($0.rawValue): \($0.summary)" }.joined(separator: "\n"))

        simpp init first.json
        simpp run first.json
        simpp init --template shared-cluster shared.json
      """)

  @Argument(help: "The file to write.", completion: .file(extensions: ["json"]))
  var file: String?

  @Option(help: "Which scenario.")
  var template = ScenarioTemplate.quickstart

  @Flag(help: "Replaces a file that is there already.")
  var force = false

  func run() throws {
    try reportingFailures {
      guard let file else { return try Terminal.print(template.text) }
      let output = try OutputFile(path: file, sparing: [], isNew: !force)
      output.append(template.text)
      try output.finish()
      Terminal.say("wrote \(baseName(file)); next: simpp run \(quotedForShell(file))")
    }
  }
}

extension ScenarioTemplate: ExpressibleByArgument {}
