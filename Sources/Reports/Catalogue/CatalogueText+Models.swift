public import Inference

extension CatalogueText {
  /// Every model: its size, its shape in short, what a token keeps and what its weights take.
  public static func modelsText(_ models: [CatalogueModel] = ModelCatalogue.entries) -> String {
    var table = TextTable()
    table.add(["", "parameters", "", "", "heads", "KV cache", "", "", ""])
    table.add([
      "model", "total", "active", "layers", "query/KV", "a token", "weights", "", "context",
    ])
    for entry in models {
      let model = entry.architecture
      table.add([
        model.name, billions(model.parameterCount),
        model.experts == nil ? "" : billions(model.activeParameterCount),
        String(model.layers), heads(of: model),
        FixedPoint.three(Double(model.keyValueBytesPerToken(.bf16)) / 1_024) + " KiB",
        FixedPoint.three(Double(model.weightBytes(entry.weights)) / 1e9) + " GB",
        entry.weights.rawValue, String(model.maxContextTokens),
      ])
    }
    let note =
      "Shapes: the config.json published with each model; `simpp models NAME` names it and shows"
      + " everything. KV cache in bf16, over all layers; weights in the format that a scenario"
      + " takes unless it says otherwise. Active: with the experts that one token meets."
    return (table.lines(width: 100) + WrappedText.lines(note, width: 100)).map { $0 + "\n" }
      .joined()
  }

  private static func heads(of model: ModelArchitecture) -> String {
    let groups = model.latentAttention == nil ? String(model.keyValueHeads) : "latent"
    return "\(model.attentionHeads)/\(groups)"
  }

  /// One model with everything that is known of it, and where it is from.
  public static func modelText(_ entry: CatalogueModel) -> String {
    var table = TextTable()
    for row in ModelRows.rows(of: entry) { table.add(["  " + row.name, row.value]) }
    let lines = [entry.architecture.name] + table.lines(width: 100)
    let source = WrappedText.lines(
      "source: " + entry.source, width: 100, first: "  ", indent: "    ")
    return (lines + source).map { $0 + "\n" }.joined()
  }

  private static func billions(_ count: Int64) -> String {
    FixedPoint.three(Double(count) / 1e9) + "B"
  }

  /// The same as JSON: a list of objects.
  public static func modelsJSON(_ models: [CatalogueModel] = ModelCatalogue.entries) -> String {
    JSONValue.array(models.map(modelValue)).text() + "\n"
  }

  /// One model as JSON: an object.
  public static func modelJSON(_ entry: CatalogueModel) -> String {
    modelValue(entry).text() + "\n"
  }

  private static func modelValue(_ entry: CatalogueModel) -> JSONValue {
    let model = entry.architecture
    return .object([
      ("name", .text(model.name)), ("source", .text(entry.source)),
      ("parameters", .integer(model.parameterCount)),
      ("activeParameters", .integer(model.activeParameterCount)),
      ("layers", number(model.layers)), ("hiddenSize", number(model.hiddenSize)),
      ("attentionHeads", number(model.attentionHeads)),
      ("keyValueHeads", number(model.keyValueHeads)),
      ("headDimension", number(model.headDimension)),
      ("intermediateSize", number(model.intermediateSize)),
      ("vocabularySize", number(model.vocabularySize)),
      ("tiedEmbeddings", .flag(model.tiedEmbeddings)),
      ("maxContextTokens", number(model.maxContextTokens)),
      ("feedForward", .text(model.feedForward.rawValue)),
      ("parallelBlocks", .flag(model.hasParallelBlocks)),
      ("latentAttention", model.latentAttention.map(latentValue) ?? .null),
      ("experts", model.experts.map { expertsValue($0, of: model) } ?? .null),
      ("slidingWindow", model.slidingWindow.map { windowValue($0, of: model) } ?? .null),
      ("weights", .text(entry.weights.rawValue)),
      ("weightBytes", .integer(model.weightBytes(entry.weights))),
      ("weightBytesBF16", .integer(model.weightBytes(.bf16))),
      ("keyValueBytesPerTokenBF16", .integer(model.keyValueBytesPerToken(.bf16))),
    ])
  }

  private static func number(_ value: Int) -> JSONValue { .integer(Int64(value)) }

  private static func latentValue(_ latent: LatentAttention) -> JSONValue {
    .object([
      ("queryRank", latent.queryRank.map(number) ?? .null),
      ("keyValueRank", number(latent.keyValueRank)),
      ("nopeDimension", number(latent.nopeDimension)),
      ("ropeDimension", number(latent.ropeDimension)),
      ("valueDimension", number(latent.valueDimension)),
    ])
  }

  private static func expertsValue(_ experts: Experts, of model: ModelArchitecture) -> JSONValue {
    .object([
      ("count", number(experts.count)), ("perToken", number(experts.perToken)),
      ("width", number(experts.width)), ("sharedWidth", number(experts.sharedWidth)),
      ("layers", number(model.layers - model.denseLayers)),
    ])
  }

  private static func windowValue(
    _ window: SlidingWindow, of model: ModelArchitecture
  ) -> JSONValue {
    .object([
      ("tokens", number(window.tokens)),
      ("layers", number(window.layers.count(in: 0..<model.layers))),
    ])
  }
}

/// What is known of a model, row by row.
private enum ModelRows {
  static func rows(of entry: CatalogueModel) -> [(name: String, value: String)] {
    sizes(entry.architecture) + parts(entry.architecture) + memory(entry)
  }

  private static func sizes(_ model: ModelArchitecture) -> [(name: String, value: String)] {
    var rows = [("parameters", FixedPoint.grouped(model.parameterCount))]
    if model.experts != nil {
      rows.append(("of these active", FixedPoint.grouped(model.activeParameterCount)))
    }
    rows += [
      ("layers", grouped(model.layers)), ("hidden size", grouped(model.hiddenSize)),
      ("vocabulary", grouped(model.vocabularySize)),
      ("LM head", model.tiedEmbeddings ? "the embedding" : "its own"),
      ("context", grouped(model.maxContextTokens) + " tokens"),
    ]
    return rows
  }

  private static func parts(_ model: ModelArchitecture) -> [(name: String, value: String)] {
    var rows = [("query heads", "\(grouped(model.attentionHeads)) of \(model.headDimension)")]
    if let latent = model.latentAttention {
      rows.append(("keys and values", "latent, \(latent.keyValueRank) + \(latent.ropeDimension)"))
      rows.append(("compressed queries", latent.queryRank.map(grouped) ?? "no"))
    } else {
      rows.append(("key-value heads", grouped(model.keyValueHeads)))
    }
    if let window = model.slidingWindow {
      let layers = window.layers.count(in: 0..<model.layers)
      rows.append(
        (
          "sliding window",
          "\(grouped(window.tokens)) tokens in \(layers) of \(model.layers) layers"
        ))
    }
    let kind = model.feedForward == .gated ? "gated" : "plain"
    if model.denseLayers > 0 {
      rows.append(("feed-forward", "\(kind), \(grouped(model.intermediateSize))"))
    }
    if let experts = model.experts {
      let layers = model.layers - model.denseLayers
      rows += [
        ("experts", "\(grouped(experts.count)) of \(grouped(experts.width)), \(kind)"),
        ("a token's experts", "\(experts.perToken) in \(layers) of \(model.layers) layers"),
      ]
      if experts.sharedWidth > 0 {
        rows.append(("shared experts", "\(grouped(experts.sharedWidth)) wide"))
      }
    }
    rows.append(("all-reduces a layer", String(model.allReducesPerLayer)))
    return rows
  }

  private static func memory(_ entry: CatalogueModel) -> [(name: String, value: String)] {
    let model = entry.architecture
    var rows = [("usual weights", entry.weights.rawValue)]
    for format in NumberFormat.ofWeights where format != .fp16 {
      if format == .mxfp4, model.experts == nil { continue }
      let bytes = FixedPoint.three(Double(model.weightBytes(format)) / 1e9)
      rows.append(("weights in \(format.rawValue)", bytes + " GB"))
    }
    for format in NumberFormat.ofKeyValueCache where format != .fp16 && format != .int8 {
      let bytes = FixedPoint.grouped(model.keyValueBytesPerToken(format))
      rows.append(("KV cache a token in \(format.rawValue)", bytes + " B"))
    }
    return rows
  }

  private static func grouped(_ value: Int) -> String { FixedPoint.grouped(Int64(value)) }
}
