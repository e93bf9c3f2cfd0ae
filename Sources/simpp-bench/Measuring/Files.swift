import Glibc

/// Why measuring stopped, with the exit status that says so.
struct Failure: Error {
  var message: String
  var status: Int32

  init(_ message: String, status: Int32) {
    self.message = message
    self.status = status
  }
}

/// A file's text, nil when it cannot be read.
func readFile(_ path: String) -> String? {
  guard let file = fopen(path, "r") else { return nil }
  defer { fclose(file) }
  var bytes: [UInt8] = []
  var buffer = [UInt8](repeating: 0, count: 1 << 16)
  while true {
    let count = fread(&buffer, 1, buffer.count, file)
    if count == 0 { break }
    bytes += buffer[..<count]
  }
  return ferror(file) == 0 ? String(decoding: bytes, as: UTF8.self) : nil
}

/// Writes a file whole.
func writeFile(_ path: String, _ text: String) throws {
  guard let file = fopen(path, "w") else {
    throw Failure("\(path) cannot be written", status: 73)
  }
  let bytes = Array(text.utf8)
  let written = fwrite(bytes, 1, bytes.count, file)
  guard fclose(file) == 0, written == bytes.count else {
    throw Failure("\(path) cannot be written", status: 74)
  }
}

/// A folder of its own for what programs write, gone when nobody needs it any more.
final class TemporaryFolder {
  let path: String

  init() throws {
    let parent = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
    var template = Array((parent + "/simpp-bench.XXXXXX").utf8CString)
    guard let made = mkdtemp(&template) else {
      throw Failure("no temporary folder in \(parent)", status: 73)
    }
    path = String(cString: made)
  }

  deinit {
    if let folder = opendir(path) {
      while let entry = readdir(folder) {
        let name = withUnsafeBytes(of: entry.pointee.d_name) {
          String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
        }
        unlink(path + "/" + name)
      }
      closedir(folder)
    }
    rmdir(path)
  }
}
