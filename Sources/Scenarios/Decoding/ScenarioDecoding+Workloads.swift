import EventKernel
import Workload

/// A workload and its requests.
struct DecodedWorkload {
  var specification: WorkloadSpecification
  var source: any RequestSource
}

extension ScenarioDecoding {
  /// The workloads; `models` are the names they may use, nil where the models are unfit.
  func workloads(
    _ root: ObjectReader, models: [String?]?, duration: Nanoseconds?
  ) -> [DecodedWorkload]? {
    guard let readers = root.objects("workloads", of: "workloads") else { return nil }
    let workloads = readers.map { workload($0, models: models, duration: duration) }
    checkNames(readers)
    root.keep("workloads", .array(readers.map { .object($0.canonical) }))
    let whole = workloads.compactMap { $0 }
    return whole.count == workloads.count ? whole : nil
  }

  private func workload(
    _ reader: ObjectReader, models: [String?]?, duration: Nanoseconds?
  ) -> DecodedWorkload? {
    let name = reader.name("name")
    let model = model(reader, models: models)
    let traffic =
      reader.has("trace")
      ? recordedTraffic(reader) : drawnTraffic(reader, name: name, duration: duration)
    let tenant = reader.name("tenant", name.map { .standard($0) } ?? .optional)
    let priority = reader.name("priority", .standard("interactive"))
    let objective = objective(reader)
    reader.finish()
    guard let name, let model, let traffic, let priority else { return nil }
    return DecodedWorkload(
      specification: WorkloadSpecification(
        name: name, tenant: tenant, model: model, priority: priority,
        traffic: traffic.specification, objective: objective),
      source: traffic.source)
  }

  /// What a workload sends, and the source that sends it.
  struct Traffic {
    var specification: TrafficSpecification
    var source: any RequestSource
  }

  /// The requests of a trace.
  private func recordedTraffic(_ reader: ObjectReader) -> Traffic? {
    reader.fault(
      "trace",
      .unsupported(
        what: "traces are not read by this version",
        instead: "describe the traffic by \"arrivals\", \"prompt\" and \"output\""))
    reader.skipAll()
    return nil
  }

  private func drawnTraffic(
    _ reader: ObjectReader, name: String?, duration: Nanoseconds?
  ) -> Traffic? {
    let arrivals = arrivals(reader, duration: duration)
    let prompt = lengths("prompt", of: reader)
    let output = lengths("output", of: reader)
    guard let name, let arrivals, let prompt, let output else { return nil }
    let traffic = DrawnTraffic(arrivals: arrivals, prompt: prompt, output: output)
    return Traffic(
      specification: .drawn(traffic),
      source: DrawnRequests(name: name, traffic: traffic, duration: duration ?? 0))
  }

  /// The index of the workload's model; the only model there is may be left out.
  private func model(_ reader: ObjectReader, models: [String?]?) -> Int? {
    // A model whose own name is unfit must not make its workloads' names look wrong too.
    guard let models, !models.contains(nil) else {
      _ = reader.name("model", .optional)
      return nil
    }
    // A name that stands twice is told with the models.
    let names = models.compactMap { $0 }.reduce(into: [String]()) { names, name in
      if !names.contains(name) { names.append(name) }
    }
    let presence: Presence<String> = names.count == 1 ? .standard(names[0]) : .required
    let name = reader.choice(
      "model", among: names, presence, kind: "a model of the scenario")
    return name.flatMap(names.firstIndex(of:))
  }

  private func objective(_ reader: ObjectReader) -> ServiceLevelObjective? {
    guard let slo = reader.object("slo", .optional) else { return nil }
    let limits: ClosedRange<Nanoseconds> = 1_000...Limit.time
    let objective = ServiceLevelObjective(
      ttft: slo.time("ttft", in: limits, .optional), tpot: slo.time("tpot", in: limits, .optional),
      e2e: slo.time("e2e", in: limits, .optional))
    slo.finish()
    reader.keep("slo", .object(slo.canonical))
    return objective
  }

  /// The arrival processes by the word that scenarios use.
  private enum Process: String, CaseIterable {
    case poisson, gamma, constant, burst, instants
  }

  private func arrivals(_ parent: ObjectReader, duration: Nanoseconds?) -> ArrivalProcess? {
    guard let reader = parent.object("arrivals") else { return nil }
    var arrivals: ArrivalProcess?
    switch reader.choice("process", kind: "an arrival process") as Process? {
    case .poisson:
      arrivals = rate(reader, duration).map { .renewal(gapSeconds: .exponential(mean: 1 / $0)) }
    case .constant:
      arrivals = rate(reader, duration).map { .renewal(gapSeconds: .constant(1 / $0)) }
    case .gamma:
      let rate = rate(reader, duration)
      let cv = reader.number("cv", in: .from(0, to: Limit.cv))
      if let rate, let cv { arrivals = .renewal(gapSeconds: .gamma(mean: 1 / rate, cv: cv)) }
    case .burst:
      arrivals = burst(reader, duration)
    case .instants:
      arrivals = instants(reader, duration)
    case nil:
      reader.skipAll()
    }
    reader.finish()
    parent.keep("arrivals", .object(reader.canonical))
    return arrivals
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
  private func checkCount(_ requests: Double, key: String, of reader: ObjectReader) {
    guard requests > Limit.requests else { return }
    reader.fault(
      key,
      .unfit(
        found: "about \(readable(requests.rounded())) requests in the duration",
        needed: "at most \(readable(Limit.requests))"))
  }

  private func burst(_ reader: ObjectReader, _ duration: Nanoseconds?) -> ArrivalProcess? {
    let count = reader.integer("count", in: 1...1_000_000)
    let start = reader.time("at", .standard(0))
    let every = reader.time("every", .standard(0))
    guard let count, let start, let every else { return nil }
    if let duration {
      checkInside(start, of: duration) { reader.fault("at", $0) }
      let rounds = every == 0 ? 1 : Double(duration / every) + 1
      checkCount(rounds * Double(count), key: "every", of: reader)
    }
    return .burst(count: Int(count), start: start, every: every)
  }

  private func instants(_ reader: ObjectReader, _ duration: Nanoseconds?) -> ArrivalProcess? {
    guard let items = reader.list("times", of: "times", atMost: Limit.instants) else { return nil }
    var instants: [Nanoseconds] = []
    for item in items {
      guard let instant = instant(item) else { return nil }
      if let last = instants.last, instant < last {
        faults.add(
          .unfit(
            found: "\(shortTime(instant)) after \(shortTime(last))", needed: "ascending times"),
          at: item.path, from: item.node.origin)
        return nil
      }
      if let duration {
        checkInside(instant, of: duration) {
          faults.add($0, at: item.path, from: item.node.origin)
        }
      }
      instants.append(instant)
    }
    reader.keep("times", .array(instants.map { .time($0) }))
    return .instants(instants)
  }

  private func instant(_ item: ObjectReader.Located) -> Nanoseconds? {
    let problem: ScenarioProblem
    if let unfit = UnitFamily.time.problem(of: item.node) {
      problem = unfit
    } else {
      if case .string(let text) = item.node.value, let parsed = UnitFamily.time.parse(text),
        let time = scaledExactly(parsed.number, by: parsed.unit.factor), time >= 0,
        time <= Limit.time
      {
        return time
      }
      problem = .unfit(found: item.node.found, needed: ObjectReader.time(in: 0...Limit.time))
    }
    faults.add(problem, at: item.path, from: item.node.origin)
    return nil
  }

  /// Tells an arrival that would never come.
  private func checkInside(
    _ instant: Nanoseconds, of duration: Nanoseconds, tell: (ScenarioProblem) -> Void
  ) {
    guard instant >= duration else { return }
    tell(
      .unfit(
        found: shortTime(instant), needed: "a time below the duration, \(shortTime(duration))"))
  }
}
