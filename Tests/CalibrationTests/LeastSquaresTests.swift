import Calibration
import EventKernel
import Testing

@Suite("Bounded least squares")
struct LeastSquaresTests {
  @Test("Coefficients of an exact curve are found again, to a millionth")
  func exactCurve() {
    let places = (1...40).map { Double($0) * 0.25 }
    let curve = { (values: [Double]) in
      places.map { values[0] + values[1] * DeterministicMath.exp(-values[2] * $0) }
    }
    let measured = curve([2, 3, 0.7])
    let fit = LeastSquares.fit(
      start: [1, 1, 0.2], bounds: [0...10, 0...10, 0.01...5], loss: .squares
    ) { values in zip(curve(values), measured).map { $0 - $1 } }
    for (found, known) in zip(fit.values, [2, 3, 0.7]) {
      #expect((found / known - 1).magnitude < 1e-6)
    }
  }

  @Test(
    "A bound that holds the best value back is where the fit ends, and the rest is the best there")
  func bound() {
    // y = a + b x with a ≤ 1 where the data have a = 2: then b minimises Σ (2 + 3x − 1 − b x)².
    let places = (0...10).map(Double.init)
    let fit = LeastSquares.fit(start: [0, 0], bounds: [0...1, -10...10], loss: .squares) { values in
      places.map { values[0] + values[1] * $0 - (2 + 3 * $0) }
    }
    let best = 3 + places.reduce(0, +) / places.map { $0 * $0 }.reduce(0, +)
    #expect(fit.values[0] == 1)
    #expect((fit.values[1] - best).magnitude < 1e-6)
  }

  @Test("A robust loss follows the many, squares the one outlier")
  func outlier() {
    let measured = [Double](repeating: 1, count: 30) + [100]
    let fits = [LeastSquares.Loss.robust(scale: 0.05), .squares].map { loss in
      LeastSquares.fit(start: [10], bounds: [0...1_000], loss: loss, mostSteps: 200) { values in
        measured.map { values[0] - $0 }
      }.values[0]
    }
    #expect((fits[0] - 1).magnitude < 0.02)
    #expect((fits[1] - 130.0 / 31).magnitude < 1e-4)
  }

  @Test("The interval of a mean is 1.96 standard errors")
  func interval() {
    let measured = (0..<100).map { Double($0 % 2) }
    let fit = LeastSquares.fit(start: [0], bounds: [-5...5], loss: .squares) { values in
      measured.map { values[0] - $0 }
    }
    // The variance of 0 and 1 alternately is 25 / 99, of the mean a hundredth of it.
    #expect((fit.halfWidths[0] - 1.96 * (25.0 / 99 / 100).squareRoot()).magnitude < 1e-6)
  }

  @Test("A parameter whose range is a point stays, and has no interval")
  func fixed() {
    let fit = LeastSquares.fit(start: [3, 0], bounds: [2...2, -5...5], loss: .squares) { values in
      [values[0] + values[1] - 4, values[0] - values[1]]
    }
    #expect(fit.values[0] == 2)
    #expect((fit.values[1] - 2).magnitude < 1e-6)
    #expect(fit.halfWidths[0] == .infinity)
  }
}
