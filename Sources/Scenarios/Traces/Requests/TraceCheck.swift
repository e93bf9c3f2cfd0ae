import EventKernel
import JSON

/// How far the check of a trace has come.
public struct TraceProgress: Sendable {
  /// The file's base name.
  public var fileName: String
  /// Rows read so far.
  public var rows: Int64
}

/// One pass over a whole trace, before it is run: every fault of its rows, what its slice is like
/// as a whole, and its content's digest.
struct TraceCheck {
  /// Most faults that are told one by one.
  static let mostFaults = 20

  private(set) var extent = TraceExtent()
  private(set) var content: FileContent?
  private(set) var hasTimes = true
  /// Whether all rows of the trace, of which there are several, have one time.
  private(set) var hasOneTime = false
  private(set) var skippedRows = 0
  private(set) var isEstimated = false
  private(set) var mayBeCut = false
  private(set) var faults: [TraceFault] = []
  private var firstTime: Nanoseconds = 0

  /// Reads a trace to its end.
  init(
    path: String, format: TraceFormat, selection: TraceSelection,
    progress: ((TraceProgress) -> Void)?
  ) {
    let fileName = path.split(separator: "/").last.map(String.init) ?? path
    var more = 0
    do throws(TraceFault) {
      content = try FileContent(path: path)
      var reader = try TraceFile.open(path: path, format: format)
      hasTimes = reader.hasTimes
      isEstimated = reader.isEstimated
      var isDone = false
      while !isDone {
        do throws(TraceFault) {
          guard let row = try reader.next() else {
            isDone = true
            continue
          }
          add(row, selection)
        } catch {
          if error.kind != .content { throw error }
          if faults.count < Self.mostFaults { faults.append(error) } else { more += 1 }
        }
        if extent.rows & 0xFFFF == 0 {
          progress?(TraceProgress(fileName: fileName, rows: extent.rows))
        }
      }
      skippedRows = reader.skippedRows
      mayBeCut = reader.mayBeCut
    } catch {
      faults.append(error)
    }
    if more > 0 {
      faults.append(
        TraceFault(
          fileName: fileName, position: nil,
          problem: "\(grouped(more)) more row" + (more == 1 ? " is" : "s are") + " broken"))
    }
    if let change = content?.change { faults.append(change) }
  }

  private mutating func add(_ row: TraceRow, _ selection: TraceSelection) {
    if extent.rows == 0 { firstTime = row.arrival }
    hasOneTime = extent.rows > 0 && row.arrival == firstTime
    extent.rows += 1
    guard selection.contains(row.arrival), extent.selected < selection.limit ?? .max else { return }
    extent.add(row)
  }
}
