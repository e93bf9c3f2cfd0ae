#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// A file read in chunks through one buffer, so that memory does not grow with the file.
///
/// The bytes from `start` to `end` have been read and not been taken; whoever takes some moves
/// `start`. Reading more may move them.
final class ByteStream {
  /// Bytes asked from the system at once.
  static let chunk = 256 << 10
  /// Most bytes that a reader may need at once: the longest line or JSON value.
  static let longest = 16 << 20

  /// The file's base name.
  let fileName: String
  /// The buffer; only `start..<end` of it means something.
  private(set) var base: UnsafeMutablePointer<UInt8>
  /// The first byte not taken yet.
  var start = 0
  /// Behind the last byte read.
  private(set) var end = 0
  /// Whether the file has no more bytes than those in the buffer.
  private(set) var isAtEnd = false
  private var capacity = 2 * ByteStream.chunk
  private let descriptor: Int32

  /// Opens a file and checks that it begins as a text does; its byte order mark is skipped.
  ///
  /// - Parameters:
  ///   - path: The file.
  ///   - checksBeginning: Whether it must be text; else its bytes are given as they are.
  /// - Throws: A fault when it cannot be read, or is compressed, UTF-16 or empty.
  init(path: String, checksBeginning: Bool = true) throws(TraceFault) {
    fileName = path.split(separator: "/").last.map(String.init) ?? path
    descriptor = open(path, O_RDONLY | O_CLOEXEC)
    base = .allocate(capacity: capacity)
    if descriptor < 0 {
      let problem =
        errno == ENOENT ? "no such file" : "cannot be read: " + String(cString: strerror(errno))
      throw TraceFault(fileName: fileName, position: nil, problem: problem, kind: .noInput)
    }
    try checkKind()
    try readMore()
    if checksBeginning { try checkBeginning() }
  }

  /// Refuses pipes and folders: a trace is read several times, to tell its format, to check it, to
  /// run it.
  private func checkKind() throws(TraceFault) {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { return }
    let kind = status.st_mode & S_IFMT
    guard kind != S_IFREG else { return }
    let found = kind == S_IFDIR ? "a folder" : "a pipe or a device"
    throw TraceFault(
      fileName: fileName, position: nil,
      problem: "found \(found), needs a file, which can be read more than once", kind: .noInput)
  }

  deinit {
    base.deallocate()
    if descriptor >= 0 { close(descriptor) }
  }

  /// The bytes read and not taken yet.
  var bytes: UnsafeBufferPointer<UInt8> {
    UnsafeBufferPointer(start: base + start, count: end - start)
  }

  /// Reads at least one byte more, or notes that there is none.
  ///
  /// - Throws: A fault when the system fails; afterwards the file counts as ended.
  func readMore() throws(TraceFault) {
    if isAtEnd { return }
    makeRoom()
    while true {
      let count = read(descriptor, base + end, min(capacity - end, Self.chunk))
      if count > 0 {
        end += count
        return
      }
      if count < 0, errno == EINTR { continue }
      isAtEnd = true
      if count == 0 { return }
      let cause = String(cString: strerror(errno))
      throw TraceFault(
        fileName: fileName, position: nil, problem: "cannot be read: " + cause,
        kind: errno == EISDIR ? .noInput : .inputOutput)
    }
  }

  /// Gives up what is left.
  func abandon() {
    start = end
    isAtEnd = true
  }

  /// Moves what is left to the front; a full buffer doubles.
  private func makeRoom() {
    if start > 0 {
      base.update(from: base + start, count: end - start)
      end -= start
      start = 0
    }
    guard capacity - end < Self.chunk else { return }
    let larger = UnsafeMutablePointer<UInt8>.allocate(capacity: 2 * capacity)
    larger.update(from: base, count: end)
    base.deallocate()
    base = larger
    capacity *= 2
  }

  private func checkBeginning() throws(TraceFault) {
    // A pipe may give fewer bytes than the longest mark has.
    while end < 8, !isAtEnd { try readMore() }
    if end == 0 { throw fault("is empty, needs a trace") }
    for (mark, name) in Self.compressed where bytes.starts(with: mark) {
      throw fault("is \(name)-compressed; decompress it first")
    }
    if bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF]) {
      throw fault("is UTF-16 text, needs UTF-8; convert it first")
    }
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { start = 3 }
  }

  private func fault(_ problem: String) -> TraceFault {
    TraceFault(fileName: fileName, position: nil, problem: problem)
  }

  /// The first bytes of compressed files (RFC 1952, RFC 8878, and the formats' own descriptions).
  private static let compressed: [([UInt8], String)] = [
    ([0x1F, 0x8B], "gzip"), ([0x28, 0xB5, 0x2F, 0xFD], "zstd"),
    ([0xFD, 0x37, 0x7A, 0x58, 0x5A, 0x00], "xz"), ([0x50, 0x4B, 0x03, 0x04], "zip"),
    ([0x42, 0x5A, 0x68], "bzip2"),
  ]
}
