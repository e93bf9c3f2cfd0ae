#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// A text file being written in pieces; one that could not be written whole is removed.
final class OutputFile {
  private let descriptor: Int32
  private let path: String
  /// Its base name.
  let name: String
  private var buffer: [UInt8] = []
  private(set) var failure: OutputError?

  /// Creates or empties a file, unless it is one of those that the command needs as they are, or it
  /// is to be new and something of that name is there.
  init(path: String, sparing inputs: [String], isNew: Bool = false) throws {
    self.path = path
    name = baseName(path)
    if let input = inputs.first(where: { Self.isSameFile(path, $0) }) {
      let cause = "it is \(baseName(input)), which this command reads or writes itself"
      throw OutputError(file: name, cause: cause, isCreation: true)
    }
    descriptor = open(path, O_WRONLY | O_CREAT | (isNew ? O_EXCL : O_TRUNC), 0o644)
    if descriptor < 0, isNew, errno == EEXIST {
      throw OutputError(
        file: name, cause: "it is there already; --force replaces it", isCreation: true)
    }
    if descriptor < 0 {
      throw OutputError(
        file: name, cause: String(cString: strerror(errno)), isCreation: true)
    }
    buffer.reserveCapacity(1 << 16)
  }

  /// Whether two paths lead to one file, by whatever names and links.
  private static func isSameFile(_ left: String, _ right: String) -> Bool {
    var (a, b) = (stat(), stat())
    guard stat(left, &a) == 0, stat(right, &b) == 0 else { return false }
    return a.st_dev == b.st_dev && a.st_ino == b.st_ino
  }

  /// Appends text; an error is kept for `close`.
  func append(_ text: String) {
    buffer.append(contentsOf: text.utf8)
    if buffer.count >= 1 << 16 { flush() }
  }

  /// Appends bytes; an error is kept for `close`.
  func append(_ bytes: [UInt8]) {
    buffer.append(contentsOf: bytes)
    if buffer.count >= 1 << 16 { flush() }
  }

  /// Writes what is left and throws what went wrong on the way.
  func finish() throws {
    flush()
    let isRegular = isRegularFile
    if close(descriptor) != 0, failure == nil { fail() }
    guard let failure else { return }
    // Half a page or half a document helps nobody; a device stays where it is.
    if isRegular { unlink(path) }
    throw failure
  }

  /// Closes and removes the file, unless it is a device.
  func discard() {
    let isRegular = isRegularFile
    close(descriptor)
    if isRegular { unlink(path) }
  }

  private var isRegularFile: Bool {
    var status = stat()
    return fstat(descriptor, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
  }

  private func flush() {
    var offset = 0
    while failure == nil, offset < buffer.count {
      let written = buffer[offset...].withUnsafeBytes { bytes in
        write(descriptor, bytes.baseAddress, bytes.count)
      }
      if written < 0, errno != EINTR { fail() }
      offset += max(0, written)
    }
    buffer.removeAll(keepingCapacity: true)
  }

  private func fail() {
    failure = OutputError(
      file: name, cause: String(cString: strerror(errno)), isCreation: false)
  }
}
