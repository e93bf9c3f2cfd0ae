import EventKernel

/// How many tokens a request is thought to generate.
struct OutputPredictor: Sendable {
  /// The same for all; nil: the true length.
  let constant: Int?
  /// Largest relative error of a prediction.
  let error: Double
  private let errors = RandomStream(seed: 0, name: "td-pipe/predictions")

  init(constant: Int?, error: Double) {
    self.constant = constant
    self.error = error
  }

  /// Tokens that a sequence is predicted to take after its prefill; none once it has outlived its
  /// prediction.
  func tokensLeft(of sequence: SequenceView) -> Int {
    var output = constant ?? sequence.outputTokens
    if error > 0 {
      // Requests of equal lengths have the same error, whenever and in whatever run they are asked about.
      let index = UInt64(sequence.finalTokens) << 32 | UInt64(sequence.outputTokens)
      let draw = 2 * errors.uniform(at: index) - 1
      output = Int((Double(output) * (1 + error * draw)).rounded(.toNearestOrEven))
    }
    return max(0, output - sequence.generated - 1)
  }
}

/// KV blocks that sequences will hold after so many further tokens each, those left out that have ended
/// by then.
struct BlockForecast: Sendable {
  private let blockTokens: Int
  /// The times looked at, in tokens from when a sequence was added.
  private static let times = [0, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096, 8192, 16_384]
  private var blocks = Array(repeating: 0, count: BlockForecast.times.count)

  init(blockTokens: Int) { self.blockTokens = blockTokens }

  /// A sequence that holds `tokens` and will take `growing` more.
  mutating func add(tokens: Int, growing: Int) {
    for (index, time) in Self.times.enumerated() {
      if time > growing { break }
      // Between two of the times it may end: what it holds then counts at the earlier.
      let next = index + 1 < Self.times.count ? Self.times[index + 1] - 1 : growing
      blocks[index] += (tokens + min(growing, next) + blockTokens - 1) / blockTokens
    }
  }

  /// The most at any of the times.
  var peak: Int { blocks.max() ?? 0 }
}
