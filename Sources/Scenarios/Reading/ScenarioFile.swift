import FoundationEssentials

/// Reads a scenario's text from a file.
public enum ScenarioFile {
  /// Why a file gives no text.
  public enum Failure: Error, Sendable, Hashable, CustomStringConvertible {
    /// No such file.
    case missing(path: String)
    /// The file cannot be read; the cause as the system puts it.
    case unreadable(path: String, cause: String)
    /// The file is no UTF-8 text.
    case notText(path: String)

    /// Whether the environment is at fault (exit status 66) and not the content (65).
    public var isEnvironmental: Bool {
      if case .notText = self { false } else { true }
    }

    /// One line without a full stop.
    public var description: String {
      switch self {
      case .missing(let path): "\(path): no such file"
      case .unreadable(let path, let cause): "\(path): cannot be read: \(cause)"
      case .notText(let path): "\(path): is no UTF-8 text"
      }
    }
  }

  /// The text of a file.
  public static func text(at path: String) throws(Failure) -> String {
    var isDirectory = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) else {
      throw .missing(path: path)
    }
    if isDirectory { throw .unreadable(path: path, cause: "it is a directory") }
    let bytes: [UInt8]
    do {
      bytes = Array(try Data(contentsOf: URL(filePath: path)))
    } catch {
      throw .unreadable(path: path, cause: Self.cause(of: error))
    }
    guard let text = String(validating: bytes, as: UTF8.self) else { throw .notText(path: path) }
    return text
  }

  private static func cause(of error: any Error) -> String {
    guard let cocoa = error as? CocoaError else { return "\(error)" }
    return cocoa.code == .fileReadNoPermission ? "no permission" : "error \(cocoa.code.rawValue)"
  }
}
