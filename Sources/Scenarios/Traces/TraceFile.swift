/// Opens traces.
public enum TraceFile {
  /// A reader of a trace from its first row on.
  ///
  /// - Parameters:
  ///   - path: The file, read from its beginning to its end once.
  ///   - format: Its format; nil: told by its first bytes.
  ///   - allowsUnsorted: Whether times may decrease, as before they are sorted; then they may also
  ///     lie before those of the first row, and be negative.
  /// - Returns: A reader that holds the file open as long as it lives.
  /// - Throws: What is wrong with the file as a whole, or with its header.
  public static func open(
    path: String, format: TraceFormat? = nil, allowsUnsorted: Bool = false
  ) throws(TraceFault) -> any TraceReader {
    let stream = try ByteStream(path: path)
    let format = if let format { format } else { try detect(stream) }
    guard let layout = format.layout else { preconditionFailure("every format has a reader") }
    return try CSVTraceReader(
      LineReader(stream), layout: layout, format: format, allowsUnsorted: allowsUnsorted)
  }

  /// The format of a trace, told by its first bytes.
  ///
  /// - Throws: A fault when the file cannot be read or is in none of the formats.
  public static func format(ofFileAt path: String) throws(TraceFault) -> TraceFormat {
    try detect(try ByteStream(path: path))
  }

  private static func detect(_ stream: ByteStream) throws(TraceFault) -> TraceFormat {
    let columns = CSVLayout.columns(ofHeader: try firstLine(of: stream))
    if let format = TraceFormat.of(header: columns) { return format }
    throw TraceFault(
      fileName: stream.fileName, position: TextPosition(line: 1, column: 1),
      problem: CSVLayout.unknown(columns))
  }

  /// The first line's beginning as text; nothing is taken from the stream.
  private static func firstLine(of stream: ByteStream) throws(TraceFault) -> String {
    let lineEnds: Set<UInt8> = [0x0A, 0x0D]
    while !stream.isAtEnd, stream.bytes.count < ByteStream.chunk,
      !stream.bytes.contains(where: lineEnds.contains)
    {
      try stream.readMore()
    }
    let line = stream.bytes.prefix(ByteStream.chunk).prefix { !lineEnds.contains($0) }
    return String(decoding: line, as: UTF8.self)
  }
}
