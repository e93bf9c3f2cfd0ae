extension ModelCatalogue {
  /// Older models with layer norms and plain feed-forward networks: OPT, GPT-3, BLOOM, Falcon.
  static let others: [CatalogueModel] = [
    CatalogueModel(
      "facebook/opt-1.3b",
      ModelArchitecture(
        name: "opt-1.3b", layers: 24, hiddenSize: 2_048, attentionHeads: 32, keyValueHeads: 32,
        headDimension: 64, intermediateSize: 8_192, vocabularySize: 50_272, tiedEmbeddings: true,
        maxContextTokens: 2_048, feedForward: .plain, norms: layerNorms, biases: .everyLayer,
        learnedPositions: 2_050)),
    CatalogueModel(
      "facebook/opt-2.7b",
      ModelArchitecture(
        name: "opt-2.7b", layers: 32, hiddenSize: 2_560, attentionHeads: 32, keyValueHeads: 32,
        headDimension: 80, intermediateSize: 10_240, vocabularySize: 50_272, tiedEmbeddings: true,
        maxContextTokens: 2_048, feedForward: .plain, norms: layerNorms, biases: .everyLayer,
        learnedPositions: 2_050)),
    CatalogueModel(
      "facebook/opt-6.7b",
      ModelArchitecture(
        name: "opt-6.7b", layers: 32, hiddenSize: 4_096, attentionHeads: 32, keyValueHeads: 32,
        headDimension: 128, intermediateSize: 16_384, vocabularySize: 50_272, tiedEmbeddings: true,
        maxContextTokens: 2_048, feedForward: .plain, norms: layerNorms, biases: .everyLayer,
        learnedPositions: 2_050)),
    CatalogueModel(
      "facebook/opt-13b",
      ModelArchitecture(
        name: "opt-13b", layers: 40, hiddenSize: 5_120, attentionHeads: 40, keyValueHeads: 40,
        headDimension: 128, intermediateSize: 20_480, vocabularySize: 50_272, tiedEmbeddings: true,
        maxContextTokens: 2_048, feedForward: .plain, norms: layerNorms, biases: .everyLayer,
        learnedPositions: 2_050)),
    CatalogueModel(
      "facebook/opt-30b",
      ModelArchitecture(
        name: "opt-30b", layers: 48, hiddenSize: 7_168, attentionHeads: 56, keyValueHeads: 56,
        headDimension: 128, intermediateSize: 28_672, vocabularySize: 50_272, tiedEmbeddings: true,
        maxContextTokens: 2_048, feedForward: .plain, norms: layerNorms, biases: .everyLayer,
        learnedPositions: 2_050)),
    CatalogueModel(
      "facebook/opt-66b",
      ModelArchitecture(
        name: "opt-66b", layers: 64, hiddenSize: 9_216, attentionHeads: 72, keyValueHeads: 72,
        headDimension: 128, intermediateSize: 36_864, vocabularySize: 50_272, tiedEmbeddings: true,
        maxContextTokens: 2_048, feedForward: .plain, norms: layerNorms, biases: .everyLayer,
        learnedPositions: 2_050)),
    CatalogueModel(
      architecture: ModelArchitecture(
        name: "opt-175b", layers: 96, hiddenSize: 12_288, attentionHeads: 96, keyValueHeads: 96,
        headDimension: 128, intermediateSize: 49_152, vocabularySize: 50_272, tiedEmbeddings: true,
        maxContextTokens: 2_048, feedForward: .plain, norms: layerNorms, biases: .everyLayer,
        learnedPositions: 2_050), weights: .bf16,
      source:
        "Zhang et al. 2022, OPT: Open Pre-trained Transformers, arXiv 2205.01068, table 1"
    ),
    CatalogueModel(
      architecture: ModelArchitecture(
        name: "gpt-3-175b", layers: 96, hiddenSize: 12_288, attentionHeads: 96, keyValueHeads: 96,
        headDimension: 128, intermediateSize: 49_152, vocabularySize: 50_257, tiedEmbeddings: true,
        maxContextTokens: 2_048, feedForward: .plain, norms: layerNorms, biases: .everyLayer,
        learnedPositions: 2_048), weights: .bf16,
      source:
        "Brown et al. 2020, Language Models are Few-Shot Learners, arXiv 2005.14165, table 2.1"),
    CatalogueModel(
      "bigscience/bloom-7b1",
      ModelArchitecture(
        name: "bloom-7b1", layers: 30, hiddenSize: 4_096, attentionHeads: 32, keyValueHeads: 32,
        headDimension: 128, intermediateSize: 16_384, vocabularySize: 250_880, tiedEmbeddings: true,
        maxContextTokens: 2_048, feedForward: .plain, norms: Norms(kind: .layer, onEmbedding: true),
        biases: .everyLayer)),
    CatalogueModel(
      "bigscience/bloom",
      ModelArchitecture(
        name: "bloom-176b", layers: 70, hiddenSize: 14_336, attentionHeads: 112, keyValueHeads: 112,
        headDimension: 128, intermediateSize: 57_344, vocabularySize: 250_880, tiedEmbeddings: true,
        maxContextTokens: 2_048, feedForward: .plain, norms: Norms(kind: .layer, onEmbedding: true),
        biases: .everyLayer)),
    CatalogueModel(
      "tiiuae/falcon-7b",
      ModelArchitecture(
        name: "falcon-7b", layers: 32, hiddenSize: 4_544, attentionHeads: 71, keyValueHeads: 1,
        headDimension: 64, intermediateSize: 18_176, vocabularySize: 65_024, tiedEmbeddings: true,
        maxContextTokens: 2_048, feedForward: .plain, norms: Norms(kind: .layer, perLayer: 1),
        hasParallelBlocks: true)),
    CatalogueModel(
      "tiiuae/falcon-40b",
      ModelArchitecture(
        name: "falcon-40b", layers: 60, hiddenSize: 8_192, attentionHeads: 128, keyValueHeads: 8,
        headDimension: 64, intermediateSize: 32_768, vocabularySize: 65_024, tiedEmbeddings: true,
        maxContextTokens: 2_048, feedForward: .plain, norms: layerNorms, hasParallelBlocks: true)),
    CatalogueModel(
      "tiiuae/falcon-180B",
      ModelArchitecture(
        name: "falcon-180b", layers: 80, hiddenSize: 14_848, attentionHeads: 232, keyValueHeads: 8,
        headDimension: 64, intermediateSize: 59_392, vocabularySize: 65_024, tiedEmbeddings: true,
        maxContextTokens: 2_048, feedForward: .plain, norms: layerNorms, hasParallelBlocks: true)),
  ]
}

private let layerNorms = Norms(kind: .layer)
