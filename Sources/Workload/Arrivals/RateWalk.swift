import EventKernel

/// Walks along a rate curve: how much time it takes until its integral has grown by an amount.
///
/// The curve is a product of step functions and at most one sinusoid, so between two steps its
/// integral is known in closed form and inverted to the last digits.
struct RateWalk {
  private var steps: [FactorSteps] = []
  private let swing: SwingIntegral?
  /// Where the walk stands, in seconds.
  private var now = 0.0
  /// The product of the step functions up to `stepEnd`.
  private var factor = 1.0
  private var stepEnd = 0.0
  /// Where the walk ends, in seconds.
  private let end: Double

  init(_ curve: RateCurve, duration: Nanoseconds, seed: UInt64) {
    end = Double(duration) / 1e9
    swing = curve.swing.map { SwingIntegral($0, startOfDay: curve.startOfDay) }
    if !curve.hourly.isEmpty { steps.append(FactorSteps(hourly: curve)) }
    steps += curve.spikes.map { FactorSteps($0) }
    steps += curve.modulators.map { FactorSteps($0, seed: seed) }
    beginStep()
  }

  /// The time at which the integral has grown by `amount` since the last call, in seconds; nil when
  /// that is not before the end.
  mutating func advance(by amount: Double) -> Double? {
    var left = amount
    while now < end {
      let available = factor * (swing?.growth(from: now, to: stepEnd) ?? (stepEnd - now))
      if left < available {
        let time = left / factor
        now = swing?.time(growing: time, from: now, before: stepEnd) ?? (now + time)
        return now < end ? now : nil
      }
      left -= available
      now = stepEnd
      beginStep()
    }
    return nil
  }

  private mutating func beginStep() {
    factor = 1
    stepEnd = end
    for index in steps.indices {
      while steps[index].next <= now { steps[index].advance() }
      factor *= steps[index].factor
      stepEnd = min(stepEnd, steps[index].next)
    }
  }
}

/// The integral of a swing over time.
struct SwingIntegral {
  private let amplitude: Double
  private let period: Double
  /// Seconds from the last peak to the start of the run.
  private let shift: Double

  init(_ swing: Swing, startOfDay: Nanoseconds) {
    amplitude = swing.amplitude
    period = Double(swing.period) / 1e9
    shift = Double(startOfDay - swing.peak) / 1e9
  }

  /// The integral over [from, to], in seconds.
  func growth(from: Double, to: Double) -> Double {
    let turn = amplitude * period / (2 * Double.pi)
    return to - from
      + turn
      * (DeterministicMath.sine(turns: (to + shift) / period)
        - DeterministicMath.sine(turns: (from + shift) / period))
  }

  /// The time before `limit` at which the integral since `from` is `amount`: Newton's steps, halving
  /// the bracket where one would leave it.
  func time(growing amount: Double, from: Double, before limit: Double) -> Double {
    var low = from
    var high = limit
    var time = min(limit, from + amount)
    for _ in 0..<200 {
      let error = growth(from: from, to: time) - amount
      if error > 0 { high = time } else { low = time }
      let rate = 1 + amplitude * DeterministicMath.cosine(turns: (time + shift) / period)
      var next = time - error / rate
      if !(next > low && next < high) { next = 0.5 * (low + high) }
      if abs(next - time) <= 1e-15 * time || next <= low || next >= high { return next }
      time = next
    }
    return time
  }
}

/// A step function of time, step by step.
struct FactorSteps {
  private enum Kind {
    case hourly(factors: [Double], hour: Int)
    /// Spike `count`; it is on where `isOn`.
    case spike(Spike, count: Int64, isOn: Bool)
    /// The state taken now, and how many states were taken before it.
    case states(Modulator, RandomStream, state: Int, count: UInt64)
  }

  /// The factor up to `next`.
  private(set) var factor: Double
  /// When the factor changes, in seconds; infinite when it never does.
  private(set) var next: Double
  private var kind: Kind

  /// The curve's factors by the hour of the day.
  init(hourly curve: RateCurve) {
    let hour = Int(curve.startOfDay / 3_600_000_000_000)
    let sinceHour = Double(curve.startOfDay % 3_600_000_000_000) / 1e9
    factor = curve.hourly[hour % curve.hourly.count]
    next = 3_600 - sinceHour
    kind = .hourly(factors: curve.hourly, hour: hour)
  }

  /// A spike, and its returns.
  init(_ spike: Spike) {
    factor = 1
    next = Double(spike.start) / 1e9
    kind = .spike(spike, count: 0, isOn: false)
  }

  /// A modulator's states; the first is drawn by its share of time, and an exponential time is what
  /// is left of an exponential time.
  init(_ modulator: Modulator, seed: UInt64) {
    let stream = RandomStream(seed: seed, name: modulator.stream)
    let shares = ShareTable(weights: modulator.states.map(\.meanSeconds))
    let state = shares.index(at: stream.uniform(at: 0))
    factor = modulator.states[state].factor
    next = Distribution.exponential(mean: modulator.states[state].meanSeconds)
      .sample(stream, at: 1)
    kind = .states(modulator, stream, state: state, count: 0)
  }

  /// Goes over to the next step.
  mutating func advance() {
    switch kind {
    case .hourly(let factors, let hour):
      factor = factors[(hour + 1) % factors.count]
      next += 3_600
      kind = .hourly(factors: factors, hour: hour + 1)
    case .spike(let spike, let count, let isOn):
      if isOn {
        factor = 1
        next =
          spike.every > 0 ? Double(spike.start + (count + 1) * spike.every) / 1e9 : .infinity
        kind = .spike(spike, count: count + 1, isOn: false)
      } else {
        factor = spike.factor
        next = Double(spike.start + count * spike.every + spike.duration) / 1e9
        kind = .spike(spike, count: count, isOn: true)
      }
    case .states(let modulator, let stream, let state, let count):
      let following = (state + 1) % modulator.states.count
      factor = modulator.states[following].factor
      next += Distribution.exponential(mean: modulator.states[following].meanSeconds)
        .sample(stream, at: count + 2)
      kind = .states(modulator, stream, state: following, count: count + 1)
    }
  }
}
