import EventKernel
import Testing
import Workload

@Suite("Lengths")
struct LengthTests {
  private static func draws(_ lengths: LengthDistribution, _ count: Int) -> [Int32] {
    let stream = RandomStream(seed: 4, name: "lengths")
    return (0..<count).map { lengths.sample(stream, at: UInt64($0)) }
  }

  /// (χ² − degrees of freedom) / √(2 · degrees of freedom).
  private static func chiSquare(_ seen: [Double], _ expected: [Double]) -> Double {
    let square = zip(seen, expected).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) / $1.1 }
    let freedom = Double(seen.count - 1)
    return (square - freedom) / (2 * freedom).squareRoot()
  }

  @Test("Zipf: the share of k is k^−s over the sum", arguments: [0, 0.8, 1, 2.5])
  func zipf(exponent: Double) {
    let lengths = LengthDistribution(
      distribution: .table(.zipf(exponent: exponent, in: 3...40)), minimum: 3, maximum: 40)
    let draws = Self.draws(lengths, 100_000)
    let weights = (3...40).map { DeterministicMath.pow(Double($0), -exponent) }
    let sum = weights.reduce(0, +)
    let seen = (3...40).map { length in Double(draws.filter { $0 == length }.count) }
    let score = Self.chiSquare(seen, weights.map { $0 / sum * 100_000 })
    #expect(abs(score) < 4)
    #expect(draws.allSatisfy { (3...40).contains($0) })
  }

  @Test("A table's values come by their weights, and those of weight 0 never")
  func table() {
    let table = ValueTable(values: [700, 5, 60, 8], weights: [1, 4, 0, 5])
    let draws = Self.draws(LengthDistribution(distribution: .table(table)), 20_000)
    let seen = [5, 8, 700].map { length in Double(draws.filter { $0 == length }.count) }
    #expect(seen.reduce(0, +) == 20_000)
    #expect(abs(Self.chiSquare(seen, [8_000, 10_000, 2_000])) < 4)
    #expect(abs(Distribution.table(table).mean - 76) < 1e-9)
    #expect(abs(Distribution.table(table).variance - (0.4 * 25 + 0.5 * 64 + 49_000 - 5_776)) < 1e-6)
  }

  @Test("Quantiles are met, with straight lines between them")
  func quantiles() {
    let curve = QuantileCurve(shares: [0, 0.5, 0.9, 1], values: [1, 100, 100, 1_000])
    let distribution = Distribution.quantiles(curve)
    #expect(distribution.quantile(0.25) == 50.5)
    #expect(distribution.quantile(0.7) == 100)
    #expect(abs(distribution.quantile(0.95) - 550) < 1e-9)
    #expect(abs(distribution.mean - (0.5 * 50.5 + 40 + 55)) < 1e-9)
    let draws = Self.draws(LengthDistribution(distribution: distribution), 40_000)
    expectMean(draws.map(Double.init), distribution.mean, "mean")
    let below = draws.filter { $0 < 51 }.count
    expectMean(draws.map { $0 <= 100 ? 1 : 0 }, 0.9, "share up to 100")
    #expect(abs(Double(below) - 10_100) < 400)
  }

  @Test("Rows keep prompt and output together")
  func rows() {
    let rows = LengthRows(
      [(10, 1), (20, 2), (30, 3)].map { .init(promptTokens: $0, outputTokens: $1) },
      weights: [1, 0, 3])
    let sent = requests(
      DrawnTraffic(
        arrivals: .renewal(gapSeconds: .constant(0.001)), lengths: .joint(rows)), seconds: 20)
    #expect(sent.allSatisfy { $0.promptTokens == 10 * $0.outputTokens && $0.promptTokens != 20 })
    expectMean(sent.map { $0.promptTokens == 30 ? 1 : 0 }, 0.75, "share")
  }
}
