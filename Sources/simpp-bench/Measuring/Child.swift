import Glibc

/// A program that runs beside this one.
struct Child {
  let process: pid_t
  /// Where its output goes.
  let output: String

  /// Starts a program.
  ///
  /// - Parameters:
  ///   - arguments: Its name or path, and what follows.
  ///   - variables: Variables of the environment beside this program's.
  ///   - output: The file that takes its standard output.
  /// - Throws: A `Failure` when it does not start.
  init(_ arguments: [String], variables: [String] = [], output: String) throws {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 1, output, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
    let names = variables.map { $0.prefix { $0 != "=" } + "=" }
    let kept = Self.environment.filter { entry in !names.contains { entry.hasPrefix($0) } }
    let words = arguments.map { strdup($0) } + [nil]
    let environment = (kept + variables).map { strdup($0) } + [nil]
    defer { for text in words + environment { free(text) } }
    var process: pid_t = 0
    let error = posix_spawnp(&process, arguments[0], &actions, nil, words, environment)
    guard error == 0 else {
      throw Failure(
        "\(arguments[0]): \(strerror(error).map { String(cString: $0) } ?? "")", status: 69)
    }
    self.process = process
    self.output = output
  }

  /// Waits for any child and returns which one ended, and whether with success.
  static func waitForAny() -> (process: pid_t, succeeded: Bool) {
    var status: Int32 = 0
    var process: pid_t = -1
    repeat { process = waitpid(-1, &status, 0) } while process < 0 && errno == EINTR
    return (process, status == 0)
  }

  /// The path of this program.
  static var ownPath: String {
    var buffer = [CChar](repeating: 0, count: 4_096)
    let count = readlink("/proc/self/exe", &buffer, buffer.count)
    return String(
      decoding: buffer.prefix(max(0, count)).map(UInt8.init(bitPattern:)), as: UTF8.self)
  }

  private static var environment: [String] {
    var entries: [String] = []
    while let entry = environ[entries.count] { entries.append(String(cString: entry)) }
    return entries
  }
}
