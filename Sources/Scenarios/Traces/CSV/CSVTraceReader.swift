import EventKernel
import JSON

/// Reads the traces whose rows are lines of fields between commas, below a header.
struct CSVTraceReader: TraceReader {
  private let lines: LineReader
  private let layout: CSVLayout
  private let allowsUnsorted: Bool
  /// The header's names and what they mean.
  private let names: [String]
  private let roles: [CSVLayout.Role]
  let tokensPerBlock: Int32
  let hasTimes: Bool
  private(set) var position = TextPosition(line: 1, column: 1)
  private(set) var skippedRows = 0
  /// What the first row's calendar time is, in nanoseconds since 1970.
  private var beginning: Nanoseconds?
  private var lastArrival: Nanoseconds?

  /// Reads the header.
  init(
    _ lines: LineReader, layout: CSVLayout, format: TraceFormat, allowsUnsorted: Bool
  ) throws(TraceFault) {
    self.lines = lines
    self.layout = layout
    self.allowsUnsorted = allowsUnsorted
    let header = try lines.next().map { String(decoding: $0, as: UTF8.self) } ?? ""
    names = CSVLayout.columns(ofHeader: header)
    let missing = layout.missing(from: names)
    guard missing.isEmpty else {
      let required = layout.columns.filter(\.isRequired).map(\.name)
      throw TraceFault(
        fileName: lines.fileName, position: TextPosition(line: max(1, lines.number), column: 1),
        problem: "found the columns \(shortened(header)), needs the header "
          + "\(required.joined(separator: ",")) of the format \(format.rawValue); "
          + "missing: \(missing.joined(separator: ", "))")
    }
    roles = layout.roles(ofHeader: names)
    for role in [CSVLayout.Role.arrival, .prompt, .output, .session, .turn, .blocks] {
      guard roles.count(where: { $0 == role }) > 1, let name = roles.firstIndex(of: role) else {
        continue
      }
      throw TraceFault(
        fileName: lines.fileName, position: TextPosition(line: lines.number, column: 1),
        problem: "found the column \(names[name]) twice, needs it once")
    }
    hasTimes = roles.contains(.arrival)
    tokensPerBlock = names.compactMap(CSVLayout.tokensPerBlock(ofColumn:)).first ?? 0
  }

  var mayBeCut: Bool { lines.isCutShort && layout.endsWithLineFeed }

  mutating func next() throws(TraceFault) -> TraceRow? {
    while let line = try lines.next() {
      position = TextPosition(line: lines.number, column: 1)
      if let row = try row(of: line) { return row }
      skippedRows += 1
    }
    return nil
  }

  /// The row of a line, nil when it is no request.
  private mutating func row(of line: LineReader.Line) throws(TraceFault) -> TraceRow? {
    var row = TraceRow(arrival: 0, promptTokens: 0, outputTokens: 0)
    var offset = 0
    for (index, role) in roles.enumerated() {
      if offset > line.count { throw tooFew(index, in: line) }
      let field = try CSVField(in: line, at: offset, lines)
      switch role {
      case .arrival: row.arrival = try arrival(field)
      case .prompt:
        let least: Int64 = layout.skipsWithoutPrompt ? 0 : 1
        row.promptTokens = try field.length(of: "prompt", atLeast: least)
      case .output:
        let least: Int64 = layout.skipsUnanswered ? 0 : 1
        row.outputTokens = try field.length(of: "output", atLeast: least)
      case .session: row.session = try field.number(of: "session", upTo: .max, orEmpty: -1)
      case .turn:
        let most = Int64(Int32.max)
        row.turn = Int32(try field.number(of: "turn", upTo: most, orEmpty: 0))
      case .blocks: row.blocks = try field.hashes(tokensPerBlock: tokensPerBlock)
      case .other: break
      }
      offset = field.next
    }
    if offset <= line.count {
      let extra = line[offset...].reduce(1) { $1 == UInt8(ascii: ",") ? $0 + 1 : $0 }
      throw lines.fault(
        at: offset, in: line,
        "found \(roles.count + extra) fields, needs \(roles.count) (\(nameList))")
    }
    if row.promptTokens == 0 || row.outputTokens == 0 { return nil }
    return row
  }

  private var nameList: String { shortened(names.joined(separator: ",")) }

  private func tooFew(_ found: Int, in line: LineReader.Line) -> TraceFault {
    let fields = "found \(found) field" + (found == 1 ? "" : "s")
    let problem =
      lines.isCutShort
      ? "the file ends in the middle of this row: \(fields), needs \(roles.count) (\(nameList))"
      : "\(fields), needs \(roles.count) (\(nameList))"
    return lines.fault(at: line.count, in: line, problem)
  }

  /// Nanoseconds since the trace's first instant.
  private mutating func arrival(_ field: CSVField) throws(TraceFault) -> Nanoseconds {
    var time: Nanoseconds
    switch layout.arrival {
    case .seconds: time = try field.seconds(canBeNegative: allowsUnsorted)
    case .calendar:
      guard let date = CalendarTime.nanoseconds(field.bytes) else {
        throw field.fault("found \(field.text), needs a time such as \(CalendarTime.example)")
      }
      if beginning == nil { beginning = date }
      time = date - (beginning ?? date)
      if let needed = tooFar(time) { throw field.fault("found time \(field.plainText), \(needed)") }
    }
    if !allowsUnsorted, let lastArrival, time < lastArrival {
      let last =
        beginning.map { CalendarTime.text($0 + lastArrival) } ?? secondsText(lastArrival) + " s"
      let unit = beginning == nil ? " s" : ""
      throw field.fault(
        "found time \(field.plainText)\(unit) after \(last), needs times that never decrease; "
          + "\"simpp trace convert --sort\" sorts them")
    }
    lastArrival = time
    return time
  }
}

/// What is needed instead of a time too far from the first row's; nil when it is near enough.
func tooFar(_ time: Nanoseconds) -> String? {
  if time.magnitude <= Limit.time { return nil }
  let side = time < 0 ? "before" : "after"
  return "needs a time at most \(shortTime(Limit.time)) \(side) the first row's"
}

/// Nanoseconds as seconds with all digits that are not zero: `12.5`.
func secondsText(_ nanoseconds: Nanoseconds) -> String {
  let magnitude = nanoseconds.magnitude
  var fraction = "\(magnitude % 1_000_000_000)"
  fraction = String(repeating: "0", count: 9 - fraction.count) + fraction
  while fraction.last == "0" { fraction.removeLast() }
  return (nanoseconds < 0 ? "-" : "") + "\(magnitude / 1_000_000_000)"
    + (fraction.isEmpty ? "" : "." + fraction)
}
