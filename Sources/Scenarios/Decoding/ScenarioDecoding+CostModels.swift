import EventKernel
import Inference
import JSON

extension ScenarioDecoding {
  /// What a step costs, and for drawn costs from what.
  struct Cost {
    var model: CostModel
    var stepSeconds: Distribution?
  }

  /// The cost models by the word that scenarios use.
  private enum CostPolicy: String, CaseIterable {
    case roofline, constant, stochastic, table
  }

  private static let stepTimes: ClosedRange<Nanoseconds> = 0...Limit.stepTime

  /// The cost model of a model; its canonical form goes into `parent`.
  func cost(_ parent: ObjectReader) -> Cost? {
    guard let reader = parent.object("cost", .standard(())) else { return nil }
    let policy: CostPolicy? = reader.choice("policy", .standard(.roofline), kind: "a cost model")
    var cost: Cost?
    switch policy {
    case .roofline: cost = roofline(reader).map { Cost(model: .roofline($0)) }
    case .constant: cost = constant(reader).map { Cost(model: .constant($0)) }
    case .stochastic: cost = stochastic(reader)
    case .table: cost = table(reader).map { Cost(model: .table($0)) }
    case nil: reader.skipAll()
    }
    reader.finish()
    parent.keep("cost", .object(reader.canonical))
    return cost
  }

  private func roofline(_ reader: ObjectReader) -> RooflineCost? {
    let engine: RooflineCost.Engine? = reader.choice(
      "engine", .standard(.vllmV1), kind: "an engine")
    let standard = RooflineCost(engine: engine ?? .vllmV1)
    let step = reader.time(
      "hostPerStep", in: Self.stepTimes, .standard(standard.hostNanosecondsPerStep))
    let sampler = reader.time(
      "hostPerSampling", in: Self.stepTimes, .standard(standard.hostNanosecondsPerSampling))
    let sequence = reader.time(
      "hostPerSequence", in: Self.stepTimes, .standard(standard.hostNanosecondsPerSequence))
    let tensorStep = reader.time(
      "hostPerTensorStep", in: Self.stepTimes, .standard(standard.hostNanosecondsPerTensorStep))
    let hides = reader.flag("hidesHost", .standard(standard.hidesHost))
    let launch = reader.time(
      "launchPerKernel", in: Self.stepTimes, .standard(standard.launchNanosecondsPerKernel))
    let overlap = reader.number(
      "kernelOverlap", in: .from(0, to: 1), .standard(standard.kernelOverlap), of: "a share")
    let sampling: RooflineCost.Sampling? = reader.choice(
      "sampling", .standard(standard.sampling), kind: "a way of sampling")
    let compute = reader.number(
      "computeFactor", in: .from(0, to: 1_000), .standard(standard.computeFactor), of: "a factor")
    let communication = reader.number(
      "communicationFactor", in: .from(0, to: 1_000), .standard(standard.communicationFactor),
      of: "a factor")
    guard engine != nil, let step, let sampler, let sequence, let tensorStep, let hides, let launch,
      let overlap, let sampling, let compute, let communication
    else { return nil }
    var cost = RooflineCost(
      hostNanosecondsPerStep: step, hostNanosecondsPerSampling: sampler,
      hostNanosecondsPerSequence: sequence, computeFactor: compute,
      communicationFactor: communication)
    cost.hostNanosecondsPerTensorStep = tensorStep
    cost.hidesHost = hides
    cost.launchNanosecondsPerKernel = launch
    cost.kernelOverlap = overlap
    cost.sampling = sampling
    return cost
  }

  private func constant(_ reader: ObjectReader) -> ConstantCost? {
    let base = reader.time("base", in: Self.stepTimes)
    let prefill = reader.time("perPrefillToken", in: Self.stepTimes, .standard(0))
    let decode = reader.time("perDecodeSequence", in: Self.stepTimes, .standard(0))
    let communication = reader.time("communication", in: Self.stepTimes, .standard(0))
    let (host, efficiency) = sharing(reader)
    guard let base, let prefill, let decode, let communication, let host, let efficiency
    else { return nil }
    return ConstantCost(
      baseNanoseconds: base, nanosecondsPerPrefillToken: prefill,
      nanosecondsPerDecodeSequence: decode, communicationNanoseconds: communication,
      hostNanoseconds: host, tensorEfficiency: efficiency)
  }

  private func stochastic(_ reader: ObjectReader) -> Cost? {
    let step = timeDistribution("stepTime", of: reader, least: 1, longestSeconds: 1e6)
    let perStage = reader.flag("perStage", .standard(false))
    let (host, efficiency) = sharing(reader)
    guard let step, let perStage, let host, let efficiency else { return nil }
    let model = StochasticCost(
      perStage: perStage, hostNanoseconds: host, tensorEfficiency: efficiency)
    return Cost(model: .stochastic(model), stepSeconds: step)
  }

  /// What the models that share out a whole model's time have in common.
  private func sharing(_ reader: ObjectReader) -> (host: Nanoseconds?, efficiency: Double?) {
    (
      reader.time("host", in: Self.stepTimes, .standard(0)),
      reader.number(
        "tensorEfficiency", in: .from(0.001, to: 1), .standard(1), of: "a share")
    )
  }

  private func table(_ reader: ObjectReader) -> TableCost? {
    let readers = reader.objects("stages", of: "measured stages")
    let stages = readers?.map { tableStage($0) }
    if let readers { reader.keep("stages", .array(readers.map { .object($0.canonical) })) }
    let fit: TableCost.Fit? = reader.choice("fit", .standard(.asMeasured), kind: "a fit")
    let host = reader.time("host", in: Self.stepTimes, .standard(0))
    guard let stages, let fit, let host else { return nil }
    let whole = stages.compactMap { $0 }
    guard whole.count == stages.count else { return nil }
    return TableCost(stages: whole, fit: fit, hostNanoseconds: host)
  }

  private func tableStage(_ reader: ObjectReader) -> TableCost.Stage? {
    let tensor = reader.integer("tensor", in: 1...64, .standard(1))
    let layers = reader.integer("layers", in: 1...10_000)
    let decode = points("decode", of: reader, .required)
    let prefill = points("prefill", of: reader, .required)
    let mixed = mixed(reader, prefill: prefill ?? [])
    let context = reader.integer("context", in: 0...Int64(Limit.tokens), .standard(0))
    let perContextToken = reader.time("perContextToken", in: 0...1_000_000, .standard(0))
    let allReduce = points("allReduce", of: reader, .optional)
    let hop = points("hop", of: reader, .optional)
    reader.finish()
    guard let tensor, let layers, let decode, let prefill, let mixed, let context,
      let perContextToken, let allReduce, let hop
    else { return nil }
    return TableCost.Stage(
      tensor: Int(tensor), layers: Int(layers), decode: decode, prefill: prefill, mixed: mixed,
      contextTokens: Int(context), nanosecondsPerContextToken: perContextToken,
      allReduce: allReduce, hop: hop)
  }

  /// What decoding sequences add to a prefill: given as such, or by whole steps of both.
  private func mixed(_ reader: ObjectReader, prefill: [TableCost.Point]) -> [TableCost.Point]? {
    guard reader.has("mixedSteps") else { return points("mixed", of: reader, .optional) }
    if reader.has("mixed") {
      reader.fault(
        "mixed",
        .unfit(
          found: "\"mixed\" beside \"mixedSteps\"",
          needed: "one of them: the added time, or the times of whole steps"))
      return nil
    }
    guard
      let items = reader.list("mixedSteps", of: "triples [prefill, decode, time]", atMost: 10_000)
    else { return nil }
    var steps: [TableCost.MixedStep] = []
    for item in items {
      guard let step = mixedStep(item.node),
        !steps.contains(where: { $0.decodeSequences == step.decodeSequences })
      else {
        let needed = "a triple such as [496, 16, \"39.88ms\"], each number of sequences once"
        faults.add(
          .unfit(found: item.node.foundItems, needed: needed), at: item.path,
          from: item.node.origin)
        return nil
      }
      steps.append(step)
    }
    reader.keep(
      "mixedSteps",
      .array(
        steps.map {
          .array([
            .integer($0.prefillTokens), .integer($0.decodeSequences), .time($0.nanoseconds),
          ])
        }))
    return prefill.isEmpty ? [] : steps.added(to: prefill)
  }

  private func mixedStep(_ node: JSONNode) -> TableCost.MixedStep? {
    let tokens = 1...Int64(Limit.tokens)
    guard case .array(let triple) = node.value, triple.count == 3,
      let prefill = triple[0].wholeNumber, tokens.contains(prefill),
      let decode = triple[1].wholeNumber, tokens.contains(decode),
      let time = stepTime(triple[2])
    else { return nil }
    return TableCost.MixedStep(
      prefillTokens: Int(prefill), decodeSequences: Int(decode), nanoseconds: time)
  }

  /// A measured curve: pairs of a count and a time, counts ascending.
  private func points(
    _ key: String, of reader: ObjectReader, _ presence: Presence<Void>
  ) -> [TableCost.Point]? {
    if case .optional = presence, !reader.has(key) { return [] }
    guard let items = reader.list(key, of: "pairs [count, time]", atMost: 10_000) else {
      return nil
    }
    var points: [TableCost.Point] = []
    for item in items {
      guard let point = point(item.node), point.count > points.last?.count ?? -1 else {
        let needed = "a pair such as [8, \"12.5ms\"], counts ascending, times to 1,000s"
        faults.add(
          .unfit(found: item.node.foundItems, needed: needed), at: item.path,
          from: item.node.origin)
        return nil
      }
      points.append(point)
    }
    reader.keep(
      key,
      .array(points.map { .array([.integer($0.count), .time($0.nanoseconds)]) }))
    return points
  }

  private func point(_ node: JSONNode) -> TableCost.Point? {
    guard case .array(let pair) = node.value, pair.count == 2, let count = pair[0].wholeNumber,
      (0...Int64(Limit.tokens)).contains(count), let time = stepTime(pair[1])
    else { return nil }
    return TableCost.Point(Int(count), time)
  }

  private func stepTime(_ node: JSONNode) -> Nanoseconds? {
    guard case .string(let text) = node.value, let parsed = UnitFamily.time.parse(text),
      let time = scaledExactly(parsed.number, by: parsed.unit.factor),
      Self.stepTimes.contains(time)
    else { return nil }
    return time
  }
}

extension JSONNode {
  /// What was found, the items of a short list included.
  fileprivate var foundItems: String {
    guard case .array(let items) = value, !items.isEmpty, items.count <= 4 else { return found }
    return "[" + items.map(\.found).joined(separator: ", ") + "]"
  }
}
