extension ModelCatalogue {
  /// Phi; the windows of the long-context checkpoints are as long as the context and bound nothing.
  static let phi: [CatalogueModel] = [
    CatalogueModel(
      "microsoft/phi-2",
      ModelArchitecture(
        name: "phi-2", layers: 32, hiddenSize: 2_560, attentionHeads: 32, keyValueHeads: 32,
        headDimension: 80, intermediateSize: 10_240, vocabularySize: 51_200, tiedEmbeddings: false,
        maxContextTokens: 2_048, feedForward: .plain, norms: Norms(kind: .layer, perLayer: 1),
        biases: [.everyLayer, .head], hasParallelBlocks: true)),
    CatalogueModel(
      "microsoft/Phi-3-mini-4k-instruct",
      ModelArchitecture(
        name: "phi-3-mini-4k", layers: 32, hiddenSize: 3_072, attentionHeads: 32, keyValueHeads: 32,
        headDimension: 96, intermediateSize: 8_192, vocabularySize: 32_064, tiedEmbeddings: false,
        maxContextTokens: 4_096, slidingWindow: SlidingWindow(tokens: 2_047))),
    CatalogueModel(
      "microsoft/Phi-3-mini-128k-instruct",
      ModelArchitecture(
        name: "phi-3-mini-128k", layers: 32, hiddenSize: 3_072, attentionHeads: 32,
        keyValueHeads: 32, headDimension: 96, intermediateSize: 8_192, vocabularySize: 32_064,
        tiedEmbeddings: false, maxContextTokens: 131_072)),
    CatalogueModel(
      "microsoft/Phi-3-medium-128k-instruct",
      ModelArchitecture(
        name: "phi-3-medium-128k", layers: 40, hiddenSize: 5_120, attentionHeads: 40,
        keyValueHeads: 10, headDimension: 128, intermediateSize: 17_920, vocabularySize: 32_064,
        tiedEmbeddings: false, maxContextTokens: 131_072)),
    CatalogueModel(
      "microsoft/Phi-4-mini-instruct",
      ModelArchitecture(
        name: "phi-4-mini", layers: 32, hiddenSize: 3_072, attentionHeads: 24, keyValueHeads: 8,
        headDimension: 128, intermediateSize: 8_192, vocabularySize: 200_064, tiedEmbeddings: true,
        maxContextTokens: 131_072)),
    CatalogueModel(
      "microsoft/phi-4",
      ModelArchitecture(
        name: "phi-4", layers: 40, hiddenSize: 5_120, attentionHeads: 40, keyValueHeads: 10,
        headDimension: 128, intermediateSize: 17_920, vocabularySize: 100_352,
        tiedEmbeddings: false, maxContextTokens: 16_384)),
  ]
}
