#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Room on the disks that a command writes to.
enum DiskSpace {
  /// Bytes that may still be written to the disk of a file, which need not exist; nil when unknown,
  /// and for pipes and devices, which take none.
  static func free(for path: String) -> Double? {
    var file = stat()
    if stat(path, &file) == 0, file.st_mode & S_IFMT != S_IFREG { return nil }
    let folder =
      path.contains("/") ? String(path[..<(path.lastIndex(of: "/") ?? path.endIndex)]) : "."
    var status = statvfs()
    guard statvfs(folder.isEmpty ? "/" : folder, &status) == 0 else { return nil }
    return Double(status.f_bavail) * Double(status.f_frsize)
  }
}

/// What a file will need and what its disk has.
struct DiskNeed {
  /// The file's path.
  var path: String
  var bytes: Double
  /// What would need less.
  var remedy: String

  /// What is said when the disk is too small; nil when it is not, or when nobody can tell.
  func shortage(free: Double?) -> String? {
    guard let free, bytes > free else { return nil }
    return "\(baseName(path)): needs about \(RunEstimate.bytes(bytes)), its disk has "
      + "\(RunEstimate.bytes(free)) free; \(remedy)"
  }

  /// Whether no error of the estimate could make it fit.
  func isHopeless(free: Double?) -> Bool { free.map { bytes > 4 * $0 } ?? false }
}
