import EventKernel
import Inference
import JSON
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
    let asked = askedModels(reader, surroundings.models)
    var traffic: Traffic?
    if isServeGen(reader) {
      traffic = serveGenTraffic(
        reader, name: name, duration: surroundings.duration,
        namesClients: asked?.popularity?.choice == .byClient)
    } else if reader.has("trace") {
      traffic = recordedTraffic(reader, name: name, trace, surroundings)
    } else {
      traffic = drawnTraffic(
        reader, name: name, context: asked?.contextTokens, popularity: asked?.popularity,
        surroundings)
    }
    let tenant = reader.name("tenant", name.map { .standard($0) } ?? .optional)
    let priority = reader.name("priority", .standard("interactive"))
    let objective = objective(reader)
    reader.finish()
    guard let name, let asked, let asks = traffic, let priority else { return nil }
    let hasSessions = trace?.hasSessions ?? asks.specification.hasSessions
    if let popularity = asked.popularity {
      checkPopularity(
        popularity, of: reader, asks.specification, hasClients: hasSessions || isServeGen(reader))
      if case .recorded = asks.specification {
        traffic?.source =
          popularity.choice == .independent
          ? asks.source : ModelChoice(name: name, source: asks.source, popularity: popularity)
      }
    }
    guard let traffic else { return nil }
    return DecodedWorkload(
      specification: WorkloadSpecification(
        name: name, tenant: tenant, model: asked.model, priority: priority,
        traffic: traffic.specification, objective: objective, popularity: asked.popularity),
      source: traffic.source, hasSessions: hasSessions)
  }

  /// What a workload sends, and the source that sends it.
  struct Traffic {
    var specification: TrafficSpecification
    var source: any RequestSource
  }

  /// The requests that distributions describe; `context` is the model's.
  private func drawnTraffic(
    _ reader: ObjectReader, name: String?, context: Int?, popularity: ModelPopularity?,
    _ surroundings: Surroundings
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
      source: DrawnRequests.source(
        name: name, traffic: traffic,
        popularity: popularity.flatMap { $0.isFit(for: arrivals) ? $0 : nil },
        duration: duration))
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

  /// The models that a workload's requests ask for.
  private struct AskedModels {
    /// Of several the most popular.
    var model: Int
    var popularity: ModelPopularity?
    /// The shortest of their contexts, in tokens.
    var contextTokens: Int
  }

  /// The models of `model` or `models`; the only model there is may be left out.
  private func askedModels(_ reader: ObjectReader, _ models: [Model]?) -> AskedModels? {
    // A model whose own name is unfit must not make its workloads' names look wrong too.
    guard let models, models.allSatisfy({ $0.model != nil }) else {
      _ = reader.name("model", .optional)
      _ = reader.value("models")
      return nil
    }
    guard reader.has("models") else { return askedModel(reader, models) }
    if reader.has("model") {
      reader.fault("model", .unfit(found: "\"models\" beside it", needed: "one of the two"))
    }
    guard let popularity = popularity(reader, models: models) else { return nil }
    let contexts = models.compactMap { model -> Int? in
      let isAsked = popularity.models.contains { index in
        model.first..<model.first + model.count ~= Int(index)
      }
      return isAsked ? model.model?.architecture.maxContextTokens : nil
    }
    return AskedModels(
      model: Int(popularity.models[0]), popularity: popularity, contextTokens: contexts.min() ?? 0)
  }

  private func askedModel(_ reader: ObjectReader, _ models: [Model]) -> AskedModels? {
    let all = models.flatMap(\.copies)
    // A name that stands twice is told with the models.
    let names = all.map(\.name).reduce(into: [String]()) { names, name in
      if !names.contains(name) { names.append(name) }
    }
    if let group = models.first(where: { $0.count > 1 }), let name = group.name,
      models.count == 1 && !reader.has("model") || reader.value("model")?.node.ownText == name
    {
      reader.fault(
        "model",
        .unfit(
          found: "\"\(name)\", of which there are \(grouped(group.count))",
          needed: "one of them, such as \"\(name)-1\", or \"models\" for requests to several"))
      return nil
    }
    let presence: Presence<String> = names.count == 1 ? .standard(names[0]) : .required
    let name = reader.choice(
      "model", among: names, presence, kind: "a model of the scenario")
    guard let index = name.flatMap({ name in all.first { $0.name == name } })?.index,
      let entry = models.last(where: { $0.first <= index })?.model
    else { return nil }
    return AskedModels(model: index, contextTokens: entry.architecture.maxContextTokens)
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
