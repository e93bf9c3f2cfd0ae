extension ModelCatalogue {
  /// Gemma 2 (every second layer has a window) and the language model of Gemma 3 (five of six).
  static let gemma: [CatalogueModel] = [
    CatalogueModel(
      "google/gemma-2-9b",
      ModelArchitecture(
        name: "gemma-2-9b", layers: 42, hiddenSize: 3_584, attentionHeads: 16, keyValueHeads: 8,
        headDimension: 256, intermediateSize: 14_336, vocabularySize: 256_000, tiedEmbeddings: true,
        maxContextTokens: 8_192, norms: Norms(perLayer: 4),
        slidingWindow: SlidingWindow(
          tokens: 4_096, layers: LayerPattern(period: 2, positions: 0b01)))),
    CatalogueModel(
      "google/gemma-2-27b",
      ModelArchitecture(
        name: "gemma-2-27b", layers: 46, hiddenSize: 4_608, attentionHeads: 32, keyValueHeads: 16,
        headDimension: 128, intermediateSize: 36_864, vocabularySize: 256_000, tiedEmbeddings: true,
        maxContextTokens: 8_192, norms: Norms(perLayer: 4),
        slidingWindow: SlidingWindow(
          tokens: 4_096, layers: LayerPattern(period: 2, positions: 0b01)))),
    CatalogueModel(
      "google/gemma-3-27b-pt",
      ModelArchitecture(
        name: "gemma-3-27b", layers: 62, hiddenSize: 5_376, attentionHeads: 32, keyValueHeads: 16,
        headDimension: 128, intermediateSize: 21_504, vocabularySize: 262_208, tiedEmbeddings: true,
        maxContextTokens: 131_072, norms: Norms(perLayer: 4, onQueriesAndKeys: true),
        slidingWindow: SlidingWindow(
          tokens: 1_024, layers: LayerPattern(period: 6, positions: 0b01_1111)))),
  ]
}
