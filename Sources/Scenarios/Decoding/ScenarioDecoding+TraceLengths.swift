import EventKernel
import Workload

extension ScenarioDecoding {
  /// Which length of a trace's rows.
  private enum Column: String, CaseIterable {
    case prompt, output
  }

  /// The lengths of a trace's rows, each as often as it stands there, drawn independently.
  func traceLengths(_ reader: ObjectReader) -> Distribution? {
    let name = reader.name("file")
    let given: TraceFormat? = reader.choice("format", .optional, kind: "a trace's format")
    let column: Column? = reader.choice("column", kind: "a column of lengths")
    let wanted = digest(reader)
    guard let name, let column, !reader.has("format") || given != nil,
      !reader.has("sha256") || wanted != nil
    else { return nil }
    if !opensTraces { return .constant(1) }
    guard let path = path(of: name, wanted, reader) else { return nil }
    do throws(TraceFault) {
      let content = try FileContent(path: path)
      let format = if let given { given } else { try TraceFile.format(ofFileAt: path) }
      if let wanted, wanted != content.digest {
        reader.fault(
          "sha256",
          .unfit(
            found: "\(content.fileName) with SHA-256 \(content.digest)",
            needed: "the content that the scenario was made for, SHA-256 \(wanted)"))
      }
      let table = try Self.lengths(at: path, format: format, column)
      reader.keep("file", .string(content.fileName))
      reader.keep("format", .string(format.rawValue))
      reader.keep("sha256", .string(content.digest))
      return .table(table)
    } catch {
      reader.fault("file", .brokenTrace(error))
      return nil
    }
  }

  /// How often each length stands in a column; memory grows with the different lengths alone.
  private static func lengths(
    at path: String, format: TraceFormat, _ column: Column
  ) throws(TraceFault) -> ValueTable {
    var reader = try TraceFile.open(path: path, format: format, allowsUnsorted: true)
    var counts: [Int32: Int64] = [:]
    while let row = try reader.next() {
      counts[column == .prompt ? row.promptTokens : row.outputTokens, default: 0] += 1
    }
    let lengths = counts.keys.sorted()
    if lengths.isEmpty {
      let name = path.split(separator: "/").last.map(String.init) ?? path
      throw TraceFault(fileName: name, position: nil, problem: "found no request, needs lengths")
    }
    return ValueTable(
      values: lengths.map(Double.init), weights: lengths.map { Double(counts[$0] ?? 0) })
  }
}
