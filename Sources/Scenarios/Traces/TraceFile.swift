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
    let given = ServeGenData.isFolder(path) ? .servegen : format
    if given == .servegen { return try ServeGenReader(asTrace: ServeGenData(folder: path)) }
    let stream = try ByteStream(path: path)
    let format = if let given { given } else { try detect(stream) }
    switch format {
    case .servegen: preconditionFailure("a folder is no stream of bytes")
    case .mooncake:
      return JSONLinesTraceReader(
        LineReader(stream), kind: .mooncake, allowsUnsorted: allowsUnsorted)
    case .sharegpt: return try ShareGPTTraceReader(stream)
    case .vllm where beginning(of: stream).contains("\"prompt\""):
      return JSONLinesTraceReader(
        LineReader(stream), kind: .prompts, allowsUnsorted: allowsUnsorted)
    case .vllm: return try VLLMResultReader(path: path, allowsUnsorted: allowsUnsorted)
    case .simpp, .azure, .burstgpt, .vidur:
      guard let layout = format.layout else { preconditionFailure("a CSV format has a layout") }
      return try CSVTraceReader(
        LineReader(stream), layout: layout, format: format, allowsUnsorted: allowsUnsorted)
    }
  }

  /// The format of a trace, told by its first bytes; a folder is ServeGen client data.
  ///
  /// - Throws: A fault when the file cannot be read or is in none of the formats.
  public static func format(ofFileAt path: String) throws(TraceFault) -> TraceFormat {
    ServeGenData.isFolder(path) ? .servegen : try detect(try ByteStream(path: path))
  }

  private static func detect(_ stream: ByteStream) throws(TraceFault) -> TraceFormat {
    try fill(stream)
    let text = beginning(of: stream)
    switch text.first(where: { !$0.isWhitespace }) {
    case "[": return .sharegpt
    case "{":
      if text.contains("\"input_length\"") { return .mooncake }
      if text.contains("\"prompt\"") || text.contains("\"input_lens\"") { return .vllm }
      throw TraceFault(
        fileName: stream.fileName, position: TextPosition(line: 1, column: 1),
        problem: "found an object without \"input_length\" (mooncake), \"prompt\" or "
          + "\"input_lens\" (vllm), needs one of them")
    default: break
    }
    let header = text.prefix { !$0.isNewline }
    let columns = CSVLayout.columns(ofHeader: String(header))
    if let format = TraceFormat.of(header: columns) { return format }
    throw TraceFault(
      fileName: stream.fileName, position: TextPosition(line: 1, column: 1),
      problem: CSVLayout.unknown(columns))
  }

  /// Reads what a format is told by: a chunk, or the whole of a shorter file; takes nothing.
  private static func fill(_ stream: ByteStream) throws(TraceFault) {
    while !stream.isAtEnd, stream.bytes.count < ByteStream.chunk { try stream.readMore() }
  }

  private static func beginning(of stream: ByteStream) -> String {
    String(decoding: stream.bytes.prefix(ByteStream.chunk), as: UTF8.self)
  }
}
