import EventKernel
import Testing
import Workload

@Suite("Arrival processes")
struct ArrivalTests {
  /// Two states of a Markov-modulated Poisson process.
  private static let states = [
    Modulator.State(factor: 8, meanSeconds: 2), Modulator.State(factor: 0.5, meanSeconds: 6),
  ]

  private static func onOff(_ stream: String) -> ArrivalProcess {
    .varying(
      gapSeconds: .exponential(mean: 1),
      RateCurve(modulators: [Modulator(stream: stream, states: states)]))
  }

  /// Mean rate and index of dispersion of the counts in t seconds (Heffes and Lucantoni 1986,
  /// "A Markov modulated characterization of packetized voice and data traffic", for two states).
  private static func theory(_ t: Double) -> (rate: Double, dispersion: Double) {
    let (a, b) = (states[0].factor, states[1].factor)
    let (leaveA, leaveB) = (1 / states[0].meanSeconds, 1 / states[1].meanSeconds)
    let sum = leaveA + leaveB
    let rate = (a * leaveB + b * leaveA) / sum
    let burst = 2 * leaveA * leaveB * (a - b) * (a - b) / (sum * sum * (a * leaveB + b * leaveA))
    return (rate, 1 + burst * (1 - (1 - DeterministicMath.exp(-sum * t)) / (sum * t)))
  }

  @Test(
    "Two states: mean rate and index of dispersion are those of the MMPP-2", arguments: [1, 5, 30])
  func modulated(seconds: Double) {
    let theory = Self.theory(seconds)
    let counts = (0..<3_000 as Range<UInt64>).map {
      Double(arrivals(Self.onOff("s"), seconds: seconds, seed: $0).count)
    }
    let mean = theory.rate * seconds
    expectMean(counts, mean, "count")
    expectMean(counts.map { ($0 - mean) * ($0 - mean) / mean }, theory.dispersion, "dispersion")
  }

  @Test("Three states are taken in turn, each for its share of the time")
  func cycle() {
    let states = [(3.0, 1.0), (0.0, 2.0), (12.0, 0.5)].map {
      Modulator.State(factor: $0, meanSeconds: $1)
    }
    let modulator = Modulator(stream: "s", states: states)
    #expect(abs(modulator.mean - 9 / 3.5) < 1e-12)
    let counts = (0..<2_000 as Range<UInt64>).map { seed in
      Double(
        arrivals(
          .varying(gapSeconds: .exponential(mean: 0.5), RateCurve(modulators: [modulator])),
          seconds: 7, seed: seed
        ).count)
    }
    expectMean(counts, 2 * 7 * modulator.mean, "count")
  }

  @Test("Workloads of one modulator burst together; those of modulators of their own do not")
  func correlation() {
    func products(_ first: String, _ second: String) -> [Double] {
      let mean = Self.theory(10).rate * 10
      return (0..<2_500 as Range<UInt64>).map { seed in
        let one = arrivals(Self.onOff(first), name: "one", seconds: 10, seed: seed).count
        let other = arrivals(Self.onOff(second), name: "other", seconds: 10, seed: seed).count
        return (Double(one) - mean) * (Double(other) - mean)
      }
    }
    let theory = Self.theory(10)
    // Given the states counts are independent Poisson: all that exceeds Poisson's variance is shared.
    expectMean(
      products("shared", "shared"), (theory.dispersion - 1) * theory.rate * 10, "covariance")
    expectMean(products("mine", "yours"), 0, "covariance of strangers")
  }

  @Test("Weibull gaps have the mean and the cv asked for", arguments: [0.5, 1, 2, 4])
  func weibull(cv: Double) {
    let times = arrivals(
      .renewal(gapSeconds: .weibull(mean: 0.5, cv: cv)), seconds: 40_000)
    let gaps = zip(times, times.dropFirst()).map { $1 - $0 }
    expectMean(gaps, 0.5, "gap")
    expectMean(gaps.map { ($0 - 0.5) * ($0 - 0.5) }, 0.25 * cv * cv, "variance")
  }

  // MARK: - Curves

  private static let hours = (0..<24).map { $0 < 7 ? 0.2 : $0 == 12 ? 0 : 1.5 }
  private static let day = RateCurve(
    swing: Swing(amplitude: 0.8, period: 86_400_000_000_000, peak: 50_400_000_000_000),
    hourly: hours, startOfDay: 9_000_000_000_000,
    spikes: [
      Spike(start: 7_000_000_000_000, duration: 1_000_000_000_000, factor: 4),
      Spike(
        start: 20_000_000_000_000, duration: 600_000_000_000, factor: 0,
        every: 30_000_000_000_000),
    ])

  /// The curve's value at a time in seconds, told anew.
  private static func rate(_ time: Double) -> Double {
    let clock = time + 9_000
    var rate = 1 + 0.8 * DeterministicMath.cosine(turns: (clock - 50_400) / 86_400)
    rate *= hours[Int(clock / 3_600) % 24]
    if time >= 7_000, time < 8_000 { rate *= 4 }
    for start in [20_000.0, 50_000, 80_000, 110_000, 140_000, 170_000]
    where time >= start && time < start + 600 { rate = 0 }
    return rate
  }

  /// The curve's integral, by Simpson's rule on pieces of 100 s, on which every step falls.
  private static func integral(to end: Double) -> Double {
    var sum = 0.0
    var time = 0.0
    while time < end {
      let width = min(100, end - time)
      // Just inside, because the curve is continuous from the right.
      let last = time + width - 1e-6
      sum += width / 6 * (rate(time) + 4 * rate(time + width / 2) + rate(last))
      time += width
    }
    return sum
  }

  @Test("With equal gaps, arrival k comes exactly when the integral of the rate reaches k + 1")
  func inversion() {
    let times = arrivals(
      .varying(gapSeconds: .constant(40), Self.day), seconds: 180_000)
    #expect(times.count == Int(Self.integral(to: 180_000) / 40))
    for (index, time) in times.enumerated() where index % 37 == 0 {
      let error = Self.integral(to: time) - 40 * Double(index + 1)
      #expect(abs(error) < 1e-4, "arrival \(index) at \(time)")
    }
  }

  @Test("A Poisson process over a day's curve counts by the hour what the integral says")
  func diurnalCounts() {
    let times = arrivals(
      .varying(gapSeconds: .exponential(mean: 1), Self.day), seconds: 180_000)
    let seen = counts(times, width: 3_600, 50)
    var square = 0.0
    for hour in 0..<50 {
      let start = Double(hour) * 3_600
      let expected = Self.integral(to: start + 3_600) - Self.integral(to: start)
      square += (seen[hour] - expected) * (seen[hour] - expected) / expected
    }
    // 50 hours and no fitted figure: χ² has mean 50 and variance 100.
    #expect(abs(square - 50) / 10 < 4, "χ² \(square)")
  }

  @Test("A rate that never rises above zero again sends nothing more, and ends")
  func silence() {
    let curve = RateCurve(
      spikes: [Spike(start: 10_000_000_000, duration: 1_000_000_000_000, factor: 0)])
    let times = arrivals(.varying(gapSeconds: .constant(1), curve), seconds: 500)
    #expect(times == (1...9).map(Double.init))
  }

  @Test("A curve of 1 changes nothing but the last digits")
  func flat() {
    let gap = Distribution.gamma(mean: 0.3, cv: 2)
    let flat = RateCurve(spikes: [Spike(start: 5_000_000_000, duration: 7_000_000_000, factor: 1)])
    let plain = arrivals(.renewal(gapSeconds: gap), seconds: 1_000)
    let varying = arrivals(.varying(gapSeconds: gap, flat), seconds: 1_000)
    #expect(plain.count == varying.count)
    #expect(zip(plain, varying).allSatisfy { abs($0 - $1) < 1e-8 })
  }

  @Test("Clients of a closed loop begin one after the other over the ramp-up")
  func rampUp() {
    let loop = ClosedLoop(clients: 3, thinkSeconds: .constant(1), rampUp: 10_000_000_000)
    let sent = requests(traffic(.closedLoop(loop)), seconds: 100)
    #expect(sent.map(\.arrival) == [0, 3_333_333_333, 6_666_666_666])
    #expect(sent.map(\.session) == [0, 1, 2])
  }
}
