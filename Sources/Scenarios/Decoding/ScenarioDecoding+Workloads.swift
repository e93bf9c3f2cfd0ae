import EventKernel
import Inference
import Serving
import Workload

/// A workload and its requests.
struct DecodedWorkload {
  var specification: WorkloadSpecification
  var source: any RequestSource
  /// Whether requests of it belong to conversations or clients.
  var hasSessions = false
}

extension ScenarioDecoding {
  /// What workloads may refer to.
  struct Surroundings {
    /// The scenario's models, nil where they are unfit.
    var models: [Model]?
    /// The scenario's modulators by name, nil where they are unfit.
    var modulators: [Modulator]?
    /// Each workload's trace, nil where it has none or an unfit one.
    var traces: [WorkloadTrace?]
    var duration: Nanoseconds?
  }

  /// The workloads.
  func workloads(_ root: ObjectReader, _ surroundings: Surroundings) -> [DecodedWorkload]? {
    guard let readers = root.objects("workloads", of: "workloads") else { return nil }
    let workloads = zip(readers, surroundings.traces).map {
      workload($0, trace: $1, surroundings)
    }
    checkNames(readers)
    root.keep("workloads", .array(readers.map { .object($0.canonical) }))
    let whole = workloads.compactMap { $0 }
    return whole.count == workloads.count ? whole : nil
  }

  private func workload(
    _ reader: ObjectReader, trace: WorkloadTrace?, _ surroundings: Surroundings
  ) -> DecodedWorkload? {
    let name = reader.name("name")
    let model = model(reader, models: surroundings.models?.map { $0.model?.name })
    let traffic: Traffic?
    if isServeGen(reader) {
      traffic = serveGenTraffic(reader, name: name, duration: surroundings.duration)
    } else if reader.has("trace") {
      traffic = recordedTraffic(reader, name: name, trace, surroundings)
    } else {
      let context = model.flatMap { surroundings.models?[$0].model?.architecture.maxContextTokens }
      traffic = drawnTraffic(reader, name: name, context: context, surroundings)
    }
    let tenant = reader.name("tenant", name.map { .standard($0) } ?? .optional)
    let priority = reader.name("priority", .standard("interactive"))
    let objective = objective(reader)
    reader.finish()
    guard let name, let model, let traffic, let priority else { return nil }
    return DecodedWorkload(
      specification: WorkloadSpecification(
        name: name, tenant: tenant, model: model, priority: priority,
        traffic: traffic.specification, objective: objective),
      source: traffic.source,
      hasSessions: trace?.hasSessions ?? traffic.specification.hasSessions)
  }

  /// What a workload sends, and the source that sends it.
  struct Traffic {
    var specification: TrafficSpecification
    var source: any RequestSource
  }

  /// The requests that distributions describe; `context` is the model's.
  private func drawnTraffic(
    _ reader: ObjectReader, name: String?, context: Int?, _ surroundings: Surroundings
  ) -> Traffic? {
    let arrivals = arrivals(reader, workload: name, surroundings)
    let lengths = requestLengths(reader)
    let sessions = reader.object("sessions", .optional).map {
      self.sessions($0, of: reader, context: context)
    }
    guard let name, let arrivals, let lengths, let duration = surroundings.duration else {
      return nil
    }
    // Sessions that are there and unfit.
    if case .some(.none) = sessions { return nil }
    let traffic = DrawnTraffic(
      arrivals: arrivals, lengths: lengths, sessions: sessions.flatMap { $0 })
    return Traffic(
      specification: .drawn(traffic),
      source: DrawnRequests(name: name, traffic: traffic, duration: duration))
  }

  private func sessions(
    _ reader: ObjectReader, of parent: ObjectReader, context: Int?
  ) -> SessionSpecification? {
    let turns = lengths("turns", of: reader, in: "turns")
    let think = timeDistribution(
      "think", of: reader, least: 0, longestSeconds: Limit.longestDraw)
    let hasFollowUp = reader.has("followUp")
    let followUp = hasFollowUp ? lengths("followUp", of: reader) : nil
    let limits: ClosedRange<Int64> = 1...Int64(Limit.tokens)
    let system = reader.integer("systemPrompt", in: 0...Int64(Limit.tokens), .standard(0))
    let limit = reader.integer(
      "contextLimit", in: limits, context.map { .standard(Int64($0)) } ?? .optional)
    reader.finish()
    parent.keep("sessions", .object(reader.canonical))
    guard let turns, let think, let system, let limit, !hasFollowUp || followUp != nil else {
      return nil
    }
    return SessionSpecification(
      turns: turns, thinkSeconds: think, followUp: followUp, systemPrompt: Int32(system),
      contextLimit: Int32(limit))
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
}

extension TrafficSpecification {
  /// Whether what is drawn belongs to conversations or clients.
  fileprivate var hasSessions: Bool {
    guard case .drawn(let drawn) = self else { return false }
    if case .closedLoop = drawn.arrivals { return true }
    return drawn.sessions != nil
  }
}
