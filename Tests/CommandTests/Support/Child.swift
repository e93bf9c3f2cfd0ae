import Foundation
import Testing

/// How a program ended and what it said.
struct Outcome: Sendable {
  /// The exit status; 128 plus the signal's number when a signal ended it, as shells count.
  var status: Int32
  var output: Data
  var error: String
  var seconds: Double
  /// The most memory it had at once, in bytes; 0 where there is no /proc.
  var peakMemory: Int

  var text: String { String(decoding: output, as: UTF8.self) }
  var lines: [Substring] { text.split(whereSeparator: \.isNewline) }
}

/// A running program; its output goes to files, so that nothing waits for a reader.
final class Child {
  private let identifier: pid_t
  private let outputPath: String
  private let errorPath: String
  private let started = ContinuousClock.now
  private var ended: Int32?
  private var peakMemory = 0

  /// Starts a script of bash: `$1`, `$2`, … are the arguments.
  init(script: String, _ arguments: [String], in folder: String, name: String) throws {
    outputPath = "\(folder)/.\(name).out"
    errorPath = "\(folder)/.\(name).err"
    let prelude = #"cd "$0" && exec </dev/null >"$1" 2>"$2" && shift 2 && "#
    let words =
      ["bash", "-c", prelude + script, folder, outputPath, errorPath] + arguments
    // Whoever runs the tests may have asked for backtraces, which change how faults end.
    let environment = ProcessInfo.processInfo.environment.filter { $0.key != "SWIFT_BACKTRACE" }
    var child: pid_t = 0
    var strings = words.map { strdup($0) } + [nil]
    var settings = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
    defer { (strings + settings).forEach { free($0) } }
    var attributes = posix_spawnattr_t(unblockingSignals: ())
    defer { posix_spawnattr_destroy(&attributes) }
    let fault = posix_spawn(&child, "/bin/bash", nil, &attributes, &strings, &settings)
    guard fault == 0 else {
      throw Failure(description: "bash: " + String(cString: strerror(fault)))
    }
    identifier = child
  }

  deinit {
    if ended == nil {
      kill(identifier, SIGKILL)
      waitpid(identifier, nil, 0)
    }
  }

  /// Sends it a signal.
  func send(_ signal: Int32) { kill(identifier, signal) }

  /// Whether it has not ended yet.
  var isRunning: Bool {
    var status: Int32 = 0
    noteMemory()
    if ended == nil, waitpid(identifier, &status, WNOHANG) == identifier { ended = status }
    return ended == nil
  }

  /// Reads the high-water mark that the system keeps of its memory; what `wait4` says of it would be
  /// that of the process that started it, if that is larger.
  private func noteMemory() {
    guard
      let status = try? String(contentsOfFile: "/proc/\(identifier)/status", encoding: .utf8),
      let line = status.split(separator: "\n").first(where: { $0.hasPrefix("VmHWM:") }),
      let kilobytes = line.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap({
        Int($0)
      })
    else { return }
    peakMemory = max(peakMemory, kilobytes << 10)
  }

  /// Waits for its end; one that takes longer than this is killed, and the test fails.
  func wait(seconds limit: Double = 60) throws -> Outcome {
    guard poll(seconds: limit, until: { !self.isRunning }), let ended else {
      throw Failure(description: "the program has not ended in \(limit) s")
    }
    let elapsed = started.duration(to: .now)
    let low = ended & 0x7f
    return Outcome(
      status: low == 0 ? ended >> 8 & 0xff : 128 + low,
      output: try Data(contentsOf: URL(filePath: outputPath)),
      error: String(decoding: try Data(contentsOf: URL(filePath: errorPath)), as: UTF8.self),
      seconds: elapsed / .seconds(1), peakMemory: peakMemory)
  }

  /// What it has written to standard error so far.
  var errorSoFar: String { (try? String(contentsOfFile: errorPath, encoding: .utf8)) ?? "" }

  struct Failure: Error, CustomStringConvertible {
    var description: String
  }
}

extension posix_spawnattr_t {
  /// The threads that tests run on block signals, and a child inherits that.
  fileprivate init(unblockingSignals: ()) {
    self.init()
    posix_spawnattr_init(&self)
    var none = sigset_t()
    sigemptyset(&none)
    posix_spawnattr_setsigmask(&self, &none)
    posix_spawnattr_setflags(&self, Int16(POSIX_SPAWN_SETSIGMASK))
  }
}

/// Looks again and again until something holds; whether it did within the time.
func poll(seconds limit: Double, until holds: () -> Bool) -> Bool {
  let start = ContinuousClock.now
  while !holds() {
    if start.duration(to: .now) > .seconds(limit) { return false }
    usleep(2_000)
  }
  return true
}
