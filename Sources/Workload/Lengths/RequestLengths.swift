public import EventKernel

/// How many tokens: a distribution, rounded half up and held within limits.
public struct LengthDistribution: Sendable, Hashable {
  /// The distribution of the length, in tokens.
  public var distribution: Distribution
  /// The least length in tokens, at least 1.
  public var minimum: Int32
  /// The greatest length in tokens.
  public var maximum: Int32

  /// Creates a length distribution, in tokens.
  public init(distribution: Distribution, minimum: Int32 = 1, maximum: Int32 = 1_000_000) {
    self.distribution = distribution
    self.minimum = minimum
    self.maximum = maximum
  }

  /// The length number `index` of a stream, in tokens.
  public func sample(_ stream: RandomStream, at index: UInt64) -> Int32 {
    let drawn = distribution.sample(stream, at: index) + 0.5
    if drawn >= Double(maximum) { return maximum }
    return max(minimum, Int32(drawn))
  }
}

/// Prompt and output lengths of a workload's requests.
public enum RequestLengths: Sendable, Hashable {
  /// Each drawn from a distribution of its own.
  case separate(prompt: LengthDistribution, output: LengthDistribution)
  /// Both from one row of a table.
  case joint(LengthRows)

  /// Lengths number `index` of two streams; both lengths of a row come from that of prompts.
  public func sample(
    _ prompts: RandomStream, _ outputs: RandomStream, at index: UInt64
  ) -> LengthRows.Row {
    switch self {
    case .separate(let prompt, let output):
      LengthRows.Row(
        promptTokens: prompt.sample(prompts, at: index),
        outputTokens: output.sample(outputs, at: index))
    case .joint(let rows): rows.sample(prompts, at: index)
    }
  }
}

/// Rows of a prompt and an output length that belong together, drawn by weights.
public struct LengthRows: Sendable, Hashable {
  /// A row.
  public struct Row: Sendable, Hashable {
    /// Prompt length in tokens, at least 1.
    public var promptTokens: Int32
    /// Tokens to generate, at least 1.
    public var outputTokens: Int32

    /// Creates a row.
    public init(promptTokens: Int32, outputTokens: Int32) {
      self.promptTokens = promptTokens
      self.outputTokens = outputTokens
    }
  }

  /// The rows.
  public let rows: [Row]
  /// The share of each row.
  public let shares: ShareTable

  /// Creates a table from at least one row; without weights all are alike.
  public init(_ rows: [Row], weights: [Double]? = nil) {
    self.rows = rows
    shares = ShareTable(weights: weights ?? rows.map { _ in 1 })
    precondition(rows.count == shares.sums.count, "every row needs a weight")
  }

  /// The row number `index` of a stream.
  public func sample(_ stream: RandomStream, at index: UInt64) -> Row {
    rows[shares.index(at: stream.uniform(at: index))]
  }
}

/// The draws of one workload's lengths, by number.
struct LengthDraws {
  private let lengths: RequestLengths
  private let prompts: RandomStream
  private let outputs: RandomStream

  init(_ lengths: RequestLengths, workload: String, seed: UInt64) {
    self.lengths = lengths
    let prefix = "workload/" + workload
    prompts = RandomStream(seed: seed, name: prefix + "/prompt")
    outputs = RandomStream(seed: seed, name: prefix + "/output")
  }

  /// Draw number `index`.
  func sample(at index: UInt64) -> LengthRows.Row { lengths.sample(prompts, outputs, at: index) }
}
