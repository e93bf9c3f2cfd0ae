#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Standard output for results, standard error for everything else.
enum Terminal {
  /// Whether standard error is a terminal, so that a progress bar makes sense.
  static var showsProgress: Bool { isatty(2) == 1 }

  /// Writes a line to standard error.
  static func say(_ line: String) { try? send(Array((line + "\n").utf8), to: 2) }

  /// Replaces the present line on standard error.
  static func replaceLine(_ line: String) { try? send(Array(("\r\u{1b}[2K" + line).utf8), to: 2) }

  /// Writes results to standard output.
  static func print(_ text: String) throws { try send(Array(text.utf8), to: 1) }

  /// Writes bytes to standard output.
  static func print(_ bytes: [UInt8]) throws { try send(bytes, to: 1) }

  private static func send(_ bytes: [UInt8], to descriptor: Int32) throws {
    var offset = 0
    while offset < bytes.count {
      let written = bytes[offset...].withUnsafeBytes { buffer in
        write(descriptor, buffer.baseAddress, buffer.count)
      }
      if written < 0 {
        if errno == EINTR { continue }
        // A reader that has seen enough closes the pipe; that is no fault.
        if errno == EPIPE { throw BrokenPipe() }
        throw OutputError(
          file: descriptor == 1 ? "standard output" : "standard error",
          cause: String(cString: strerror(errno)), isCreation: false)
      }
      offset += written
    }
  }

  /// The reader of standard output has gone.
  struct BrokenPipe: Error {}
}
