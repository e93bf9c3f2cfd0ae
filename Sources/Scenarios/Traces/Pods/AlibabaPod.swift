import EventKernel
import JSON

/// A pod of the Alibaba GPU cluster trace: GPUs of one node, or a share of one GPU, for a time.
struct AlibabaPod: Sendable, Hashable {
  /// Its row among all rows of the file, from 0.
  var row: Int
  /// When it was created, in nanoseconds since the trace began.
  var created: Nanoseconds
  /// When it was deleted, in nanoseconds since the trace began.
  var deleted: Nanoseconds
  /// GPUs; 0 for pods that need none.
  var gpus: Int32
  /// Thousandths of each GPU.
  var milli: Int32
  /// Whether it asks for certain GPU models.
  var namesModels: Bool
}

/// Reads the pod list of the Alibaba GPU cluster trace of 2023 (`openb_pod_list_*.csv`,
/// alibaba/clusterdata, cluster-trace-gpu-v2023) row by row; other columns are not read.
struct AlibabaPodReader {
  private enum Column: String, CaseIterable {
    case gpus = "num_gpu"
    case milli = "gpu_milli"
    case models = "gpu_spec"
    case created = "creation_time"
    case deleted = "deletion_time"
  }

  private let lines: LineReader
  private let columns: [Column?]
  private var row = 0

  /// Opens a file and reads its header.
  init(path: String) throws(TraceFault) {
    lines = LineReader(try ByteStream(path: path))
    let header = try lines.next().map { String(decoding: $0, as: UTF8.self) } ?? ""
    let names = CSVLayout.columns(ofHeader: header)
    columns = names.map(Column.init(rawValue:))
    let missing = Column.allCases.filter { $0 != .models && !names.contains($0.rawValue) }
    guard missing.isEmpty else {
      throw TraceFault(
        fileName: lines.fileName, position: TextPosition(line: max(1, lines.number), column: 1),
        problem: "found the columns \(shortened(header)), needs a pod list of the format "
          + "alibaba-gpu; missing: \(missing.map(\.rawValue).joined(separator: ", "))")
    }
  }

  /// The next pod in the order of the file, nil after the last.
  mutating func next() throws(TraceFault) -> AlibabaPod? {
    guard let line = try lines.next() else { return nil }
    var pod = AlibabaPod(
      row: row, created: 0, deleted: 0, gpus: 0, milli: 1_000, namesModels: false)
    var deletion: (field: CSVField, time: Nanoseconds)?
    var offset = 0
    for column in columns {
      if offset > line.count { throw tooFew(line) }
      let field = try CSVField(in: line, at: offset, lines)
      switch column {
      case .gpus:
        pod.gpus = Int32(try field.number(of: "num_gpu", upTo: Limit.gpusPerNode, orEmpty: 0))
      case .milli:
        pod.milli = Int32(try field.number(of: "gpu_milli", upTo: 1_000, orEmpty: 1_000))
      case .models: pod.namesModels = !field.bytes.isEmpty
      case .created: pod.created = try field.seconds(canBeNegative: false)
      case .deleted:
        // A pod without an end is still there when the trace ends.
        let time = field.bytes.isEmpty ? Limit.time : try field.seconds(canBeNegative: false)
        deletion = (field, time)
      case nil: break
      }
      offset = field.next
    }
    if offset <= line.count {
      throw lines.fault(
        at: offset, in: line, "found more fields than the header has, needs \(columns.count)")
    }
    pod.deleted = deletion?.time ?? Limit.time
    if pod.deleted < pod.created, let deletion {
      throw deletion.field.fault(
        "found deletion at \(deletion.field.plainText) s, before the creation at "
          + "\(readable(Double(pod.created) / 1e9)) s, needs a time that is not earlier")
    }
    row += 1
    return pod
  }

  private func tooFew(_ line: LineReader.Line) -> TraceFault {
    let end = lines.isCutShort ? "the file ends in the middle of this row" : "found too few fields"
    return lines.fault(at: line.count, in: line, "\(end), needs \(columns.count)")
  }
}
