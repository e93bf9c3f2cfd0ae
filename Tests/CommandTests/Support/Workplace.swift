import Foundation
import GRDB
import Testing

/// A folder of its own for one test, and the program run in it.
final class Workplace {
  let path: String
  private var started = 0

  init() throws {
    path = NSTemporaryDirectory() + "simpp-command-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// The path of a file in it.
  func file(_ name: String) -> String { path + "/" + name }

  /// The names in it, in order; those that start with a dot are the tests' own.
  func names() throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: path).filter { !$0.hasPrefix(".") }.sorted()
  }

  func write(_ text: String, to name: String) throws {
    try Data(text.utf8).write(to: URL(filePath: file(name)))
  }

  func bytes(_ name: String) throws -> Data { try Data(contentsOf: URL(filePath: file(name))) }

  /// Runs simpp to its end.
  func simpp(_ arguments: String..., program: String = Program.debug) throws -> Outcome {
    try start(arguments, program: program).wait()
  }

  /// Runs simpp to its end.
  func simpp(_ arguments: [String], program: String = Program.debug) throws -> Outcome {
    try start(arguments, program: program).wait()
  }

  /// Runs a script of bash to its end; `$1` is the program, `$2`, … the arguments.
  func bash(_ script: String, _ arguments: [String] = []) throws -> Outcome {
    started += 1
    return try Child(
      script: script, [Program.debug] + arguments, in: path, name: "\(started)"
    ).wait()
  }

  /// Starts simpp.
  func start(_ arguments: [String], program: String = Program.debug) throws -> Child {
    started += 1
    return try Child(
      script: #"exec "$@""#, [program] + arguments, in: path, name: "\(started)")
  }
}

extension Workplace {
  /// Minutes of the quickstart: a fifth of a second for each scheduler.
  static let quickstart = [
    Program.scenario("quickstart"), "--set", "duration=3m", "--set", "warmup=0s",
  ]

  /// A results file with runs of `tp4` and `pp4`, made by the program.
  func makeResults(_ name: String = "results.sqlite") throws -> String {
    let outcome = try simpp(
      ["run"] + Self.quickstart
        + ["--scheduler", "tp4", "--scheduler", "pp4", "--db", name, "--quiet"])
    try #require(outcome.status == 0, "\(outcome.error)")
    return name
  }

  /// The one number that a query gives.
  func number(_ sql: String, in name: String) throws -> Int64? {
    let queue = try DatabaseQueue(path: file(name))
    defer { try? queue.close() }
    return try queue.read { try Int64.fetchOne($0, sql: sql) }
  }

  /// The texts that a query gives, one a row.
  func texts(_ sql: String, in name: String) throws -> [String] {
    let queue = try DatabaseQueue(path: file(name))
    defer { try? queue.close() }
    return try queue.read { try String.fetchAll($0, sql: sql) }
  }

  /// Changes a file behind the program's back.
  func execute(_ sql: String, on name: String) throws {
    let queue = try DatabaseQueue(path: file(name))
    try queue.writeWithoutTransaction { try $0.execute(sql: sql) }
    try queue.close()
  }

  /// That a file's runs are those of these schedulers, all sound, and nothing lies beside it.
  func expectSound(
    _ name: String, schedulers: [String], sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let listed = try simpp("runs", name)
    #expect(listed.status == 0, "\(listed.error)", sourceLocation: sourceLocation)
    #expect(listed.lines.count == schedulers.count + 1, sourceLocation: sourceLocation)
    #expect(
      try texts("SELECT scheduler FROM run ORDER BY id", in: name) == schedulers,
      sourceLocation: sourceLocation)
    let verified = try simpp("verify", name)
    #expect(verified.status == 0, "\(verified.text)", sourceLocation: sourceLocation)
    #expect(
      verified.lines.count { $0.hasSuffix(": sound") } == schedulers.count,
      sourceLocation: sourceLocation)
    let beside = try names().filter { $0.hasPrefix(name + "-") || $0.hasPrefix(name + ".") }
    #expect(beside == [], sourceLocation: sourceLocation)
  }
}
