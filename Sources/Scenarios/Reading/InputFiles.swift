import FoundationEssentials

/// Where the files that a scenario names are looked for.
///
/// A scenario names traces and models' configurations by paths; a path that is not absolute is
/// looked for in each folder in turn, and its last part after the whole of it.
public struct InputFiles: Sendable, Hashable {
  /// The folders, the first one that has the file counts.
  public var folders: [String]

  /// Creates a search over folders.
  public init(folders: [String] = []) { self.folders = folders }

  /// The search of a scenario in a file: the folders given, then the scenario's own, then the
  /// folder `Traces` beside that, then the one beside the folder above.
  public init(besideScenario path: String, folders: [String] = []) {
    let own = path.contains("/") ? String(path[..<(path.lastIndex(of: "/") ?? path.endIndex)]) : "."
    self.folders =
      folders + (own.isEmpty ? ["/"] : [own, own + "/../Traces", own + "/../../Traces"])
  }

  /// The path of a file by the name a scenario gives it, nil when no folder has it.
  public func path(of name: String) -> String? { paths(of: name).first }

  /// Every path of a file by the name a scenario gives it, in the order of the folders.
  func paths(of name: String) -> [String] {
    candidates(name).filter { path in
      var isDirectory = false
      return FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory)
        && !isDirectory
    }
  }

  /// The path of a folder by the name a scenario gives it, nil when it is nowhere; a folder looked in
  /// may itself be the one that is meant.
  public func folder(of name: String) -> String? {
    let own = folders.filter { ("/" + $0).hasSuffix("/" + name) }
    return (candidates(name) + own).first { path in
      var isDirectory = false
      return FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) && isDirectory
    }
  }

  private func candidates(_ name: String) -> [String] {
    if name.hasPrefix("/") { return [name] }
    let last = name.split(separator: "/").last.map(String.init) ?? name
    return folders.map { $0 + "/" + name }
      + (last == name ? [] : folders.map { $0 + "/" + last })
  }
}
