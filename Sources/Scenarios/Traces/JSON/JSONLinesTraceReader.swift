import EventKernel
import JSON

/// Reads the traces whose rows are JSON objects, one in a line.
struct JSONLinesTraceReader: TraceReader {
  /// What the objects say.
  enum Kind: Sendable {
    /// Mooncake: `timestamp` in ms, `input_length`, `output_length`, `hash_ids`.
    case mooncake
    /// A vLLM benchmark's own data: `prompt`, a text, and `output_tokens`.
    case prompts
  }

  /// Tokens of a block of Mooncake's traces.
  static let mooncakeBlock: Int32 = 512

  private let lines: LineReader
  private let kind: Kind
  private let allowsUnsorted: Bool
  private(set) var position = TextPosition(line: 1, column: 1)
  private var lastArrival: Nanoseconds?

  init(_ lines: LineReader, kind: Kind, allowsUnsorted: Bool) {
    self.lines = lines
    self.kind = kind
    self.allowsUnsorted = allowsUnsorted
  }

  var tokensPerBlock: Int32 { kind == .mooncake ? Self.mooncakeBlock : 0 }
  var hasTimes: Bool { kind == .mooncake }
  var isEstimated: Bool { kind == .prompts }

  mutating func next() throws(TraceFault) -> TraceRow? {
    guard let line = try lines.next() else { return nil }
    position = TextPosition(line: lines.number, column: 1)
    do throws(JSONCursor.Fault) {
      var cursor = JSONCursor(line)
      let row =
        switch kind {
        case .mooncake: try mooncake(&cursor)
        case .prompts: try prompt(&cursor)
        }
      try cursor.end()
      return row
    } catch {
      let isEnd = error.isEnd && lines.isCutShort
      let problem = (isEnd ? "the file ends in the middle of this row: " : "") + error.problem
      throw lines.fault(at: min(error.offset, line.count), in: line, problem)
    }
  }

  private mutating func mooncake(_ cursor: inout JSONCursor) throws(JSONCursor.Fault) -> TraceRow {
    var row = TraceRow(arrival: -1, promptTokens: 0, outputTokens: 0)
    var timeOffset = 0
    try cursor.object { (cursor, key) throws(JSONCursor.Fault) in
      if key.equals("timestamp") {
        _ = cursor.peek()
        timeOffset = cursor.index
        row.arrival = try cursor.time(scale: 6, unit: "milliseconds")
      } else if key.equals("input_length") {
        row.promptTokens = try cursor.length(of: "input")
      } else if key.equals("output_length") {
        row.outputTokens = try cursor.length(of: "output")
      } else if key.equals("hash_ids") {
        row.blocks = try Self.hashes(&cursor)
      } else {
        try cursor.skip()
      }
    }
    if row.arrival < 0 { throw Self.missing("timestamp") }
    if row.promptTokens == 0 { throw Self.missing("input_length") }
    if row.outputTokens == 0 { throw Self.missing("output_length") }
    let most = Int((row.promptTokens + Self.mooncakeBlock - 1) / Self.mooncakeBlock)
    if row.blocks.count > most {
      throw JSONCursor.Fault(
        offset: 0,
        problem: "found \(row.blocks.count) hash_ids for \(row.promptTokens) input tokens, needs "
          + "at most \(most), one for each \(Self.mooncakeBlock) tokens")
    }
    if !allowsUnsorted, let lastArrival, row.arrival < lastArrival {
      throw JSONCursor.Fault(
        offset: timeOffset,
        problem: "found time \(secondsText(row.arrival)) s after \(secondsText(lastArrival)) s, "
          + "needs times that never decrease; \"simpp trace convert --sort\" sorts them")
    }
    lastArrival = row.arrival
    return row
  }

  /// Each hash stands for its block and all before it, whatever the ids mean by themselves.
  private static func hashes(_ cursor: inout JSONCursor) throws(JSONCursor.Fault) -> [UInt64] {
    var hashes: [UInt64] = []
    try cursor.list { cursor throws(JSONCursor.Fault) in
      _ = cursor.peek()
      let start = cursor.index
      let part = try cursor.number(needed: "a whole number")
      guard case .value(let id) = NumberText.whole(part) else {
        throw JSONCursor.Fault(
          offset: start,
          problem: "found \(shortened(String(decoding: part, as: UTF8.self))) among hash_ids, "
            + "needs whole numbers of 64 bits")
      }
      hashes.append(BlockHash.chained(hashes.last ?? 0, UInt64(bitPattern: id)))
    }
    return hashes
  }

  private func prompt(_ cursor: inout JSONCursor) throws(JSONCursor.Fault) -> TraceRow {
    var row = TraceRow(arrival: 0, promptTokens: 0, outputTokens: 0)
    try cursor.object { (cursor, key) throws(JSONCursor.Fault) in
      if key.equals("prompt") {
        row.promptTokens = TokenEstimate.tokens(ofText: try cursor.text())
      } else if key.equals("output_tokens") {
        row.outputTokens = try cursor.length(of: "output")
      } else {
        try cursor.skip()
      }
    }
    if row.promptTokens == 0 { throw Self.missing("prompt") }
    if row.outputTokens == 0 { throw Self.missing("output_tokens") }
    return row
  }

  private static func missing(_ key: String) -> JSONCursor.Fault {
    JSONCursor.Fault(offset: 0, problem: "found no \"\(key)\", needs it in every row")
  }
}

/// How many tokens a text has where nobody has counted them.
enum TokenEstimate {
  /// Characters of one token: the rule of thumb for English text in OpenAI's documentation.
  static let charactersPerToken = 4

  /// Tokens of so many characters, rounded up, at least one.
  static func tokens(ofCharacters count: Int) -> Int32 {
    let tokens = (count + charactersPerToken - 1) / charactersPerToken
    return Int32(clamping: max(1, min(tokens, Int(Limit.tokens))))
  }

  /// Tokens of a text between the quotes of JSON.
  static func tokens(ofText text: JSONCursor.Part) -> Int32 {
    tokens(ofCharacters: JSONCursor.characterCount(of: text))
  }
}

/// Hashes of blocks that stand for everything before them too.
enum BlockHash {
  /// The hash of a block with this content behind the blocks that `previous` stands for.
  static func chained(_ previous: UInt64, _ content: UInt64) -> UInt64 {
    mixed(mixed(previous) ^ content)
  }

  /// The finaliser of SplitMix64 (Steele, Lea and Flood, OOPSLA 2014), a bijection.
  private static func mixed(_ word: UInt64) -> UInt64 {
    var mixed = word &+ 0x9E37_79B9_7F4A_7C15
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}
