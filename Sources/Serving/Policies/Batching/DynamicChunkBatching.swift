import EventKernel
import Inference

/// SGLang's dynamic chunking: chunks of a long prompt shrink so that each takes as long as the first.
///
/// A chunk reads all that came before it, so chunks of a fixed size take longer and longer, and a
/// pipeline's later stages wait. To the plan's own step costs on the slowest stage the time R(x) of
/// prefilling x tokens is fitted as a quadratic, apart from what every step takes; the chunk d behind a
/// prefix l solves R(l + d) − R(l) = R(first chunk). It moves from the first chunk's size by the smoothing
/// factor only, is never less than a quarter of it, and is rounded down to whole pages. Chunks of one
/// prompt follow each other through the pipeline; decodes travel beside them. Where R does not bend
/// upwards chunks stay as they are.
public struct DynamicChunkBatching: BatchingPolicy {
  /// `dynamic-chunk`.
  public static let name = "dynamic-chunk"
  /// One line for help.
  public static let summary = "chunks that shrink with their prefix, so that each takes as long"
  /// The rule's origin.
  public static let source = "SGLang, --enable-dynamic-chunking (docs: pipeline parallelism)"
  /// `chunkTokens`, `smoothing`, `pageTokens`, `maxSequences`, `depth`.
  public static let options = [
    OptionDescription(
      "chunkTokens", .integer(1...1_048_576), default: .integer(8192),
      "tokens of the first chunk of a prompt"),
    OptionDescription(
      "smoothing", .number(0...1), default: .number(0.75),
      "how far chunks follow the fit: 0 not at all, 1 wholly"),
    OptionDescription(
      "pageTokens", .integer(1...65_536), default: .integer(64),
      "chunks are multiples of this, or of a KV block if that is larger"),
    OptionDescription.runningSequences, OptionDescription.depth,
  ]

  /// Requests running at once.
  public let maximumSequences: Int
  private let firstChunk: Int
  private let smoothing: Double
  private let pageTokens: Int
  private let fixedDepth: Int?
  /// What chunks are multiples of.
  private var unit: Int
  /// R(x) = quadratic · x² + linear · x in nanoseconds; no quadratic part: chunks do not change.
  private var quadratic = 0.0
  private var linear = 0.0

  /// The budget from which prompts get their chunks.
  public static var tokenBudgetKey: String? { "chunkTokens" }

  /// Reads the checked options.
  public init(_ values: OptionValues) {
    maximumSequences = values.integer("maxSequences")
    firstChunk = values.integer("chunkTokens")
    smoothing = values.number("smoothing")
    pageTokens = values.integer("pageTokens")
    fixedDepth = values.optionalInteger("depth")
    unit = pageTokens
  }

  /// A page that is larger than the first chunk.
  public static func faults(in values: OptionValues) -> [OptionFault] {
    let (chunk, page) = (values.integer("chunkTokens"), values.integer("pageTokens"))
    if page <= chunk { return [] }
    return [
      OptionFault(
        key: "pageTokens", found: "\(page)",
        expected: "a whole number from 1 to chunkTokens, \(chunk)")
    ]
  }

  /// A chunk and the decodes beside it.
  public var maximumTokens: Int { firstChunk + maximumSequences }

  /// One micro-batch per stage unless the scenario says otherwise.
  public func depth(stages: Int) -> Int { fixedDepth ?? stages }

  /// A micro-batch is formed as soon as one may set out.
  public var waitsForOldest: Bool { false }

  /// Chunks of one prompt follow each other.
  public var overlapsChunks: Bool { true }

  /// Fits R to the costs of chunks on the slowest stage, behind prefixes up to the model's context.
  public mutating func prepare(_ facts: EngineFacts) {
    unit = max(pageTokens, facts.blockTokens)
    var fit = ChunkTimeFit()
    for share in [1, 2, 4] {
      let chunk = max(1, firstChunk / share)
      for part in 0..<8 {
        let prefix = part * max(0, facts.contextTokens - firstChunk) / 7
        fit.add(
          chunk: Double(chunk) / Double(firstChunk), prefix: Double(prefix) / Double(firstChunk),
          time: Double(facts.slowestStage(.prefill(chunk: chunk, prefix: prefix))))
      }
    }
    quadratic = fit.quadratic / Double(firstChunk) / Double(firstChunk)
    linear = fit.linear / Double(firstChunk)
  }

  /// Running first, then waiting; of prompts, one chunk together.
  public mutating func plan(_ engine: inout EngineState) {
    let rule = RunningFirst(maximumSequences: maximumSequences)
    rule.plan(
      &engine, budget: DraftBudget(tokens: .max, prefill: chunk(behind: prefix(engine))))
  }

  /// Nobody running was left out, and nobody waiting will get in.
  public func repeats(_ engine: EngineView) -> Bool {
    RunningFirst(maximumSequences: maximumSequences)
      .repeats(engine, tokens: leastChunk + engine.runningCount)
  }

  /// The next chunk's tokens behind a prefix.
  func chunk(behind prefix: Int) -> Int {
    guard quadratic > 0, prefix > 0 else { return firstChunk }
    let first = Double(firstChunk)
    let target = (quadratic * first + linear) * first
    let slope = 2 * quadratic * Double(prefix) + linear
    let root = (slope * slope + 4 * quadratic * target).squareRoot()
    let wanted = (root - slope) / (2 * quadratic)
    let smoothed = Int(first + smoothing * (wanted - first))
    return max(leastChunk, smoothed / unit * unit)
  }

  /// A quarter of the first chunk in whole pages, a page at least.
  private var leastChunk: Int { max(unit, firstChunk / 4 / unit * unit) }

  /// Tokens before the next chunk: of the first prompt that is under way, else of who is next.
  private func prefix(_ engine: EngineState) -> Int {
    if engine.prefillingCount > 0 {
      for position in 0..<engine.idleCount {
        let sequence = engine.idleSequence(position)
        if sequence.prefillRemaining > 0 { return sequence.computed }
      }
    }
    return engine.nextWaiting?.computed ?? 0
  }
}

/// Least squares of a chunk's time, c + b d + a (2 l d + d²) for d tokens behind l: R(x) = b x + a x² is
/// what chunks add up to beside the c that every step takes.
struct ChunkTimeFit {
  /// Sums over the chunks of products of 1, d and 2 l d + d², and of those and the time.
  private var products = Array(repeating: [0.0, 0, 0], count: 3)
  private var times = [0.0, 0, 0]

  /// A chunk; all lengths in one unit.
  mutating func add(chunk: Double, prefix: Double, time: Double) {
    let terms = [1, chunk, 2 * prefix * chunk + chunk * chunk]
    for row in 0..<3 {
      for column in 0..<3 { products[column][row] += terms[row] * terms[column] }
      times[row] += terms[row] * time
    }
  }

  /// a, 0 when times do not bend upwards; rounding leaves next to nothing of a straight line.
  var quadratic: Double {
    let value = determinant(products[0], products[1], times) / whole
    return value * 1e6 > abs(linear) ? value : 0
  }

  /// b, 0 at least.
  var linear: Double { max(0, determinant(products[0], times, products[2]) / whole) }

  private var whole: Double { determinant(products[0], products[1], products[2]) }

  /// Of three columns.
  private func determinant(_ a: [Double], _ b: [Double], _ c: [Double]) -> Double {
    a[0] * (b[1] * c[2] - b[2] * c[1]) - b[0] * (a[1] * c[2] - a[2] * c[1])
      + c[0] * (a[1] * b[2] - a[2] * b[1])
  }
}
