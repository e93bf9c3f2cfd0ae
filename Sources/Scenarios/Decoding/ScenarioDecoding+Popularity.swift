import EventKernel
import JSON
import Workload

extension ScenarioDecoding {
  /// How the models of a workload share its requests, by the word that scenarios use.
  private enum Shares: String, CaseIterable {
    case zipf, equal, shares, clients
  }

  /// Whether bursts reach all models together.
  private enum Demand: String, CaseIterable {
    case joint, independent
  }

  /// Which of the scenario's models a workload's requests ask for; nil when that is unfit, which is
  /// told.
  func popularity(_ workload: ObjectReader, models: [Model]) -> ModelPopularity? {
    guard let reader = workload.object("models") else { return nil }
    let chosen = chosenModels(reader, among: models)
    let word: Shares? = reader.choice("popularity", .standard(.zipf), kind: "a popularity")
    let demand: Demand? = reader.choice("demand", .standard(.joint), kind: "a kind of demand")
    let weights = word.flatMap { self.weights($0, reader, count: chosen?.count) }
    let hasWave = reader.has("wave")
    let wave = hasWave ? self.wave(reader) : nil
    reader.finish()
    workload.keep("models", .object(reader.canonical))
    guard let chosen, let word, let demand, let weights, !hasWave || wave != nil else { return nil }
    if word == .clients {
      for key in ["demand", "wave"] where reader.has(key) && (key == "wave" || demand != .joint) {
        reader.fault(
          key,
          .unfit(
            found: "\"popularity\": \"clients\" beside it",
            needed: "to be left out, for each client's own requests say when it asks"))
        return nil
      }
    }
    return ModelPopularity(
      models: chosen, weights: weights,
      choice: word == .clients ? .byClient : demand == .joint ? .drawn : .independent, wave: wave)
  }

  /// Indices of the models named, in the order of their names; all models where none is.
  private func chosenModels(_ reader: ObjectReader, among models: [Model]) -> [Int32]? {
    let all = models.flatMap(\.copies)
    guard reader.has("names") else { return all.map { Int32($0.index) } }
    guard let items = reader.list("names", of: "models", atMost: Limit.models) else { return nil }
    var chosen: [Int32] = []
    var names: [Int32: String] = [:]
    for item in items {
      guard case .string(let name) = item.node.value else {
        faults.add(
          .unfit(found: item.node.found, needed: "a model's name"), at: item.path,
          from: item.node.origin)
        return nil
      }
      let group = models.first { $0.name == name }
      let found = group?.copies ?? all.filter { $0.name == name }
      if found.isEmpty {
        let known = models.compactMap(\.name)
        faults.add(
          .unknownName(
            found: name, kind: "a model of the scenario",
            suggestion: suggestion(for: name, among: known), known: known),
          at: item.path, from: item.node.origin)
        return nil
      }
      if let earlier = found.compactMap({ names[Int32($0.index)] }).first {
        let written = "\"\(shortened(name))\" "
        faults.add(
          .unfit(
            found: written + (earlier == name ? "twice" : "beside \"\(shortened(earlier))\""),
            needed: "each model once"), at: item.path, from: item.node.origin)
        return nil
      }
      for model in found {
        chosen.append(Int32(model.index))
        names[Int32(model.index)] = name
      }
    }
    reader.keep("names", .array(items.compactMap(\.node.ownText).map(CanonicalValue.string)))
    return chosen
  }

  /// The weight of each model, in order.
  private func weights(_ shares: Shares, _ reader: ObjectReader, count: Int?) -> [Double]? {
    guard let count else {
      _ = (reader.value("exponent"), reader.value("shares"))
      return nil
    }
    switch shares {
    case .equal, .clients: return Array(repeating: 1, count: count)
    case .zipf:
      return reader.number("exponent", in: .from(0, to: 10), .standard(1)).map {
        ModelPopularity.zipfWeights(count, exponent: $0)
      }
    case .shares:
      let needed =
        "a list of \(counted(count, "number")), one for each model, not below 0 and not all 0"
      return reader.read(
        "shares", .required, needed: needed,
        canonical: { .array($0.map(CanonicalValue.real)) }
      ) { node in
        guard case .array(let items) = node.value, items.count == count else { return nil }
        let weights = items.compactMap(\.number)
        let limits = NumberLimits.from(0, to: Limit.factor)
        guard weights.count == count, weights.allSatisfy(limits.contains),
          weights.contains(where: { $0 > 0 })
        else { return nil }
        return weights
      }
    }
  }

  private func wave(_ parent: ObjectReader) -> DemandWave? {
    guard let reader = parent.object("wave") else { return nil }
    let amplitude = reader.number("amplitude", in: .positive(atMost: 1))
    let period = reader.time("period", in: 1_000_000_000...Limit.time)
    reader.finish()
    parent.keep("wave", .object(reader.canonical))
    guard let amplitude, let period else { return nil }
    return DemandWave(amplitude: amplitude, period: period)
  }

  /// Tells popularity that does not go with the traffic.
  func checkPopularity(
    _ popularity: ModelPopularity, of reader: ObjectReader, _ traffic: TrafficSpecification,
    hasClients: Bool
  ) {
    switch popularity.choice {
    case .byClient where !hasClients:
      reader.fault(
        "models",
        .unfit(
          found: "\"popularity\": \"clients\" for requests that name no client or conversation",
          needed: "ServeGen client data, a trace with sessions, \"sessions\" or closed-loop "
            + "arrivals"))
    case .independent:
      guard case .drawn(let drawn) = traffic else {
        reader.fault(
          "models",
          .unfit(
            found: "\"demand\": \"independent\" beside a trace",
            needed: "\"joint\", for a trace has one line of arrivals"))
        return
      }
      if popularity.isFit(for: drawn.arrivals) { return }
      var calm = popularity
      calm.wave = nil
      guard calm.isFit(for: drawn.arrivals) else {
        reader.fault(
          "models",
          .unfit(
            found: "\"demand\": \"independent\" for arrivals without a rate of their own",
            needed: "poisson, gamma, weibull, constant, on-off or spikes, or \"joint\""))
        return
      }
      reader.fault(
        "models",
        .unfit(
          found: "a wave beside arrivals that swing already",
          needed: "one of the two: no wave, or arrivals without a swing"))
    case .drawn where popularity.wave != nil && hasClients:
      reader.fault(
        "models",
        .unfit(
          found: "a wave over conversations, each of which keeps its model",
          needed: "\"demand\": \"independent\", or no wave"))
    case .drawn, .byClient: break
    }
  }
}

extension JSONNode {
  /// What it says where it is a text.
  var ownText: String? {
    if case .string(let text) = value { text } else { nil }
  }
}
