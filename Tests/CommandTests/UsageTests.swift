import Foundation
import Testing

@Suite("Wrong usage")
struct UsageTests {
  let place: Workplace

  init() throws { place = try Workplace() }

  struct Case: Sendable, CustomTestStringConvertible {
    var arguments: [String]
    var message: String
    var testDescription: String { arguments.joined(separator: " ") }
  }

  static let quickstart = Program.scenario("quickstart")

  static let cases = [
    Case(arguments: ["rn", quickstart], message: "unknown subcommand 'rn'; did you mean 'run'?"),
    Case(arguments: ["exprot"], message: "unknown subcommand 'exprot'; did you mean 'export'?"),
    Case(arguments: ["Verify", "x"], message: "did you mean 'verify'?"),
    Case(
      arguments: ["frobnicate"],
      message: "unknown subcommand 'frobnicate'; known: run, validate, init"),
    Case(arguments: ["run"], message: "Missing expected argument '<scenario>'"),
    Case(
      arguments: ["run", quickstart, "--shceduler", "tp4"], message: "Did you mean '--scheduler'?"),
    Case(
      arguments: ["run", quickstart, "--jobs", "0"], message: "--jobs takes 1 to 1024, found 0"),
    Case(
      arguments: ["run", quickstart, "--jobs", "-1"], message: "--jobs takes 1 to 1024, found -1"),
    Case(
      arguments: ["run", quickstart, "--replications", "0"],
      message: "--replications takes 1 to 100000, found 0"),
    Case(
      arguments: ["run", quickstart, "--seed", "-1"],
      message: "The value '-1' is invalid for '--seed"),
    Case(
      arguments: ["run", quickstart, "--seed", "--json"],
      message: "The value '--json' is invalid for '--seed"),
    Case(
      arguments: ["run", quickstart, "--set", "duration"],
      message: "--set takes PATH=VALUE, found 'duration'"),
    Case(
      arguments: ["run", quickstart, "--records", "some"],
      message: "Please provide one of 'all', 'sample' or 'none'"),
    Case(
      arguments: ["run", quickstart, "--db", ":memory:"],
      message: "--db takes the path of a file, found ':memory:'"),
    Case(
      arguments: ["run", quickstart, "--db", ""], message: "--db takes the path of a file, found ''"
    ),
    Case(
      arguments: ["export", "x.sqlite"], message: "Missing expected argument '--format <format>'"),
    Case(
      arguments: ["export", "x.sqlite", "--format", "xml"],
      message: "Please provide one of 'csv', 'json' or 'perfetto'"),
    Case(
      arguments: ["export", "x.sqlite", "--format", "csv", "--table", "requests"],
      message: "The value 'requests' is invalid for '--table <table>'"),
    Case(
      arguments: ["explain", "x.sqlite", "--request", "many"],
      message: "The value 'many' is invalid for '--request <request>'"),
  ]

  @Test("Status 64, what was found and what is needed, nothing made", arguments: cases)
  func refused(_ example: Case) throws {
    let outcome = try place.simpp(example.arguments)
    #expect(outcome.status == 64)
    #expect(outcome.error.contains(example.message), "\(outcome.error)")
    #expect(outcome.output.isEmpty)
    #expect(try place.names() == [])
  }

  static let traceCases = [
    Case(arguments: ["trace", "stast"], message: "'stast'; did you mean 'stats'?"),
    Case(
      arguments: ["trace", "frobnicate", "x"],
      message: "unknown subcommand 'frobnicate'; known: stats, convert, synthesize"),
    Case(arguments: ["trace", "stats"], message: "Missing expected argument '<file>'"),
    Case(
      arguments: ["trace", "stats", "x.csv", "--format", "azzure"],
      message: "The value 'azzure' is invalid for '--format <format>'"),
    Case(
      arguments: ["trace", "stats", "x.csv", "--window", "1s,fast"],
      message: "--window takes times above 0 such as 100ms,1s,1m, found 'fast' in '1s,fast'"),
    Case(arguments: ["trace", "stats", "x.csv", "--window", "0s"], message: "found '0s'"),
    Case(
      arguments: ["trace", "convert", "x.csv"], message: "Missing expected argument '<output>'"),
    Case(
      arguments: ["trace", "synthesize", "x.csv"],
      message: "name the CSV to write with -o, or ask for --spec"),
    Case(
      arguments: ["trace", "synthesize", "x.csv", "--spec", "-o", "y.csv"],
      message: "--spec prints a fit and makes no trace"),
    Case(
      arguments: ["trace", "synthesize", "x.csv", "-o", "y.csv", "--requests", "0"],
      message: "--requests takes 1 to 1000000000, found 0"),
    Case(
      arguments: ["trace", "synthesize", "x.csv", "-o", "y.csv", "--duration", "5"],
      message: "--duration takes a time above 0 such as 30m, found '5'"),
  ]

  @Test("The subcommands of trace say as much", arguments: traceCases)
  func refusedOfTrace(_ example: Case) throws { try refused(example) }

  static let subcommands: [String: [String]] = [
    "run": [
      "<scenario>", "--scheduler", "--set", "--seed", "--db", "--replications", "--jobs",
      "--records", "--events", "--perfetto", "--json", "--quiet",
    ],
    "validate": ["<scenarios>"], "report": ["<file>", "--output"],
    "explain": ["<file>", "--request", "--run"], "runs": ["<file>", "--delete"],
    "verify": ["<file>"], "export": ["<file>", "--format", "--table", "--run"],
    "policies": [], "gpus": [], "models": [], "trace": ["stats", "convert", "synthesize"],
  ]

  @Test("Every subcommand has a help that names what it takes", arguments: subcommands)
  func help(name: String, options: [String]) throws {
    let outcome = try place.simpp(name, "--help")
    #expect(outcome.status == 0)
    #expect(outcome.error == "")
    #expect(outcome.text.hasPrefix("OVERVIEW: "))
    for option in options { #expect(outcome.text.contains(option), "\(option)") }
    #expect(try place.simpp("help", name).output == outcome.output)
  }

  @Test("The root's help names every subcommand and every exit status; --version is a number")
  func rootHelp() throws {
    let help = try place.simpp("--help")
    #expect(help.status == 0)
    for name in Self.subcommands.keys { #expect(help.text.contains("\n  \(name) "), "\(name)") }
    let words = help.text.split { !$0.isNumber }
    for status in ["64", "65", "66", "70", "73", "74", "130"] {
      #expect(words.contains(status[...]), "\(status)")
    }
    #expect(try place.simpp("--version").text.contains(#/^[0-9]+\.[0-9]+\.[0-9]+\n$/#))
  }
}
