extension ModelCatalogue {
  /// Llama, and Yi and CodeLlama, which have its shape.
  static let llama: [CatalogueModel] = [
    CatalogueModel(
      "huggyllama/llama-7b",
      ModelArchitecture(
        name: "llama-7b", layers: 32, hiddenSize: 4_096, attentionHeads: 32, keyValueHeads: 32,
        headDimension: 128, intermediateSize: 11_008, vocabularySize: 32_000, tiedEmbeddings: false,
        maxContextTokens: 2_048)),
    CatalogueModel(
      "huggyllama/llama-13b",
      ModelArchitecture(
        name: "llama-13b", layers: 40, hiddenSize: 5_120, attentionHeads: 40, keyValueHeads: 40,
        headDimension: 128, intermediateSize: 13_824, vocabularySize: 32_000, tiedEmbeddings: false,
        maxContextTokens: 2_048)),
    CatalogueModel(
      "huggyllama/llama-30b",
      ModelArchitecture(
        name: "llama-33b", layers: 60, hiddenSize: 6_656, attentionHeads: 52, keyValueHeads: 52,
        headDimension: 128, intermediateSize: 17_920, vocabularySize: 32_000, tiedEmbeddings: false,
        maxContextTokens: 2_048)),
    CatalogueModel(
      "huggyllama/llama-65b",
      ModelArchitecture(
        name: "llama-65b", layers: 80, hiddenSize: 8_192, attentionHeads: 64, keyValueHeads: 64,
        headDimension: 128, intermediateSize: 22_016, vocabularySize: 32_000, tiedEmbeddings: false,
        maxContextTokens: 2_048)),
    CatalogueModel(
      "meta-llama/Llama-2-7b-hf",
      ModelArchitecture(
        name: "llama-2-7b", layers: 32, hiddenSize: 4_096, attentionHeads: 32, keyValueHeads: 32,
        headDimension: 128, intermediateSize: 11_008, vocabularySize: 32_000, tiedEmbeddings: false,
        maxContextTokens: 4_096)),
    CatalogueModel(
      "meta-llama/Llama-2-13b-hf",
      ModelArchitecture(
        name: "llama-2-13b", layers: 40, hiddenSize: 5_120, attentionHeads: 40, keyValueHeads: 40,
        headDimension: 128, intermediateSize: 13_824, vocabularySize: 32_000, tiedEmbeddings: false,
        maxContextTokens: 4_096)),
    CatalogueModel(
      "meta-llama/Llama-2-70b-hf",
      ModelArchitecture(
        name: "llama-2-70b", layers: 80, hiddenSize: 8_192, attentionHeads: 64, keyValueHeads: 8,
        headDimension: 128, intermediateSize: 28_672, vocabularySize: 32_000, tiedEmbeddings: false,
        maxContextTokens: 4_096)),
    CatalogueModel(
      "codellama/CodeLlama-34b-hf",
      ModelArchitecture(
        name: "codellama-34b", layers: 48, hiddenSize: 8_192, attentionHeads: 64, keyValueHeads: 8,
        headDimension: 128, intermediateSize: 22_016, vocabularySize: 32_000, tiedEmbeddings: false,
        maxContextTokens: 16_384)),
    CatalogueModel(
      "meta-llama/Meta-Llama-3-8B",
      ModelArchitecture(
        name: "llama-3-8b", layers: 32, hiddenSize: 4_096, attentionHeads: 32, keyValueHeads: 8,
        headDimension: 128, intermediateSize: 14_336, vocabularySize: 128_256,
        tiedEmbeddings: false, maxContextTokens: 8_192)),
    CatalogueModel(
      "meta-llama/Meta-Llama-3-70B",
      ModelArchitecture(
        name: "llama-3-70b", layers: 80, hiddenSize: 8_192, attentionHeads: 64, keyValueHeads: 8,
        headDimension: 128, intermediateSize: 28_672, vocabularySize: 128_256,
        tiedEmbeddings: false, maxContextTokens: 8_192)),
    CatalogueModel(
      "meta-llama/Llama-3.1-8B",
      ModelArchitecture(
        name: "llama-3.1-8b", layers: 32, hiddenSize: 4_096, attentionHeads: 32, keyValueHeads: 8,
        headDimension: 128, intermediateSize: 14_336, vocabularySize: 128_256,
        tiedEmbeddings: false, maxContextTokens: 131_072)),
    CatalogueModel(
      "meta-llama/Llama-3.1-70B",
      ModelArchitecture(
        name: "llama-3.1-70b", layers: 80, hiddenSize: 8_192, attentionHeads: 64, keyValueHeads: 8,
        headDimension: 128, intermediateSize: 28_672, vocabularySize: 128_256,
        tiedEmbeddings: false, maxContextTokens: 131_072)),
    CatalogueModel(
      "meta-llama/Llama-3.1-405B",
      ModelArchitecture(
        name: "llama-3.1-405b", layers: 126, hiddenSize: 16_384, attentionHeads: 128,
        keyValueHeads: 8, headDimension: 128, intermediateSize: 53_248, vocabularySize: 128_256,
        tiedEmbeddings: false, maxContextTokens: 131_072)),
    CatalogueModel(
      "meta-llama/Llama-3.2-1B",
      ModelArchitecture(
        name: "llama-3.2-1b", layers: 16, hiddenSize: 2_048, attentionHeads: 32, keyValueHeads: 8,
        headDimension: 64, intermediateSize: 8_192, vocabularySize: 128_256, tiedEmbeddings: true,
        maxContextTokens: 131_072)),
    CatalogueModel(
      "meta-llama/Llama-3.2-3B",
      ModelArchitecture(
        name: "llama-3.2-3b", layers: 28, hiddenSize: 3_072, attentionHeads: 24, keyValueHeads: 8,
        headDimension: 128, intermediateSize: 8_192, vocabularySize: 128_256, tiedEmbeddings: true,
        maxContextTokens: 131_072)),
    CatalogueModel(
      "meta-llama/Llama-3.3-70B-Instruct",
      ModelArchitecture(
        name: "llama-3.3-70b", layers: 80, hiddenSize: 8_192, attentionHeads: 64, keyValueHeads: 8,
        headDimension: 128, intermediateSize: 28_672, vocabularySize: 128_256,
        tiedEmbeddings: false, maxContextTokens: 131_072)),
    CatalogueModel(
      "01-ai/Yi-6B",
      ModelArchitecture(
        name: "yi-6b", layers: 32, hiddenSize: 4_096, attentionHeads: 32, keyValueHeads: 4,
        headDimension: 128, intermediateSize: 11_008, vocabularySize: 64_000, tiedEmbeddings: false,
        maxContextTokens: 4_096)),
    CatalogueModel(
      "01-ai/Yi-34B",
      ModelArchitecture(
        name: "yi-34b", layers: 60, hiddenSize: 7_168, attentionHeads: 56, keyValueHeads: 8,
        headDimension: 128, intermediateSize: 20_480, vocabularySize: 64_000, tiedEmbeddings: false,
        maxContextTokens: 4_096)),
  ]
}
