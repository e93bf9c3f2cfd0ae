public import Hardware
public import Inference

extension CatalogueText {
  /// Every GPU type with its figures and where each comes from.
  public static func gpusText(_ gpus: [GPUSpecification] = HardwareCatalogue.gpus) -> String {
    gpus.map(gpuText).joined(separator: "\n")
  }

  private static func gpuText(_ gpu: GPUSpecification) -> String {
    var sources: [String] = []
    var table = TextTable()
    for figure in gpu.sources {
      if !sources.contains(figure.source) { sources.append(figure.source) }
      let number = (sources.firstIndex(of: figure.source) ?? 0) + 1
      table.add(["  " + figure.field, figure.figure, "[\(number)]"])
    }
    var lines = [gpu.name] + table.lines(width: 100)
    for (index, source) in sources.enumerated() {
      lines += WrappedText.lines(source, width: 100, first: "  [\(index + 1)] ", indent: "      ")
    }
    return lines.map { $0 + "\n" }.joined()
  }

  /// The same as JSON.
  public static func gpusJSON(_ gpus: [GPUSpecification] = HardwareCatalogue.gpus) -> String {
    let values = gpus.map { gpu in
      JSONValue.object([
        ("name", .text(gpu.name)),
        ("memoryBytes", .integer(gpu.memoryBytes)),
        ("peakFLOPs", .number(gpu.peakFLOPs)),
        ("peakFP8FLOPs", .optional(gpu.peakFP8FLOPs)),
        ("memoryBytesPerSecond", .number(gpu.hbmBandwidthBytesPerSecond)),
        ("nvlinkBytesPerSecond", .number(gpu.nvlinkBandwidthBytesPerSecond)),
        ("pcieBytesPerSecond", .number(gpu.pcieBandwidthBytesPerSecond)),
        ("pricePerGPUHour", .number(gpu.pricePerGPUHour)),
        ("sources", .array(gpu.sources.map(sourceValue))),
      ])
    }
    return JSONValue.array(values).text() + "\n"
  }

  private static func sourceValue(_ source: FigureSource) -> JSONValue {
    .object([
      ("field", .text(source.field)), ("figure", .text(source.figure)),
      ("source", .text(source.source)),
    ])
  }

  /// Every model with its shape and what follows from it.
  public static func modelsText(_ models: [ModelArchitecture] = ModelCatalogue.models) -> String {
    var table = TextTable()
    table.add(["", "", "", "query", "KV", "head", "feed-", "", "", "weights", "KV cache"])
    table.add([
      "model", "layers", "hidden", "heads", "heads", "width", "forward", "vocab", "context",
      "bf16", "a token",
    ])
    for model in models {
      table.add([
        model.name, String(model.layers), String(model.hiddenSize),
        String(model.attentionHeads), String(model.keyValueHeads), String(model.headDimension),
        String(model.intermediateSize), String(model.vocabularySize),
        String(model.maxContextTokens),
        FixedPoint.three(Double(model.weightBytes(.bf16)) / 1e9) + " GB",
        FixedPoint.three(Double(model.keyValueBytesPerToken(.bf16)) / 1_024) + " KiB",
      ])
    }
    let note =
      "Shapes: the config.json published with each model. Weights and KV cache follow from"
      + " the shape, in bf16; fp8 takes half."
    return (table.lines(width: 100) + WrappedText.lines(note, width: 100)).map { $0 + "\n" }
      .joined()
  }

  /// The same as JSON.
  public static func modelsJSON(_ models: [ModelArchitecture] = ModelCatalogue.models) -> String {
    let values = models.map { model in
      JSONValue.object([
        ("name", .text(model.name)),
        ("layers", .integer(Int64(model.layers))),
        ("hiddenSize", .integer(Int64(model.hiddenSize))),
        ("attentionHeads", .integer(Int64(model.attentionHeads))),
        ("keyValueHeads", .integer(Int64(model.keyValueHeads))),
        ("headDimension", .integer(Int64(model.headDimension))),
        ("intermediateSize", .integer(Int64(model.intermediateSize))),
        ("vocabularySize", .integer(Int64(model.vocabularySize))),
        ("maxContextTokens", .integer(Int64(model.maxContextTokens))),
        ("parameters", .integer(model.parameterCount)),
        ("weightBytesBF16", .integer(model.weightBytes(.bf16))),
        ("keyValueBytesPerTokenBF16", .integer(model.keyValueBytesPerToken(.bf16))),
      ])
    }
    return JSONValue.array(values).text() + "\n"
  }
}
