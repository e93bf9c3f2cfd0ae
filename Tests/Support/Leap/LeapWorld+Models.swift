import EventKernel
import Inference
import Serving

extension LeapDraws {
  /// A model whose steps cost what one of the cost models says.
  mutating func model(_ name: String) -> ServedModel {
    switch pick(theme == .lockstep ? [0, 0, 2] : [0, 0, 0, 0, 1, 1, 2, 2, 3, 3]) {
    case 0: constant(name)
    case 1: stochastic(name)
    case 2: table(name)
    default: roofline(name)
    }
  }

  private mutating func constant(_ name: String) -> ServedModel {
    // Steps as long as the tick, whoever is in them.
    if theme == .lockstep, chance(0.7) { return Models.constant(name, base: step) }
    // Prefills that take no time, beside decodes that do.
    if theme == .lockstep, chance(0.5) {
      return Models.constant(name, base: 0, perDecodeSequence: step)
    }
    return Models.constant(
      name, base: step, perPrefillToken: pick([0, step / 50, step / 47 + 1]),
      perDecodeSequence: pick([0, 0, step / 30]), communication: pick([0, step / 5, 200_003]),
      host: pick([0, 0, step / 20]), context: pick([10_000, 10_000, 10_000, 120]))
  }

  private mutating func stochastic(_ name: String) -> ServedModel {
    let mean = seconds(step)
    let some = ValueTable(values: [0, mean, 2 * mean], weights: [1, 2, 1])
    return Models.stochastic(
      name, seconds: pick([.exponential(mean: mean), .lognormal(mean: mean, cv: 1), .table(some)]),
      perStage: chance(0.4), host: pick([0, step / 20]))
  }

  /// Measured times of every kind of stage that the plans have, with a dip where tiles fit.
  private mutating func table(_ name: String) -> ServedModel {
    let hops: [(Int, Nanoseconds)] = pick([
      [], [], [(1, 5), (64, 30)], [(1, 2), (8, 90), (64, 400)],
    ])
    let context = pick([0, step / 400])
    let host = pick([0, step / 20])
    let stages = [1, 2, 4].flatMap { tensor in
      (1...8).map { layers in
        self.stage(
          tensor: tensor, layers: layers, hops: hops, nanosecondsPerContextToken: context)
      }
    }
    return ServedModel(
      name: name, architecture: Models.architecture(),
      cost: .table(
        TableCost(stages: stages, fit: pick([.asMeasured, .monotone]), hostNanoseconds: host)))
  }

  private func stage(
    tensor: Int, layers: Int, hops: [(Int, Nanoseconds)], nanosecondsPerContextToken: Nanoseconds
  ) -> TableCost.Stage {
    let share = step * Nanoseconds(layers) / Nanoseconds(8 * tensor)
    func points(_ shares: [(Int, Nanoseconds)]) -> [TableCost.Point] {
      shares.map { TableCost.Point($0.0, share * $0.1 / 100) }
    }
    return TableCost.Stage(
      tensor: tensor, layers: layers,
      decode: points([(1, 100), (8, 120), (16, 110), (64, 210)]),
      prefill: points([(1, 100), (64, 300)]), mixed: points([(4, 20), (16, 60)]),
      contextTokens: 20, nanosecondsPerContextToken: nanosecondsPerContextToken,
      allReduce: points([(1, 2), (64, 5)]), hop: points(hops))
  }

  /// A model by the figures of its GPU: dense, with windows short enough to be crossed, or with
  /// experts.
  private mutating func roofline(_ name: String) -> ServedModel {
    var architecture = Models.architecture()
    switch pick([0, 1, 1, 2]) {
    case 0: break
    case 1:
      architecture.slidingWindow = SlidingWindow(
        tokens: pick([8, 30, 64]), layers: pick([.all, LayerPattern(period: 2)]))
    default:
      architecture.experts = Experts(
        count: 8, perToken: 2, width: 256, layers: pick([.all, .from(2)]))
    }
    let host = pick([0, step / 10])
    var cost = RooflineCost(
      hostNanosecondsPerStep: host, hostNanosecondsPerSampling: host / 2,
      hostNanosecondsPerSequence: pick([0, 1_100]), communicationFactor: pick([0, 1]))
    cost.hidesHost = pick([false, true])
    cost.launchNanosecondsPerKernel = pick([0, step / 100])
    return ServedModel(name: name, architecture: architecture, cost: .roofline(cost))
  }
}
