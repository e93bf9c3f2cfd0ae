extension ModelCatalogue {
  /// Mistral and Mixtral.
  static let mistral: [CatalogueModel] = [
    CatalogueModel(
      "mistralai/Mistral-7B-v0.1",
      ModelArchitecture(
        name: "mistral-7b-v0.1", layers: 32, hiddenSize: 4_096, attentionHeads: 32,
        keyValueHeads: 8, headDimension: 128, intermediateSize: 14_336, vocabularySize: 32_000,
        tiedEmbeddings: false, maxContextTokens: 32_768, slidingWindow: SlidingWindow(tokens: 4_096)
      )),
    CatalogueModel(
      "mistralai/Mistral-7B-Instruct-v0.3",
      ModelArchitecture(
        name: "mistral-7b-v0.3", layers: 32, hiddenSize: 4_096, attentionHeads: 32,
        keyValueHeads: 8, headDimension: 128, intermediateSize: 14_336, vocabularySize: 32_768,
        tiedEmbeddings: false, maxContextTokens: 32_768)),
    CatalogueModel(
      "mistralai/Mistral-Nemo-Base-2407",
      ModelArchitecture(
        name: "mistral-nemo-12b", layers: 40, hiddenSize: 5_120, attentionHeads: 32,
        keyValueHeads: 8, headDimension: 128, intermediateSize: 14_336, vocabularySize: 131_072,
        tiedEmbeddings: false, maxContextTokens: 131_072)),
    CatalogueModel(
      "mistralai/Mistral-Small-24B-Instruct-2501",
      ModelArchitecture(
        name: "mistral-small-24b", layers: 40, hiddenSize: 5_120, attentionHeads: 32,
        keyValueHeads: 8, headDimension: 128, intermediateSize: 32_768, vocabularySize: 131_072,
        tiedEmbeddings: false, maxContextTokens: 32_768)),
    CatalogueModel(
      "mistralai/Mistral-Large-Instruct-2407",
      ModelArchitecture(
        name: "mistral-large-123b", layers: 88, hiddenSize: 12_288, attentionHeads: 96,
        keyValueHeads: 8, headDimension: 128, intermediateSize: 28_672, vocabularySize: 32_768,
        tiedEmbeddings: false, maxContextTokens: 131_072)),
    CatalogueModel(
      "mistralai/Mixtral-8x7B-v0.1",
      ModelArchitecture(
        name: "mixtral-8x7b", layers: 32, hiddenSize: 4_096, attentionHeads: 32, keyValueHeads: 8,
        headDimension: 128, intermediateSize: 0, vocabularySize: 32_000, tiedEmbeddings: false,
        maxContextTokens: 32_768, experts: Experts(count: 8, perToken: 2, width: 14_336))),
    CatalogueModel(
      "mistralai/Mixtral-8x22B-v0.1",
      ModelArchitecture(
        name: "mixtral-8x22b", layers: 56, hiddenSize: 6_144, attentionHeads: 48, keyValueHeads: 8,
        headDimension: 128, intermediateSize: 0, vocabularySize: 32_000, tiedEmbeddings: false,
        maxContextTokens: 65_536, experts: Experts(count: 8, perToken: 2, width: 16_384))),
  ]
}
