extension ModelCatalogue {
  /// GPT-OSS: every second layer, from the first on, sees 128 tokens.
  static let gptOSS: [CatalogueModel] = [
    CatalogueModel(
      "openai/gpt-oss-20b", weights: .mxfp4,
      ModelArchitecture(
        name: "gpt-oss-20b", layers: 24, hiddenSize: 2_880, attentionHeads: 64, keyValueHeads: 8,
        headDimension: 64, intermediateSize: 0, vocabularySize: 201_088, tiedEmbeddings: false,
        maxContextTokens: 131_072, biases: [.everyLayer, .router], hasAttentionSinks: true,
        experts: Experts(count: 32, perToken: 4, width: 2_880),
        slidingWindow: SlidingWindow(tokens: 128, layers: everySecond))),
    CatalogueModel(
      "openai/gpt-oss-120b", weights: .mxfp4,
      ModelArchitecture(
        name: "gpt-oss-120b", layers: 36, hiddenSize: 2_880, attentionHeads: 64, keyValueHeads: 8,
        headDimension: 64, intermediateSize: 0, vocabularySize: 201_088, tiedEmbeddings: false,
        maxContextTokens: 131_072, biases: [.everyLayer, .router], hasAttentionSinks: true,
        experts: Experts(count: 128, perToken: 4, width: 2_880),
        slidingWindow: SlidingWindow(tokens: 128, layers: everySecond))),
  ]
}

private let everySecond = LayerPattern(period: 2, positions: 0b01)
