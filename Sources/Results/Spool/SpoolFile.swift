#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// The file a run's records wait in until the run is whole: locked while its process lives, removed
/// when it is closed.
///
/// Named `<database>.<16 hexadecimal digits>.spool`. The lock (flock) ends with its process however
/// that ends, so a spool whose lock can be had belongs to nobody.
final class SpoolFile {
  let path: String
  private var descriptor: Int32

  private init(path: String, descriptor: Int32) {
    self.path = path
    self.descriptor = descriptor
  }

  deinit { remove() }

  /// Creates and locks a new spool beside a database.
  static func create(beside database: String) throws(ResultsError) -> SpoolFile {
    for _ in 0..<100 {
      let digits = String(UInt64.random(in: .min ... .max), radix: 16)
      let unique = String(repeating: "0", count: 16 - digits.count) + digits
      let path = "\(database).\(unique).spool"
      let descriptor = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
      if descriptor < 0 {
        if errno == EEXIST { continue }
        throw ResultsError(.cannotCreate, path: path, found: systemMessage())
      }
      let file = SpoolFile(path: path, descriptor: descriptor)
      // Where locks do not exist nobody can take ours for an orphan's either.
      let isLocked = flock(descriptor, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK
      // Between creation and lock another process may have taken it for an orphan.
      if isLocked, file.linkCount > 0 { return file }
    }
    throw ResultsError(.cannotCreate, path: database, found: "no spool can be kept beside it")
  }

  /// Removes the spools beside a database that no living process holds; failures leave them.
  static func removeOrphans(beside database: String) {
    let base = baseName(of: database)
    let folder = String(database.dropLast(base.count))
    guard let entries = opendir(folder.isEmpty ? "." : folder) else { return }
    defer { closedir(entries) }
    var orphans: [String] = []
    while let entry = readdir(entries) {
      let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
        String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      if isSpool(name, of: base) { orphans.append(folder + name) }
    }
    for orphan in orphans { removeIfOrphan(orphan) }
  }

  private static func isSpool(_ name: String, of base: String) -> Bool {
    guard name.hasPrefix(base + "."), name.hasSuffix(".spool") else { return false }
    let unique = name.utf8.dropFirst(base.utf8.count + 1).dropLast(".spool".utf8.count)
    return unique.count == 16
      && unique.allSatisfy { UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 || 97...102 ~= $0 }
  }

  private static func removeIfOrphan(_ path: String) {
    let descriptor = open(path, O_RDWR | O_CLOEXEC)
    guard descriptor >= 0 else { return }
    if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { unlink(path) }
    close(descriptor)
  }

  private var linkCount: Int {
    var status = stat()
    return fstat(descriptor, &status) == 0 ? Int(status.st_nlink) : 0
  }

  /// Appends bytes, all of them or an error.
  func append(_ bytes: UnsafeRawBufferPointer) throws(ResultsError) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let written = write(
        descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
      if written < 0 {
        if errno == EINTR { continue }
        throw ResultsError(.inputOutput, path: path, found: systemMessage())
      }
      rest = rest.dropFirst(written)
    }
  }

  /// Reads from a place on until the buffer is full; an early end is an error.
  func read(at offset: Int, into buffer: UnsafeMutableRawBufferPointer) throws(ResultsError) {
    var filled = 0
    while filled < buffer.count {
      let target = buffer[filled...]
      let count = pread(
        descriptor, UnsafeMutableRawBufferPointer(rebasing: target).baseAddress, target.count,
        off_t(offset + filled))
      if count < 0, errno == EINTR { continue }
      guard count > 0 else {
        let found = count == 0 ? "shorter than what was written" : systemMessage()
        throw ResultsError(.inputOutput, path: path, found: found)
      }
      filled += count
    }
  }

  /// Removes and closes the file; once is enough.
  func remove() {
    guard descriptor >= 0 else { return }
    unlink(path)
    close(descriptor)
    descriptor = -1
  }
}
