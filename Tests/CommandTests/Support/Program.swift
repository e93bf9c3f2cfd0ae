import Foundation

/// Where the programs and the scenarios under test lie.
enum Program {
  /// The repository's root.
  static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().path()

  /// The program as built with these tests.
  static let debug =
    named(by: "SIMPP_DEBUG") ?? besideTests ?? root + ".build/debug/simpp"

  /// The optimised program, which `make test` builds first.
  static func release() throws -> String {
    guard let path = named(by: "SIMPP_RELEASE") else {
      throw Missing(
        description:
          "SIMPP_RELEASE names no release build of simpp; 'make test' builds and names it")
    }
    return path
  }

  static func scenario(_ name: String) -> String { root + "Scenarios/" + name + ".json" }

  /// A program that a test cannot do without.
  struct Missing: Error, CustomStringConvertible {
    var description: String
  }

  private static func named(by variable: String) -> String? {
    guard let path = ProcessInfo.processInfo.environment[variable], !path.isEmpty else {
      return nil
    }
    return path.hasPrefix("/") ? path : root + path
  }

  private static var besideTests: String? {
    let folder = URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent()
    let path = folder.appending(path: "simpp").path()
    return FileManager.default.isExecutableFile(atPath: path) ? path : nil
  }
}
