#if canImport(FoundationEssentials)
  public import FoundationEssentials
#else
  public import Foundation
#endif

/// When, where and how a run was made: everything about it that another run would not repeat.
public struct RunProvenance: Sendable, Hashable {
  /// When it began, UTC, ISO 8601.
  public var startedAt: String
  /// When it ended, UTC, ISO 8601.
  public var finishedAt: String
  /// How long it took, in seconds.
  public var wallSeconds: Double
  /// The command as it was typed, with base names for paths.
  public var commandLine: String
  /// The operating system and its version.
  public var operatingSystem: String
  /// The processor's architecture.
  public var architecture: String
  /// Processors the process may use.
  public var processors: Int
  /// Memory of the machine, in bytes.
  public var memoryBytes: Int64

  /// The facts of this machine, with the run's times and command.
  ///
  /// - Parameters:
  ///   - started: When the run began.
  ///   - finished: When it ended.
  ///   - arguments: The command's words; of paths only the base name is kept.
  public init(started: Date, finished: Date, arguments: [String]) {
    startedAt = started.formatted(.iso8601)
    finishedAt = finished.formatted(.iso8601)
    wallSeconds = finished.timeIntervalSince(started)
    commandLine = arguments.map(Self.withoutFolders).joined(separator: " ")
    operatingSystem = ProcessInfo.processInfo.operatingSystemVersionString
    architecture = Self.compiledArchitecture
    processors = ProcessInfo.processInfo.activeProcessorCount
    memoryBytes = Int64(clamping: ProcessInfo.processInfo.physicalMemory)
  }

  /// `--db=/a/b/c.sqlite` becomes `--db=c.sqlite`.
  static func withoutFolders(_ word: String) -> String {
    let parts = word.split(separator: "=", omittingEmptySubsequences: false)
    return parts.map { baseName(of: String($0)) }.joined(separator: "=")
  }

  private static var compiledArchitecture: String {
    #if arch(x86_64)
      "x86_64"
    #elseif arch(arm64)
      "arm64"
    #else
      "other"
    #endif
  }
}

extension RunProvenance {
  /// Creates a provenance from its parts.
  public init(
    startedAt: String, finishedAt: String, wallSeconds: Double, commandLine: String,
    operatingSystem: String, architecture: String, processors: Int, memoryBytes: Int64
  ) {
    self.startedAt = startedAt
    self.finishedAt = finishedAt
    self.wallSeconds = wallSeconds
    self.commandLine = commandLine
    self.operatingSystem = operatingSystem
    self.architecture = architecture
    self.processors = processors
    self.memoryBytes = memoryBytes
  }
}
