import EventKernel
import JSON
import Workload

extension ScenarioDecoding {
  /// The arrival processes by the word that scenarios use.
  private enum Process: String, CaseIterable {
    case poisson, gamma, weibull, constant, burst, instants
    case onOff = "on-off"
    case diurnal, spikes
    case closedLoop = "closed-loop"
  }

  /// Processes that may be the base of spikes: those with a rate.
  private enum BaseProcess: String, CaseIterable {
    case poisson, gamma, weibull, constant
    case onOff = "on-off"
    case diurnal
  }

  /// Gaps, and how the rate of the clock that counts them varies.
  private struct OpenProcess {
    var gapSeconds: Distribution
    /// Arrivals per second where the curve is 1.
    var rate: Double
    var curve = RateCurve()

    init(_ gapSeconds: Distribution, rate: Double, curve: RateCurve = RateCurve()) {
      self.gapSeconds = gapSeconds
      self.rate = rate
      self.curve = curve
    }
  }

  /// When a workload's requests arrive, or its sessions begin.
  func arrivals(
    _ parent: ObjectReader, workload: String?, _ surroundings: Surroundings
  ) -> ArrivalProcess? {
    guard let reader = parent.object("arrivals") else { return nil }
    let duration = surroundings.duration
    var arrivals: ArrivalProcess?
    switch reader.choice("process", kind: "an arrival process") as Process? {
    case .burst: arrivals = burst(reader, duration)
    case .instants: arrivals = instants(reader, duration)
    case .closedLoop: arrivals = closedLoop(reader)
    case nil: reader.skipAll()
    case let process?:
      var open =
        process == .spikes
        ? spikes(reader, workload: workload, duration)
        : BaseProcess(rawValue: process.rawValue).flatMap {
          base($0, reader, workload: workload, duration)
        }
      if let modulator = modulator(reader, surroundings.modulators) {
        open?.curve.modulators.append(modulator)
      }
      arrivals = open.map { self.arrivals($0, reader, duration) }
    }
    reader.finish()
    parent.keep("arrivals", .object(reader.canonical))
    return arrivals
  }

  private func arrivals(
    _ open: OpenProcess, _ reader: ObjectReader, _ duration: Nanoseconds?
  ) -> ArrivalProcess {
    if open.curve.isConstant { return .renewal(gapSeconds: open.gapSeconds) }
    if let duration {
      let seconds = Double(duration) / 1e9
      let single = open.curve.spikes.filter { $0.every == 0 }.reduce(0) {
        $0 + max(0, $1.factor - 1) * Double(min($1.duration, duration)) / 1e9
      }
      checkCount(open.rate * (open.curve.mean * seconds + single), key: "process", of: reader)
    }
    return .varying(gapSeconds: open.gapSeconds, open.curve)
  }

  private func base(
    _ process: BaseProcess, _ reader: ObjectReader, workload: String?, _ duration: Nanoseconds?
  ) -> OpenProcess? {
    switch process {
    case .onOff:
      guard let states = states(reader, factor: "rate", duration), let workload else {
        return nil
      }
      let own = Modulator(stream: "workload/" + workload + "/states", states: states)
      return OpenProcess(.exponential(mean: 1), rate: 1, curve: RateCurve(modulators: [own]))
    case .diurnal:
      return diurnal(reader, duration)
    case .poisson:
      return rate(reader, duration).map { OpenProcess(.exponential(mean: 1 / $0), rate: $0) }
    case .constant:
      return rate(reader, duration).map { OpenProcess(.constant(1 / $0), rate: $0) }
    case .gamma:
      let rate = rate(reader, duration)
      let cv = reader.number("cv", in: .from(0, to: Limit.cv))
      guard let rate, let cv else { return nil }
      return OpenProcess(.gamma(mean: 1 / rate, cv: cv), rate: rate)
    case .weibull:
      let rate = rate(reader, duration)
      guard let spread = weibullSpread(reader), let rate else { return nil }
      return OpenProcess(spread.distribution(mean: 1 / rate), rate: rate)
    }
  }

  private func rate(_ reader: ObjectReader, _ duration: Nanoseconds?) -> Double? {
    let rate = reader.number(
      "rate", in: .from(Limit.leastRate, to: Limit.rate), of: "a number of requests per second")
    if let rate, let duration {
      checkCount(rate * (Double(duration) / 1e9), key: "rate", of: reader)
    }
    return rate
  }

  /// Refuses workloads that no machine would finish.
  func checkCount(_ requests: Double, key: String, of reader: ObjectReader) {
    guard requests > Limit.requests else { return }
    reader.fault(
      key,
      .unfit(
        found: "about \(readable(requests.rounded())) requests in the duration",
        needed: "at most \(readable(Limit.requests))"))
  }

  /// A base process with times of another rate.
  private func spikes(
    _ reader: ObjectReader, workload: String?, _ duration: Nanoseconds?
  ) -> OpenProcess? {
    var open: OpenProcess?
    if let baseReader = reader.object("base") {
      let process: BaseProcess? = baseReader.choice("process", kind: "a process with a rate")
      if let process {
        open = base(process, baseReader, workload: workload, duration)
      } else {
        baseReader.skipAll()
      }
      baseReader.finish()
      reader.keep("base", .object(baseReader.canonical))
    }
    guard let readers = reader.objects("spikes", of: "spikes") else { return nil }
    let spikes = readers.map { spike($0, duration) }
    reader.keep("spikes", .array(readers.map { .object($0.canonical) }))
    open?.curve.spikes = spikes.compactMap { $0 }
    return open?.curve.spikes.count == spikes.count ? open : nil
  }

  private func spike(_ reader: ObjectReader, _ duration: Nanoseconds?) -> Spike? {
    let start = reader.time("at")
    let length = reader.time("duration", in: 1_000_000...Limit.time)
    let factor = reader.number("factor", in: .from(0, to: Limit.factor))
    let every = reader.time("every", .standard(0))
    reader.finish()
    guard let start, let length, let factor, let every else { return nil }
    if let duration { checkInside(start, of: duration) { reader.fault("at", $0) } }
    if every > 0, every < length {
      reader.fault(
        "every",
        .unfit(
          found: shortTime(every),
          needed: "0s for a spike that comes once, or at least its duration, \(shortTime(length))"))
    }
    if every > 0, let duration { checkChanges(duration / every, key: "every", of: reader) }
    return Spike(start: start, duration: length, factor: factor, every: every)
  }

  /// A rate that follows the day.
  private func diurnal(_ reader: ObjectReader, _ duration: Nanoseconds?) -> OpenProcess? {
    let rate = rate(reader, duration)
    let cv = reader.number("cv", in: .from(0, to: Limit.cv), .standard(1))
    let hourly = reader.has("hourly") ? hourly(reader) : []
    let amplitude = reader.number(
      "amplitude", in: .from(0, to: 1), reader.has("hourly") ? .standard(0) : .required)
    let period = reader.time(
      "period", in: 1_000_000_000...Limit.time, .standard(86_400_000_000_000))
    let peak = reader.time("peak", .standard(0))
    let start = reader.time("startsAt", in: 0...86_399_999_999_999, .standard(0))
    guard let rate, let cv, let hourly, let amplitude, let period, let peak, let start else {
      return nil
    }
    let gap: Distribution =
      cv == 1 ? .exponential(mean: 1 / rate) : .gamma(mean: 1 / rate, cv: cv)
    let swing = amplitude > 0 ? Swing(amplitude: amplitude, period: period, peak: peak) : nil
    return OpenProcess(
      gap, rate: rate, curve: RateCurve(swing: swing, hourly: hourly, startOfDay: start))
  }

  /// 24 factors, some of them above zero.
  private func hourly(_ reader: ObjectReader) -> [Double]? {
    let needed = "a list of 24 factors from 0 to \(readable(Limit.factor)), not all of them 0"
    return reader.read(
      "hourly", .required, needed: needed, canonical: { .array($0.map(CanonicalValue.real)) }
    ) { node in
      guard case .array(let items) = node.value, items.count == 24 else { return nil }
      let factors = items.compactMap(\.number)
      let limits = NumberLimits.from(0, to: Limit.factor)
      guard factors.count == 24, factors.allSatisfy(limits.contains),
        factors.contains(where: { $0 > 0 })
      else { return nil }
      return factors
    }
  }

  private func closedLoop(_ reader: ObjectReader) -> ArrivalProcess? {
    let clients = reader.integer("clients", in: 1...1_000_000)
    let think = timeDistribution(
      "think", of: reader, least: 0, longestSeconds: Limit.longestDraw)
    let rampUp = reader.time("rampUp", .standard(0))
    let retryAfter = reader.time(
      "retryAfter", in: 1_000_000...Limit.time, .standard(1_000_000_000))
    guard let clients, let think, let rampUp, let retryAfter else { return nil }
    return .closedLoop(
      ClosedLoop(
        clients: Int(clients), thinkSeconds: think, rampUp: rampUp, retryAfter: retryAfter))
  }
}
