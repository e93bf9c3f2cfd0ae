import EventKernel

/// How prompt and output lengths go together, from counts on a grid of nine per cent steps.
public struct LengthPairs: Sendable {
  private static let side = 184
  /// Requests by the steps of their prompt (row) and output (column).
  private var grid = Array(repeating: Int64(0), count: side * side)
  private var count: Int64 = 0
  private var sums = (
    prompt: 0.0, output: 0.0, promptSquares: 0.0, outputSquares: 0.0, product: 0.0
  )
  private var first: (prompt: Int32, output: Int32) = (0, 0)

  /// No requests yet.
  public init() {}

  mutating func add(prompt: Int32, output: Int32) {
    if count == 0 { first = (prompt, output) }
    count += 1
    let x = Double(prompt - first.prompt)
    let y = Double(output - first.output)
    sums.prompt += x
    sums.output += y
    sums.promptSquares += x * x
    sums.outputSquares += y * y
    sums.product += x * y
    grid[Self.step(of: prompt) * Self.side + Self.step(of: output)] += 1
  }

  /// The linear correlation (Pearson) of the lengths; nil where one of them never varies.
  public var linear: Double? {
    let n = Double(count)
    let product = sums.product * n - sums.prompt * sums.output
    let left = sums.promptSquares * n - sums.prompt * sums.prompt
    let right = sums.outputSquares * n - sums.output * sums.output
    return left > 0 && right > 0 ? product / (left * right).squareRoot() : nil
  }

  /// The correlation of the lengths' ranks (Spearman); nil where one of them never varies.
  public var rank: Double? { correlation { $0 } }

  /// The correlation of the ranks' normal scores (van der Waerden), which is the parameter of a
  /// Gaussian copula; nil where one of the lengths never varies.
  public var normalScore: Double? { correlation { DeterministicMath.normalQuantile($0) } }

  /// The correlation of what a function makes of the middle rank of each step, from 0 to 1.
  private func correlation(_ score: (Double) -> Double) -> Double? {
    let steps = 0..<Self.side
    let rows = steps.map { row in steps.reduce(0) { $0 + grid[row * Self.side + $1] } }
    let columns = steps.map { column in steps.reduce(0) { $0 + grid[$1 * Self.side + column] } }
    let (x, y) = (scores(rows, score), scores(columns, score))
    var (product, left, right) = (0.0, 0.0, 0.0)
    for row in steps where rows[row] > 0 {
      left += Double(rows[row]) * x[row] * x[row]
      for column in steps {
        product += Double(grid[row * Self.side + column]) * x[row] * y[column]
      }
    }
    for column in steps { right += Double(columns[column]) * y[column] * y[column] }
    return left > 0 && right > 0 ? product / (left * right).squareRoot() : nil
  }

  /// The scores of a margin, with their mean taken off.
  private func scores(_ margin: [Int64], _ score: (Double) -> Double) -> [Double] {
    var below: Int64 = 0
    var scores = margin.map { times -> Double in
      defer { below += times }
      return times == 0 ? 0 : score((Double(below) + 0.5 * Double(times)) / Double(count))
    }
    let mean = zip(scores, margin).reduce(0) { $0 + $1.0 * Double($1.1) } / Double(count)
    for step in scores.indices { scores[step] -= mean }
    return scores
  }

  /// Lengths below 16 have a step each; above, an octave has eight.
  private static func step(of length: Int32) -> Int {
    let length = max(0, length)
    if length < 16 { return Int(length) }
    let shift = 28 - length.leadingZeroBitCount
    return min(shift << 3 + Int(length >> Int32(shift)), side - 1)
  }
}
