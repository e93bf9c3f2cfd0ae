#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// The content of a file: where it lies and the SHA-256 of its bytes.
struct FileContent: Sendable, Hashable {
  /// Where the file is found.
  let path: String
  /// 64 hexadecimal digits over all bytes.
  let digest: String
  private let stamp: Stamp

  /// Reads a whole file, piece by piece.
  ///
  /// - Throws: A fault when it cannot be read, or is no plain file, so that it could not be read again.
  init(path: String) throws(TraceFault) {
    self.path = path
    stamp = try Self.stamp(of: path)
    digest = try Self.digest(of: path)
  }

  /// The file's base name.
  var fileName: String { path.split(separator: "/").last.map(String.init) ?? path }

  /// Nil as long as the file has the same bytes, else what has become of it.
  var change: TraceFault? {
    do throws(TraceFault) {
      if try Self.stamp(of: path) == stamp { return nil }
      if try Self.digest(of: path) == digest { return nil }
    } catch {
      return error
    }
    return TraceFault(
      fileName: fileName, position: nil,
      problem: "has changed since it was checked, needs to stay as it is during a run")
  }

  /// What changes with a file's content: its place, size and time of change.
  private struct Stamp: Sendable, Hashable {
    var device: UInt64
    var node: UInt64
    var size: Int64
    var seconds: Int64
    var nanoseconds: Int64
  }

  private static func stamp(of path: String) throws(TraceFault) -> Stamp {
    let name = path.split(separator: "/").last.map(String.init) ?? path
    var status = stat()
    guard stat(path, &status) == 0 else {
      let problem =
        errno == ENOENT ? "no such file" : "cannot be read: " + String(cString: strerror(errno))
      throw TraceFault(fileName: name, position: nil, problem: problem, kind: .noInput)
    }
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw TraceFault(
        fileName: name, position: nil,
        problem: "is no plain file, and a run reads it several times",
        kind: .noInput)
    }
    #if canImport(Darwin)
      let changed = status.st_mtimespec
    #else
      let changed = status.st_mtim
    #endif
    return Stamp(
      device: UInt64(truncatingIfNeeded: status.st_dev),
      node: UInt64(truncatingIfNeeded: status.st_ino), size: Int64(status.st_size),
      seconds: Int64(changed.tv_sec), nanoseconds: Int64(changed.tv_nsec))
  }

  private static func digest(of path: String) throws(TraceFault) -> String {
    let stream = try ByteStream(path: path, checksBeginning: false)
    var digest = SHA256()
    while true {
      digest.update(stream.bytes)
      stream.start = stream.end
      if stream.isAtEnd { return SHA256.hexadecimal(digest.finish()) }
      try stream.readMore()
    }
  }
}
