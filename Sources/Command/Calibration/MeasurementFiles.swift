import FoundationEssentials
import Scenarios

/// Files of measurements: those that are named, and those of folders, in one order everywhere.
struct MeasurementFiles {
  /// A file, or why it is not read.
  struct Item {
    var path: String
    /// Its path below the folder that was given, or its base name.
    var name: String
    /// Whether it was given itself, rather than a folder that holds it.
    var isNamed: Bool
    /// Why it is not read, nil for a file that is.
    var reason: String?
  }

  let items: [Item]

  /// Endings of tables, and of what programs print.
  private static let endings = ["csv", "txt", "log", "out"]
  private static let deepest = 16

  /// - Parameter paths: files and folders.
  /// - Throws: `ScenarioFile.Failure` for one that is not there, or a folder that cannot be read.
  init(_ paths: [String]) throws {
    items = try paths.flatMap { path in
      var isFolder = false
      guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
        throw ScenarioFile.Failure.missing(path: path)
      }
      guard isFolder else { return [Item(path: path, name: baseName(path), isNamed: true)] }
      return try Self.files(in: path, below: "", depth: 0)
    }
  }

  private static func files(in folder: String, below prefix: String, depth: Int) throws -> [Item] {
    let names: [String]
    do {
      names = try FileManager.default.contentsOfDirectory(atPath: folder)
    } catch {
      throw ScenarioFile.Failure.unreadable(path: folder, cause: "the folder cannot be listed")
    }
    var items: [Item] = []
    for name in names.sorted() where !name.hasPrefix(".") {
      let (path, shown) = (folder + "/" + name, prefix + name)
      var isFolder = false
      guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else { continue }
      if isFolder {
        if depth < deepest { items += try files(in: path, below: shown + "/", depth: depth + 1) }
      } else {
        let ending = String(name.split(separator: ".").last ?? "")
        items.append(
          Item(
            path: path, name: shown, isNamed: false,
            reason: endings.contains(ending)
              ? nil : "no table: neither .csv nor the .txt, .log or .out of a program"))
      }
    }
    return items
  }
}

/// How far long work over files has come: a line on a terminal, nothing in a pipe or for 2 seconds.
final class FileProgress {
  private let started = Date.now
  private var isShown = false

  /// This is being done now.
  func show(_ line: @autoclosure () -> String) {
    guard Terminal.showsProgress, Date.now.timeIntervalSince(started) > 2 else { return }
    isShown = true
    Terminal.replaceLine(line())
  }

  /// Takes the line off the terminal.
  func clear() {
    if isShown { Terminal.replaceLine("") }
    isShown = false
  }
}
