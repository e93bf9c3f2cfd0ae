/// Reads ShareGPT's conversations: a list of objects, each with its messages in turn.
///
/// Each answer is a request whose prompt is everything before it; lengths are estimated from
/// characters. There are no times.
struct ShareGPTTraceReader: TraceReader {
  private let stream: JSONStream
  private(set) var position = TextPosition(line: 1, column: 1)
  private(set) var skippedRows = 0
  /// The requests of the conversation read last, and how many of them have been given.
  private var rows: [TraceRow] = []
  private var given = 0
  private var conversations: Int64 = 0
  private var isFirst = true
  private var isDone = false

  /// Goes into the list.
  init(_ bytes: ByteStream) throws(TraceFault) {
    stream = JSONStream(bytes)
    guard try stream.take(UInt8(ascii: "[")) else {
      throw try stream.fault(needed: "a list of conversations")
    }
  }

  let tokensPerBlock: Int32 = 0
  let hasTimes = false
  let isEstimated = true

  mutating func next() throws(TraceFault) -> TraceRow? {
    while given == rows.count {
      if isDone { return nil }
      try readConversation()
    }
    given += 1
    return rows[given - 1]
  }

  private mutating func readConversation() throws(TraceFault) {
    rows = []
    given = 0
    // Without knowing where the next conversation begins there is no going on.
    isDone = true
    guard try stream.hasNext(isFirst: isFirst) else { return }
    isFirst = false
    let item = try stream.value()
    isDone = false
    position = item.position
    defer { conversations += 1 }
    do throws(JSONCursor.Fault) {
      var cursor = JSONCursor(item.bytes)
      try read(&cursor)
    } catch {
      rows = []
      throw TraceFault(
        fileName: stream.fileName, position: item.position.advanced(over: item.bytes, error.offset),
        problem: error.problem)
    }
  }

  private mutating func read(_ cursor: inout JSONCursor) throws(JSONCursor.Fault) {
    var hasMessages = false
    var conversation = Conversation(session: conversations)
    try cursor.object { (cursor, key) throws(JSONCursor.Fault) in
      if key.equals("conversations") || key.equals("conversation") || key.equals("messages") {
        hasMessages = true
        try cursor.list { cursor throws(JSONCursor.Fault) in
          try conversation.add(Message(&cursor))
        }
      } else {
        try cursor.skip()
      }
    }
    if !hasMessages {
      throw JSONCursor.Fault(
        offset: 0, problem: "found no \"conversations\", needs it in every item")
    }
    rows = conversation.rows
    skippedRows += conversation.skipped
  }
}

/// A message: who wrote it, and how long it is.
private struct Message {
  var isAnswer = false
  var characters = 0

  init(_ cursor: inout JSONCursor) throws(JSONCursor.Fault) {
    var message = (isAnswer: false, characters: -1)
    try cursor.object { (cursor, key) throws(JSONCursor.Fault) in
      if key.equals("from") || key.equals("role") {
        let writer = try cursor.text()
        message.isAnswer = Self.models.contains { writer.equals($0) }
      } else if key.equals("value") || key.equals("content") {
        message.characters = JSONCursor.characterCount(of: try cursor.text())
      } else {
        try cursor.skip()
      }
    }
    if message.characters < 0 {
      throw JSONCursor.Fault(
        offset: cursor.index, problem: "found a message without \"value\", needs it")
    }
    isAnswer = message.isAnswer
    characters = message.characters
  }

  /// The writers of answers, in ShareGPT's collections and in OpenAI's notation.
  private static let models: [StaticString] = [
    "gpt", "chatgpt", "bing", "bard", "model", "assistant",
  ]
}

/// Makes requests of messages.
private struct Conversation {
  let session: Int64
  var rows: [TraceRow] = []
  var skipped = 0
  private var characters = 0

  init(session: Int64) { self.session = session }

  mutating func add(_ message: Message) {
    defer { characters += message.characters }
    guard message.isAnswer else { return }
    // An answer to nothing, or an empty one, is no request.
    guard characters > 0, message.characters > 0 else {
      skipped += 1
      return
    }
    rows.append(
      TraceRow(
        arrival: 0, promptTokens: TokenEstimate.tokens(ofCharacters: characters),
        outputTokens: TokenEstimate.tokens(ofCharacters: message.characters), session: session,
        turn: Int32(rows.count)))
  }
}

extension TextPosition {
  /// The position of a byte of a text that begins here.
  func advanced(over bytes: UnsafeBufferPointer<UInt8>, _ offset: Int) -> TextPosition {
    var position = self
    for byte in bytes.prefix(offset) {
      if byte == 0x0A {
        position = TextPosition(line: position.line + 1, column: 1)
      } else if byte & 0xC0 != 0x80 {
        position.column += 1
      }
    }
    return position
  }
}
