import Inference
import JSON

extension ScenarioDecoding {
  /// A model's shape by the scenario's own keys: what `config` is stored as.
  func shape(_ model: ObjectReader, name: String) -> ModelArchitecture? {
    guard let reader = model.object("shape") else { return nil }
    let sizes = sizes(reader)
    let feedForward: FeedForward? = reader.choice(
      "feedForward", .standard(.gated), kind: "a kind of feed-forward network")
    let norms = norms(reader)
    let biases = biases(reader)
    let positions = reader.integer("learnedPositions", in: 0...1_000_000_000, .standard(0))
    let sinks = reader.flag("attentionSinks", .standard(false))
    let parallel = reader.flag("parallelBlocks", .standard(false))
    let latent = reader.has("latentAttention") ? latentAttention(reader) : .some(nil)
    let experts = reader.has("experts") ? experts(reader) : .some(nil)
    let window = reader.has("slidingWindow") ? slidingWindow(reader) : .some(nil)
    reader.finish()
    guard var shape = sizes, let feedForward, let norms, let biases, let positions, let sinks,
      let parallel, let latent, let experts, let window
    else { return nil }
    shape.name = name
    shape.feedForward = feedForward
    shape.norms = norms
    shape.biases = biases
    shape.learnedPositions = Int(positions)
    shape.hasAttentionSinks = sinks
    shape.hasParallelBlocks = parallel
    shape.latentAttention = latent
    shape.experts = experts
    shape.slidingWindow = window
    if let latent { shape.headDimension = latent.nopeDimension + latent.ropeDimension }
    let wrong = shape.faults
    for fault in wrong { tell(fault, in: reader) }
    guard wrong.isEmpty else { return nil }
    model.keep("shape", shapeValue(shape))
    return shape
  }

  private func tell(_ fault: ShapeFault, in reader: ObjectReader) {
    let problem = ScenarioProblem.unfit(found: fault.found, needed: fault.needed)
    let keys = fault.place.shapeKeys
    if keys.count > 1, let inner = reader.object(keys[0], .optional) {
      inner.fault(keys[1], problem)
    } else {
      reader.fault(keys[0], problem)
    }
  }

  private func sizes(_ reader: ObjectReader) -> ModelArchitecture? {
    let layers = reader.integer("layers", in: 1...10_000)
    let hidden = reader.integer("hiddenSize", in: 1...1_000_000)
    let heads = reader.integer("attentionHeads", in: 1...10_000)
    let groups = reader.integer("keyValueHeads", in: 1...10_000, .standard(heads ?? 1))
    let exact = heads.flatMap { heads in hidden.flatMap { $0 % heads == 0 ? $0 / heads : nil } }
    let width = reader.integer(
      "headDimension", in: 1...20_000, exact.map { .standard($0) } ?? .required)
    let intermediate = reader.integer("intermediateSize", in: 0...1_000_000, .standard(0))
    let vocabulary = reader.integer("vocabularySize", in: 1...100_000_000)
    let isTied = reader.flag("tiedEmbeddings", .standard(false))
    let context = reader.integer("maxContextTokens", in: 1...1_000_000_000)
    guard let layers, let hidden, let heads, let groups, let width, let intermediate,
      let vocabulary, let isTied, let context
    else { return nil }
    return ModelArchitecture(
      name: "", layers: Int(layers), hiddenSize: Int(hidden), attentionHeads: Int(heads),
      keyValueHeads: Int(groups), headDimension: Int(width), intermediateSize: Int(intermediate),
      vocabularySize: Int(vocabulary), tiedEmbeddings: isTied, maxContextTokens: Int(context))
  }

  private func norms(_ reader: ObjectReader) -> Norms? {
    guard let norms = reader.object("norms", .standard(())) else { return nil }
    let kind: Norms.Kind? = norms.choice("kind", .standard(.rms), kind: "a kind of norm")
    let perLayer = norms.integer("perLayer", in: 0...16, .standard(2))
    let onEmbedding = norms.flag("onEmbedding", .standard(false))
    let onHeads = norms.flag("onQueriesAndKeys", .standard(false))
    norms.finish()
    guard let kind, let perLayer, let onEmbedding, let onHeads else { return nil }
    return Norms(
      kind: kind, perLayer: Int(perLayer), onEmbedding: onEmbedding, onQueriesAndKeys: onHeads)
  }

  private func biases(_ reader: ObjectReader) -> Biases? {
    guard reader.has("biases") else { return [] }
    let words = Biases.words.map(\.word)
    let needed = "one of " + words.joined(separator: ", ")
    guard let items = reader.list("biases", of: "products with a bias", atMost: 5) else {
      return nil
    }
    var biases: Biases = []
    var isFit = true
    for item in items {
      guard case .string(let text) = item.node.value,
        let known = Biases.words.first(where: { $0.word == text })
      else {
        faults.add(
          .unfit(found: item.node.found, needed: needed), at: item.path, from: item.node.origin)
        isFit = false
        continue
      }
      biases.insert(known.bias)
    }
    return isFit ? biases : nil
  }

  private func latentAttention(_ reader: ObjectReader) -> LatentAttention?? {
    guard let latent = reader.object("latentAttention") else { return nil }
    let queryRank = latent.integer("queryRank", in: 1...1_000_000, .optional)
    let rank = latent.integer("keyValueRank", in: 1...1_000_000)
    let nope = latent.integer("nopeDimension", in: 1...10_000)
    let rope = latent.integer("ropeDimension", in: 1...10_000)
    let value = latent.integer("valueDimension", in: 1...10_000)
    latent.finish()
    guard let rank, let nope, let rope, let value else { return nil }
    return LatentAttention(
      queryRank: queryRank.map { Int($0) }, keyValueRank: Int(rank), nopeDimension: Int(nope),
      ropeDimension: Int(rope), valueDimension: Int(value))
  }

  private func experts(_ reader: ObjectReader) -> Experts?? {
    guard let experts = reader.object("experts") else { return nil }
    let count = experts.integer("count", in: 1...1_000_000)
    let perToken = experts.integer("perToken", in: 1...1_000_000)
    let width = experts.integer("width", in: 1...1_000_000)
    let shared = experts.integer("sharedWidth", in: 0...1_000_000, .standard(0))
    let gate = experts.flag("sharedGate", .standard(false))
    let layers = pattern(experts)
    experts.finish()
    guard let count, let perToken, let width, let shared, let gate, let layers else { return nil }
    return Experts(
      count: Int(count), perToken: Int(perToken), width: Int(width), sharedWidth: Int(shared),
      hasSharedGate: gate, layers: layers)
  }

  private func slidingWindow(_ reader: ObjectReader) -> SlidingWindow?? {
    guard let window = reader.object("slidingWindow") else { return nil }
    let tokens = window.integer("tokens", in: 1...1_000_000_000)
    let layers = pattern(window)
    window.finish()
    guard let tokens, let layers else { return nil }
    return SlidingWindow(tokens: Int(tokens), layers: layers)
  }

  /// Which layers: from one on, some positions of a period; without the key all.
  private func pattern(_ reader: ObjectReader) -> LayerPattern? {
    guard let layers = reader.object("layers", .standard(())) else { return nil }
    let first = layers.integer("first", in: 0...10_000, .standard(0))
    let period = layers.integer("period", in: 1...64, .standard(1))
    var positions: UInt64? = 1
    if layers.has("positions") {
      positions = layers.list("positions", of: "positions", atMost: 64).flatMap { items in
        self.positions(items, below: period ?? 64)
      }
    }
    layers.finish()
    guard let first, let period, let positions else { return nil }
    return LayerPattern(first: Int(first), period: Int(period), positions: positions)
  }

  private func positions(_ items: [ObjectReader.Located], below period: Int64) -> UInt64? {
    var bits: UInt64? = 0
    for item in items {
      if let position = item.node.wholeNumber, (0..<period).contains(position) {
        bits = bits.map { $0 | 1 << UInt64(position) }
      } else {
        faults.add(
          .unfit(found: item.node.found, needed: ObjectReader.wholeNumber(in: 0...period - 1)),
          at: item.path, from: item.node.origin)
        bits = nil
      }
    }
    return bits
  }
}
