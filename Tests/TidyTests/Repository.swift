import Foundation

/// The repository's files, as the tests read them.
enum Repository {
  static let root = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  /// Paths of the files below a folder with an ending, relative to the root, in order.
  static func files(in folder: String, ending: String) -> [String] {
    let base = root.appending(path: folder)
    guard let all = FileManager.default.enumerator(atPath: base.path()) else { return [] }
    return all.compactMap { $0 as? String }.filter { $0.hasSuffix(ending) }
      .map { folder + "/" + $0 }.sorted()
  }

  static func text(_ path: String) throws -> String {
    try String(contentsOf: root.appending(path: path), encoding: .utf8)
  }

  static func lines(_ path: String) throws -> [String] {
    try text(path).split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
  }
}
