extension ModelCatalogue {
  /// Qwen2.5 (biases of queries, keys and values) and Qwen3 (norms of queries and keys instead).
  static let qwen: [CatalogueModel] = [
    CatalogueModel(
      "Qwen/Qwen2.5-0.5B-Instruct",
      ModelArchitecture(
        name: "qwen2.5-0.5b", layers: 24, hiddenSize: 896, attentionHeads: 14, keyValueHeads: 2,
        headDimension: 64, intermediateSize: 4_864, vocabularySize: 151_936, tiedEmbeddings: true,
        maxContextTokens: 32_768, biases: .queryKeyValue)),
    CatalogueModel(
      "Qwen/Qwen2.5-1.5B-Instruct",
      ModelArchitecture(
        name: "qwen2.5-1.5b", layers: 28, hiddenSize: 1_536, attentionHeads: 12, keyValueHeads: 2,
        headDimension: 128, intermediateSize: 8_960, vocabularySize: 151_936, tiedEmbeddings: true,
        maxContextTokens: 32_768, biases: .queryKeyValue)),
    CatalogueModel(
      "Qwen/Qwen2.5-3B-Instruct",
      ModelArchitecture(
        name: "qwen2.5-3b", layers: 36, hiddenSize: 2_048, attentionHeads: 16, keyValueHeads: 2,
        headDimension: 128, intermediateSize: 11_008, vocabularySize: 151_936, tiedEmbeddings: true,
        maxContextTokens: 32_768, biases: .queryKeyValue)),
    CatalogueModel(
      "Qwen/Qwen2.5-7B-Instruct",
      ModelArchitecture(
        name: "qwen2.5-7b", layers: 28, hiddenSize: 3_584, attentionHeads: 28, keyValueHeads: 4,
        headDimension: 128, intermediateSize: 18_944, vocabularySize: 152_064,
        tiedEmbeddings: false, maxContextTokens: 32_768, biases: .queryKeyValue)),
    CatalogueModel(
      "Qwen/Qwen2.5-14B-Instruct",
      ModelArchitecture(
        name: "qwen2.5-14b", layers: 48, hiddenSize: 5_120, attentionHeads: 40, keyValueHeads: 8,
        headDimension: 128, intermediateSize: 13_824, vocabularySize: 152_064,
        tiedEmbeddings: false, maxContextTokens: 32_768, biases: .queryKeyValue)),
    CatalogueModel(
      "Qwen/Qwen2.5-32B-Instruct",
      ModelArchitecture(
        name: "qwen2.5-32b", layers: 64, hiddenSize: 5_120, attentionHeads: 40, keyValueHeads: 8,
        headDimension: 128, intermediateSize: 27_648, vocabularySize: 152_064,
        tiedEmbeddings: false, maxContextTokens: 32_768, biases: .queryKeyValue)),
    CatalogueModel(
      "Qwen/Qwen2.5-72B-Instruct",
      ModelArchitecture(
        name: "qwen2.5-72b", layers: 80, hiddenSize: 8_192, attentionHeads: 64, keyValueHeads: 8,
        headDimension: 128, intermediateSize: 29_568, vocabularySize: 152_064,
        tiedEmbeddings: false, maxContextTokens: 32_768, biases: .queryKeyValue)),
    CatalogueModel(
      "Qwen/Qwen3-0.6B",
      ModelArchitecture(
        name: "qwen3-0.6b", layers: 28, hiddenSize: 1_024, attentionHeads: 16, keyValueHeads: 8,
        headDimension: 128, intermediateSize: 3_072, vocabularySize: 151_936, tiedEmbeddings: true,
        maxContextTokens: 40_960, norms: qwen3Norms)),
    CatalogueModel(
      "Qwen/Qwen3-1.7B",
      ModelArchitecture(
        name: "qwen3-1.7b", layers: 28, hiddenSize: 2_048, attentionHeads: 16, keyValueHeads: 8,
        headDimension: 128, intermediateSize: 6_144, vocabularySize: 151_936, tiedEmbeddings: true,
        maxContextTokens: 40_960, norms: qwen3Norms)),
    CatalogueModel(
      "Qwen/Qwen3-4B",
      ModelArchitecture(
        name: "qwen3-4b", layers: 36, hiddenSize: 2_560, attentionHeads: 32, keyValueHeads: 8,
        headDimension: 128, intermediateSize: 9_728, vocabularySize: 151_936, tiedEmbeddings: true,
        maxContextTokens: 40_960, norms: qwen3Norms)),
    CatalogueModel(
      "Qwen/Qwen3-8B",
      ModelArchitecture(
        name: "qwen3-8b", layers: 36, hiddenSize: 4_096, attentionHeads: 32, keyValueHeads: 8,
        headDimension: 128, intermediateSize: 12_288, vocabularySize: 151_936,
        tiedEmbeddings: false, maxContextTokens: 40_960, norms: qwen3Norms)),
    CatalogueModel(
      "Qwen/Qwen3-14B",
      ModelArchitecture(
        name: "qwen3-14b", layers: 40, hiddenSize: 5_120, attentionHeads: 40, keyValueHeads: 8,
        headDimension: 128, intermediateSize: 17_408, vocabularySize: 151_936,
        tiedEmbeddings: false, maxContextTokens: 40_960, norms: qwen3Norms)),
    CatalogueModel(
      "Qwen/Qwen3-32B",
      ModelArchitecture(
        name: "qwen3-32b", layers: 64, hiddenSize: 5_120, attentionHeads: 64, keyValueHeads: 8,
        headDimension: 128, intermediateSize: 25_600, vocabularySize: 151_936,
        tiedEmbeddings: false, maxContextTokens: 40_960, norms: qwen3Norms)),
    CatalogueModel(
      "Qwen/Qwen3-30B-A3B",
      ModelArchitecture(
        name: "qwen3-30b-a3b", layers: 48, hiddenSize: 2_048, attentionHeads: 32, keyValueHeads: 4,
        headDimension: 128, intermediateSize: 0, vocabularySize: 151_936, tiedEmbeddings: false,
        maxContextTokens: 40_960, norms: qwen3Norms,
        experts: Experts(count: 128, perToken: 8, width: 768))),
    CatalogueModel(
      "Qwen/Qwen3-235B-A22B",
      ModelArchitecture(
        name: "qwen3-235b-a22b", layers: 94, hiddenSize: 4_096, attentionHeads: 64,
        keyValueHeads: 4, headDimension: 128, intermediateSize: 0, vocabularySize: 151_936,
        tiedEmbeddings: false, maxContextTokens: 40_960, norms: qwen3Norms,
        experts: Experts(count: 128, perToken: 8, width: 1_536))),
  ]
}

private let qwen3Norms = Norms(onQueriesAndKeys: true)
