import Hardware
import Inference
import Testing

@Suite("Given and measured step times")
struct GivenCostTests {
  let model = Shapes.catalogue("llama-3.1-70b")

  @Test("Stages of a constant model take exact shares that add up to the whole")
  func constantShares() throws {
    let cost = CostModel.constant(
      ConstantCost(
        baseNanoseconds: 8_000_000, nanosecondsPerPrefillToken: 800,
        nanosecondsPerDecodeSequence: 1_600))
    let shape = BatchShape(tokens: 110, prefillTokens: 100, decodeSequences: 10)
    let whole = Int64(8_000_000 + 100 * 800 + 10 * 1_600)
    for stages in [1, 2, 4, 5, 8] {
      let plan = Shapes.even(1, stages, model)
      let parts = try (0..<stages).map { stage in
        try Shapes.pieces(cost, model, plan, stage: stage).cost(shape).total
      }
      #expect(parts.reduce(0, +) == whole, "\(stages)")
    }
    let sharded = try Shapes.pieces(cost, model, Shapes.even(4, 1, model)).cost(shape)
    #expect(sharded.total == whole / 4)
    #expect(sharded.compute == sharded.total)
  }

  @Test("A share is rounded half up once")
  func rounding() throws {
    func total(_ nanoseconds: Int64, _ tensor: Int, efficiency: Double = 1) throws -> Int64 {
      let cost = ConstantCost(baseNanoseconds: nanoseconds, tensorEfficiency: efficiency)
      let plan = Shapes.even(tensor, 1, model)
      return try Shapes.pieces(.constant(cost), model, plan).cost(BatchShape(tokens: 1)).total
    }
    #expect(try total(5, 2) == 3)
    #expect(try total(4, 8) == 1)
    #expect(try total(3, 8) == 0)
    #expect(try total(9, 2, efficiency: 0.9) == 5)
    #expect(try total(900, 2, efficiency: 0.9) == 500)
    #expect(try total(900, 1, efficiency: 0.5) == 900)
    #expect(try total(1_000_000_000_000, 8, efficiency: 0.1234) == 1_012_965_964_344)
  }

  @Test("Given communication is paid under TP only, by layers; host by every stage")
  func constantParts() throws {
    let cost = CostModel.constant(
      ConstantCost(
        baseNanoseconds: 1_000, communicationNanoseconds: 80, hostNanoseconds: 11))
    let shape = BatchShape(tokens: 1)
    let hybrid = try Shapes.pieces(cost, model, Shapes.even(2, 2, model)).cost(shape)
    #expect(hybrid == StepCost(total: 250 + 40 + 11, tensorCommunication: 40, host: 11))
    #expect(hybrid.compute == 250)
    let single = try Shapes.pieces(cost, model, Shapes.even(1, 1, model)).cost(shape)
    #expect(single == StepCost(total: 1_011, host: 11))
  }

  @Test("A drawn time is shared out by layers and shards")
  func stochasticShares() throws {
    let cost = CostModel.stochastic(StochasticCost(hostNanoseconds: 3))
    let shape = BatchShape(tokens: 5, drawnNanoseconds: 400_000_001)
    let plan = Shapes.even(2, 4, model)
    for stage in 0..<4 {
      let step = try Shapes.pieces(cost, model, plan, stage: stage).cost(shape)
      #expect(step == StepCost(total: 50_000_003, host: 3))
    }
  }

  @Test("Figures the arithmetic cannot hold are refused by name")
  func refusals() {
    let plan = Shapes.even(1, 1, model)
    #expect(throws: StepPiecesFault.figureOutOfRange(name: "the base time", nanoseconds: -1)) {
      _ = try Shapes.pieces(.constant(ConstantCost(baseNanoseconds: -1)), model, plan)
    }
    #expect(throws: StepPiecesFault.factorOutOfRange(name: "the tensor efficiency", value: 0)) {
      _ = try Shapes.pieces(.stochastic(StochasticCost(tensorEfficiency: 0)), model, plan)
    }
    #expect(throws: StepPiecesFault.noSuchStage(stage: 1, stages: 1)) {
      _ = try Shapes.pieces(.stochastic(StochasticCost()), model, plan, stage: 1)
    }
    #expect(
      throws: StepPiecesFault.notMeasured(tensor: 1, layers: 80, measured: ["40 layers on 2"])
    ) {
      let stage = TableCost.Stage(tensor: 2, layers: 40, decode: [.init(1, 1)], prefill: [])
      _ = try Shapes.pieces(.table(TableCost(stages: [stage])), model, plan)
    }
    #expect(throws: StepPiecesFault.emptyCurve(tensor: 1, layers: 80, curve: "prefill")) {
      let stage = TableCost.Stage(tensor: 1, layers: 80, decode: [.init(1, 1)], prefill: [])
      _ = try Shapes.pieces(.table(TableCost(stages: [stage])), model, plan)
    }
  }
}

/// Stage times of Vidur on A100 (the simulator's own predictor, sampled at these batches).
@Suite("A measured table")
struct MeasuredTableTests {
  struct Card: Sendable {
    let label: String
    let tensor: Int
    let layers: Int
    let prefill: [(Int, Double)]
    let decode: [(Int, Double)]
    let mixed: [(prefill: Int, decode: Int, milliseconds: Double)]
    let allReduce: [(Int, Double)]
  }

  static let decodeCounts = [1, 8, 16, 32, 64, 128]

  static func card(
    _ label: String, _ tensor: Int, _ layers: Int, prefill: (Double, Double), decode: [Double],
    mixed: (Double, Double), allReduce: (Double, Double)?
  ) -> Card {
    Card(
      label: label, tensor: tensor, layers: layers,
      prefill: [(64, prefill.1), (512, prefill.0)],
      decode: Array(zip(decodeCounts, decode)),
      mixed: [(496, 16, mixed.0), (448, 64, mixed.1)],
      allReduce: allReduce.map { [(16, $0.1), (512, $0.0)] } ?? [])
  }

  static let cards = [
    card(
      "A", 1, 32, prefill: (37.35, 11.73), decode: [11.01, 11.66, 12.64, 13.50, 16.47, 21.78],
      mixed: (39.88, 42.27), allReduce: nil),
    card(
      "B", 2, 40, prefill: (99.44, 31.52), decode: [29.45, 29.86, 29.38, 31.68, 34.18, 42.57],
      mixed: (101.01, 102.32), allReduce: (0.115, 0.057)),
    card(
      "E", 4, 40, prefill: (58.62, 20.59), decode: [19.48, 19.68, 20.33, 17.43, 21.92, 25.18],
      mixed: (59.41, 60.07), allReduce: (0.147, 0.082)),
    card(
      "F", 8, 80, prefill: (81.26, 28.65), decode: [23.60, 23.75, 25.12, 24.01, 29.98, 35.95],
      mixed: (82.04, 82.70), allReduce: (0.175, 0.061)),
  ]

  static func nanoseconds(_ milliseconds: Double) -> Int64 { Int64((milliseconds * 1e6).rounded()) }

  /// The card as a table: what decodes add is what the mixed batches take beyond their prefill.
  static func table(_ card: Card, fit: TableCost.Fit = .asMeasured) -> TableCost {
    let points: ([(Int, Double)]) -> [TableCost.Point] = { pairs in
      pairs.map { TableCost.Point($0.0, nanoseconds($0.1)) }
    }
    let steps = card.mixed.map { batch in
      TableCost.MixedStep(
        prefillTokens: batch.prefill, decodeSequences: batch.decode,
        nanoseconds: nanoseconds(batch.milliseconds))
    }
    let prefill = points(card.prefill)
    let stage = TableCost.Stage(
      tensor: card.tensor, layers: card.layers, decode: points(card.decode),
      prefill: prefill, mixed: steps.added(to: prefill), allReduce: points(card.allReduce),
      hop: [TableCost.Point(16, 17_000), TableCost.Point(512, 37_000)])
    return TableCost(stages: [stage], fit: fit)
  }

  static func pieces(_ card: Card, fit: TableCost.Fit = .asMeasured) throws -> StepPieces {
    var model = Shapes.catalogue(card.label == "A" ? "llama-3.1-8b" : "llama-2-70b")
    model.layers = card.layers
    return try Shapes.pieces(
      .table(table(card, fit: fit)), model, Shapes.even(card.tensor, 1, model), gpu: .a100SXM,
      maxBatchedTokens: 512)
  }

  @Test("A table gives back its own points to the nanosecond", arguments: cards)
  func points(card: Card) throws {
    let pieces = try Self.pieces(card)
    for (sequences, milliseconds) in card.decode {
      let step = pieces.cost(.decode(sequences: sequences, contextTokens: 544 * sequences))
      #expect(step.total == Self.nanoseconds(milliseconds), "\(card.label) decode \(sequences)")
    }
    for (tokens, milliseconds) in card.prefill {
      let step = pieces.cost(.prefill(chunk: tokens))
      #expect(step.total == Self.nanoseconds(milliseconds), "\(card.label) prefill \(tokens)")
    }
    for batch in card.mixed {
      var shape = BatchShape.prefill(chunk: batch.prefill)
      for _ in 0..<batch.decode { shape.addDecode(context: 544) }
      let total = pieces.cost(shape).total
      // What decodes add is a difference, rounded when the table is written.
      #expect(abs(total - Self.nanoseconds(batch.milliseconds)) <= 1, "\(card.label) \(batch)")
    }
  }

  @Test("A table's all-reduces lie inside its step times", arguments: cards)
  func communication(card: Card) throws {
    let pieces = try Self.pieces(card)
    let decode = pieces.cost(.decode(sequences: 16, contextTokens: 16))
    let prefill = pieces.cost(.prefill(chunk: 512))
    let expected = card.allReduce.map { Self.nanoseconds($0.1) * 2 * Int64(card.layers) }
    #expect(decode.tensorCommunication == expected.first ?? 0)
    #expect(prefill.tensorCommunication == expected.last ?? 0)
    #expect(decode.compute + decode.tensorCommunication == decode.total)
  }

  @Test("Context beyond the measured one adds by the token, and less context saves as much")
  func context() throws {
    var table = Self.table(Self.cards[0])
    table.stages[0].contextTokens = 544
    table.stages[0].nanosecondsPerContextToken = 87
    let model = Shapes.catalogue("llama-3.1-8b")
    let pieces = try Shapes.pieces(
      .table(table), model, Shapes.even(1, 1, model), gpu: .a100SXM, maxBatchedTokens: 512)
    let at544 = pieces.cost(.decode(sequences: 16, contextTokens: 16 * 544)).total
    #expect(at544 == 12_640_000)
    let longer = pieces.cost(.decode(sequences: 16, contextTokens: 16 * 544 + 1_000)).total
    #expect(longer == 12_640_000 + 87_000)
    let shorter = pieces.cost(.decode(sequences: 16, contextTokens: 16 * 544 - 1_000)).total
    #expect(shorter == 12_640_000 - 87_000)
    var mixed = BatchShape.prefill(chunk: 496)
    for _ in 0..<16 { mixed.addDecode(context: 644) }
    #expect(abs(pieces.cost(mixed).total - (39_880_000 + 16 * 100 * 87)) <= 1)
  }

  @Test("The monotone fit never falls and pools the measured dip", arguments: cards)
  func monotoneFit(card: Card) throws {
    let pieces = try Self.pieces(card, fit: .monotone)
    var last: Int64 = 0
    for sequences in 1...200 {
      let total = pieces.cost(.decode(sequences: sequences, contextTokens: 0)).total
      #expect(total >= last)
      last = total
    }
    if card.label == "E" {
      let pooled = (19.48 + 19.68 + 20.33 + 17.43) / 4
      let at32 = pieces.cost(.decode(sequences: 32, contextTokens: 0)).total
      #expect(abs(at32 - Self.nanoseconds(pooled)) <= 1)
    }
  }

  @Test("A prefill never makes a step shorter than its decodes alone", arguments: cards)
  func interference(card: Card) throws {
    let pieces = try Self.pieces(card)
    for prefill in stride(from: 1, through: 512, by: 7) {
      for sequences in [0, 1, 16, 100] {
        var shape = BatchShape.prefill(chunk: prefill)
        for _ in 0..<sequences { shape.addDecode(context: 100) }
        #expect(pieces.cost(shape).total >= pieces.cost(shape.withoutPrefill).total)
      }
    }
  }

  @Test("Measured hops override the links, at their points and between them")
  func measuredHops() throws {
    let card = Self.cards[1]
    let model = Shapes.catalogue("llama-2-70b")
    let hop = HopPieces(
      cost: .table(Self.table(card)), model: model, plan: Shapes.even(2, 2, model), stage: 0,
      gpu: .a100SXM, fabric: .nvlink, maxBatchedTokens: 512)
    #expect(hop.price(tokens: 16, bandwidthBytesPerSecond: 1) == 17_000)
    #expect(hop.price(tokens: 512, bandwidthBytesPerSecond: 1) == 37_000)
    #expect(hop.price(tokens: 264, bandwidthBytesPerSecond: 1) == 27_000)
  }

  @Test("A hop without measurements is latency and bytes over bandwidth, rounded half up")
  func pricedHops() {
    let model = Shapes.catalogue("llama-3.1-70b")
    let hop = HopPieces(
      cost: .roofline(RooflineCost()), model: model, plan: Shapes.even(1, 2, model), stage: 0,
      gpu: .h100SXM, fabric: .nvlink)
    #expect(hop.terms.bytesPerToken == 32 << 10)
    #expect(hopBytes(tokens: 3, model: model) == 3 * 32 << 10)
    #expect(hop.price(tokens: 0, bandwidthBytesPerSecond: 342e9) == 6_000)
    #expect(hop.price(tokens: 1_000_000, bandwidthBytesPerSecond: 32_768) == 1_000_000_000_006_000)
    #expect(hop.price(tokens: 1, bandwidthBytesPerSecond: 65_536e9) == 6_001)
    #expect(hop.price(tokens: 1, bandwidthBytesPerSecond: 0) > 1_000_000_000_000_000)
  }
}
