import Foundation
import Scenarios

/// Where real data made by others lies; nil when the environment does not say.
let sharedData = ProcessInfo.processInfo.environment["SIMPP_DATA_DIR"]

/// A temporary folder, removed with its last reference.
final class TraceFolder {
  let path: String

  init() throws {
    let url = FileManager.default.temporaryDirectory
      .appending(path: "traces-\(UInt64.random(in: 0...UInt64.max))")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    path = url.path()
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// Writes a file and returns its path.
  func write(_ bytes: some Sequence<UInt8>, to name: String) throws -> String {
    let file = path + "/" + name
    try Data(bytes).write(to: URL(filePath: file))
    return file
  }
}

/// What a reader gave: its rows, and each fault as its line.
struct ReadTrace {
  var rows: [TraceRow] = []
  var faults: [String] = []
  var skipped = 0
  var hasTimes = true
  var tokensPerBlock: Int32 = 0

  init(_ bytes: some Sequence<UInt8>, format: TraceFormat? = nil, sorted: Bool = true) throws {
    let folder = try TraceFolder()
    try self.init(path: try folder.write(bytes, to: "t.csv"), format: format, sorted: sorted)
  }

  init(_ text: String, format: TraceFormat? = nil, sorted: Bool = true) throws {
    try self.init(text.utf8, format: format, sorted: sorted)
  }

  init(path: String, format: TraceFormat? = nil, sorted: Bool = true) throws {
    var reader: any TraceReader
    do throws(TraceFault) {
      reader = try TraceFile.open(path: path, format: format, allowsUnsorted: !sorted)
    } catch {
      faults.append(error.description)
      return
    }
    while true {
      do throws(TraceFault) {
        guard let row = try reader.next() else { break }
        rows.append(row)
      } catch {
        faults.append(error.description)
      }
    }
    skipped = reader.skippedRows
    hasTimes = reader.hasTimes
    tokensPerBlock = reader.tokensPerBlock
  }

  /// Arrival, prompt and output of each row.
  var triples: [[Int64]] {
    rows.map { [$0.arrival, Int64($0.promptTokens), Int64($0.outputTokens)] }
  }
}
