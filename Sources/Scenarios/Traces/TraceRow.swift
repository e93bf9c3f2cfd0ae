public import EventKernel

/// One request of a trace, as its row says.
public struct TraceRow: Sendable, Hashable {
  /// Nanoseconds since the trace's first instant; 0 for traces without times.
  public var arrival: Nanoseconds
  /// Prompt length in tokens.
  public var promptTokens: Int32
  /// Tokens generated, the first one included.
  public var outputTokens: Int32
  /// The conversation it belongs to, -1 when the trace does not say.
  public var session: Int64
  /// Which turn of the conversation it is, from 0.
  public var turn: Int32
  /// One hash for each block of the prompt, empty when the trace does not say; prompts share the
  /// blocks before the first in which they differ.
  public var blocks: [UInt64]

  /// Creates a row.
  public init(
    arrival: Nanoseconds, promptTokens: Int32, outputTokens: Int32, session: Int64 = -1,
    turn: Int32 = 0, blocks: [UInt64] = []
  ) {
    self.arrival = arrival
    self.promptTokens = promptTokens
    self.outputTokens = outputTokens
    self.session = session
    self.turn = turn
    self.blocks = blocks
  }
}

/// Reads a trace row by row, so that memory does not grow with its length.
///
/// A fault concerns one row: the call after it goes on with the next row. After a fault that ends
/// the reading, as an unreadable file does, there are no more rows.
public protocol TraceReader {
  /// The next row in the order of the file, nil after the last.
  mutating func next() throws(TraceFault) -> TraceRow?
  /// The row and column, counted from 1, at which the row returned last begins.
  var position: TextPosition { get }
  /// Tokens of one of the rows' blocks, 0 when the format has none.
  var tokensPerBlock: Int32 { get }
  /// Whether rows say when their requests arrived; without, only their lengths mean something.
  var hasTimes: Bool { get }
  /// Rows left out so far because they are no requests, as failed calls without an answer.
  var skippedRows: Int { get }
  /// Whether lengths are estimated from texts, as nobody has counted their tokens.
  var isEstimated: Bool { get }
  /// Whether the row read last may have been cut inside its last number, as the file ends without
  /// the line feed with which files of the format end.
  var mayBeCut: Bool { get }
}

extension TraceReader {
  /// Most traces have times.
  public var hasTimes: Bool { true }

  /// Most formats leave nothing out.
  public var skippedRows: Int { 0 }

  /// Most formats say where a row ends.
  public var mayBeCut: Bool { false }

  /// Most traces have counted tokens.
  public var isEstimated: Bool { false }
}

/// What is wrong with a trace, and where.
public struct TraceFault: Error, Sendable, Hashable, CustomStringConvertible {
  /// Whose fault it is.
  public enum Kind: Sendable, Hashable {
    /// The content is not as the format wants it (exit status 65).
    case content
    /// The file is not there or may not be read (exit status 66).
    case noInput
    /// The system failed while the file was being read (exit status 74).
    case inputOutput
  }

  /// The file's base name.
  public var fileName: String
  /// Where it stands; nil when it concerns the whole file.
  public var position: TextPosition?
  /// What was found and what would be right, one line without a full stop.
  public var problem: String
  /// Whose fault it is.
  public var kind: Kind

  /// Creates a fault.
  public init(
    fileName: String, position: TextPosition?, problem: String, kind: Kind = .content
  ) {
    self.fileName = fileName
    self.position = position
    self.problem = problem
    self.kind = kind
  }

  /// `conv.csv:17:29: found -3 output tokens, needs …`.
  public var description: String {
    position.map { "\(fileName):\($0): \(problem)" } ?? "\(fileName): \(problem)"
  }
}
