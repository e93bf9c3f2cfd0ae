import EventKernel
import Testing

@Suite("DeterministicMath")
struct DeterministicMathTests {
  @Test("log is within one unit in the last place")
  func log() {
    for (x, value) in ReferenceTables.logarithm {
      #expect(unitsOff(DeterministicMath.log(x), value) <= 1, "log \(x)")
    }
  }

  @Test("log(1 + x) is within one unit in the last place")
  func logOnePlus() {
    for (x, value) in ReferenceTables.logarithmOfOnePlus {
      #expect(unitsOff(DeterministicMath.logOnePlus(x), value) <= 1, "log 1 + \(x)")
    }
  }

  @Test("exp is within one unit in the last place, subnormal results included")
  func exp() {
    for (x, value) in ReferenceTables.exponential {
      #expect(unitsOff(DeterministicMath.exp(x), value) <= 1, "exp \(x)")
    }
  }

  @Test("pow is within one unit in the last place")
  func pow() {
    for (x, y, value) in ReferenceTables.power {
      #expect(unitsOff(DeterministicMath.pow(x, y), value) <= 1, "\(x) to the \(y)")
    }
  }

  @Test("The normal probability has a relative error below 2e-13, deep in its tail too")
  func normalProbability() {
    for (z, value) in ReferenceTables.normalProbability {
      let error = abs(DeterministicMath.normalProbability(z) - value)
      #expect(error <= 2e-13 * value, "probability of \(z)")
    }
    #expect(DeterministicMath.normalProbability(-40) == 0)
    #expect(DeterministicMath.normalProbability(40) == 1)
    #expect(DeterministicMath.normalProbability(.nan).isNaN)
  }

  @Test("The normal quantile has a relative error below 1e-15")
  func normalQuantile() {
    for (p, value) in ReferenceTables.normalQuantile {
      let error = abs(DeterministicMath.normalQuantile(p) - value)
      #expect(error <= 1e-15 * abs(value), "quantile \(p)")
    }
  }

  @Test("log Γ has an error below 4e-16, relative where it exceeds 1")
  func logGamma() {
    for (x, value) in ReferenceTables.logGamma {
      let error = abs(DeterministicMath.logGamma(x) - value)
      #expect(error <= 4e-16 * max(1, abs(value)), "log Γ(\(x))")
    }
  }

  @Test("log and exp keep to IEEE at the edges")
  func edges() {
    #expect(DeterministicMath.log(0) == -.infinity)
    #expect(DeterministicMath.log(-0.0) == -.infinity)
    #expect(DeterministicMath.log(1) == 0)
    #expect(DeterministicMath.log(.infinity) == .infinity)
    #expect(DeterministicMath.log(-1).isNaN)
    #expect(DeterministicMath.log(-.infinity).isNaN)
    #expect(DeterministicMath.log(.nan).isNaN)
    #expect(DeterministicMath.logOnePlus(-1) == -.infinity)
    #expect(DeterministicMath.logOnePlus(0) == 0)
    #expect(DeterministicMath.logOnePlus(.infinity) == .infinity)
    #expect(DeterministicMath.logOnePlus(-1.5).isNaN)
    #expect(DeterministicMath.logOnePlus(.nan).isNaN)
    #expect(DeterministicMath.exp(0) == 1)
    #expect(DeterministicMath.exp(-0.0) == 1)
    #expect(DeterministicMath.exp(709.79) == .infinity)
    #expect(DeterministicMath.exp(.infinity) == .infinity)
    #expect(DeterministicMath.exp(-745.14) == 0)
    #expect(DeterministicMath.exp(-745.13) == 0x1p-1074)
    #expect(DeterministicMath.exp(-.infinity) == 0)
    #expect(DeterministicMath.exp(.nan).isNaN)
  }

  @Test("The normal quantile is odd, infinite at the ends and undefined beyond")
  func quantileEdges() {
    #expect(DeterministicMath.normalQuantile(0) == -.infinity)
    #expect(DeterministicMath.normalQuantile(1) == .infinity)
    #expect(DeterministicMath.normalQuantile(0.5) == 0)
    #expect(DeterministicMath.normalQuantile(-0.1).isNaN)
    #expect(DeterministicMath.normalQuantile(1.1).isNaN)
    #expect(DeterministicMath.normalQuantile(.nan).isNaN)
    for p in [0x1p-53, 0x1p-20, 0.0625, 0.25, 0.375] {
      #expect(DeterministicMath.normalQuantile(p) == -DeterministicMath.normalQuantile(1 - p))
    }
  }

  @Test(
    "pow keeps to IEEE in its special cases",
    arguments: [
      (1, .nan, 1), (.nan, 0, 1), (.infinity, 0, 1), (0, 0, 1), (-1, .infinity, 1),
      (-1, -.infinity, 1), (2, .infinity, .infinity), (2, -.infinity, 0), (0.5, .infinity, 0),
      (0.5, -.infinity, .infinity), (-2, .infinity, .infinity), (0, 3, 0), (0, 0.5, 0),
      (0, -1, .infinity), (-0.0, -1, -.infinity), (-0.0, -2, .infinity), (-0.0, 2, 0),
      (.infinity, 0.5, .infinity), (.infinity, -0.5, 0), (-.infinity, 3, -.infinity),
      (-.infinity, 2, .infinity), (-.infinity, -2, 0), (-8, 3, -512), (-2, 10, 1024),
      (-2, -1, -0.5), (10, 400, .infinity), (10, -400, 0), (-10, 401, -.infinity),
      (2, 0x1p-70, 1), (3, 2, 9), (4, 0.5, 2), (-1, 0x1p60, 1), (.infinity, .infinity, .infinity),
      (0, .infinity, 0), (0, -.infinity, .infinity),
    ] as [(Double, Double, Double)])
  func powEdges(x: Double, y: Double, expected: Double) {
    #expect(DeterministicMath.pow(x, y) == expected)
  }

  @Test("pow of a negative number to a fraction is not a number, and keeps the sign of zero")
  func powSigns() {
    #expect(DeterministicMath.pow(-2, 0.5).isNaN)
    #expect(DeterministicMath.pow(.nan, 1).isNaN)
    #expect(DeterministicMath.pow(2, .nan).isNaN)
    #expect(DeterministicMath.pow(-0.0, 3).sign == .minus)
    #expect(DeterministicMath.pow(-.infinity, -3).sign == .minus)
    #expect(DeterministicMath.pow(-0.0, 2).sign == .plus)
  }

  /// The distance in units of the last place of the expected value.
  private func unitsOff(_ value: Double, _ expected: Double) -> Double {
    abs(value - expected) / expected.ulp
  }

  @Test("Sine and cosine of turns: exact at the quarters, squares that sum to 1, the sum of angles")
  func sine() {
    for (turns, value) in [(0.0, 0.0), (0.25, 1), (0.5, 0), (0.75, -1), (1, 0), (-0.25, -1)] {
      #expect(DeterministicMath.sine(turns: turns) == value, "\(turns)")
      #expect(DeterministicMath.cosine(turns: turns - 0.25) == value, "\(turns)")
    }
    #expect(abs(DeterministicMath.sine(turns: 1.0 / 12) - 0.5) < 2e-16)
    #expect(abs(DeterministicMath.sine(turns: 0.125) - 0.5.squareRoot()) < 2e-16)
    #expect(abs(DeterministicMath.cosine(turns: 1.0 / 6) - 0.5) < 2e-16)
    for step in -1_000..<1_000 {
      let angle = Double(step) / 313
      let (sine, cosine) = (
        DeterministicMath.sine(turns: angle), DeterministicMath.cosine(turns: angle)
      )
      #expect(abs(sine * sine + cosine * cosine - 1) < 1e-15, "\(angle)")
      #expect(abs(DeterministicMath.sine(turns: 2 * angle) - 2 * sine * cosine) < 4e-15)
      // The angle's own rounding: one part in 2⁵³ of up to 3.2 turns.
      #expect(abs(DeterministicMath.sine(turns: angle + 17) - sine) < 3e-14)
    }
  }
}
