extension ModelCatalogue {
  /// DeepSeek's models with latent attention; the layer that predicts a second token is left out,
  /// as engines leave it out unless they speculate.
  static let deepSeek: [CatalogueModel] = [
    CatalogueModel(
      "deepseek-ai/DeepSeek-V2-Lite",
      ModelArchitecture(
        name: "deepseek-v2-lite", layers: 27, hiddenSize: 2_048, attentionHeads: 16,
        keyValueHeads: 16, headDimension: 192, intermediateSize: 10_944, vocabularySize: 102_400,
        tiedEmbeddings: false, maxContextTokens: 163_840, latentAttention: latent(queryRank: nil),
        experts: Experts(count: 64, perToken: 6, width: 1_408, sharedWidth: 2_816, layers: .from(1))
      )),
    CatalogueModel(
      "deepseek-ai/DeepSeek-V2",
      ModelArchitecture(
        name: "deepseek-v2", layers: 60, hiddenSize: 5_120, attentionHeads: 128, keyValueHeads: 128,
        headDimension: 192, intermediateSize: 12_288, vocabularySize: 102_400,
        tiedEmbeddings: false, maxContextTokens: 163_840, latentAttention: latent(queryRank: 1_536),
        experts: Experts(
          count: 160, perToken: 6, width: 1_536, sharedWidth: 3_072, layers: .from(1)))),
    CatalogueModel(
      "deepseek-ai/DeepSeek-V3", weights: .fp8,
      ModelArchitecture(
        name: "deepseek-v3", layers: 61, hiddenSize: 7_168, attentionHeads: 128, keyValueHeads: 128,
        headDimension: 192, intermediateSize: 18_432, vocabularySize: 129_280,
        tiedEmbeddings: false, maxContextTokens: 163_840, biases: .router,
        latentAttention: latent(queryRank: 1_536),
        experts: Experts(
          count: 256, perToken: 8, width: 2_048, sharedWidth: 2_048, layers: .from(3)))),
    CatalogueModel(
      "deepseek-ai/DeepSeek-R1", weights: .fp8,
      ModelArchitecture(
        name: "deepseek-r1", layers: 61, hiddenSize: 7_168, attentionHeads: 128, keyValueHeads: 128,
        headDimension: 192, intermediateSize: 18_432, vocabularySize: 129_280,
        tiedEmbeddings: false, maxContextTokens: 163_840, biases: .router,
        latentAttention: latent(queryRank: 1_536),
        experts: Experts(
          count: 256, perToken: 8, width: 2_048, sharedWidth: 2_048, layers: .from(3)))),
  ]
}

/// The latent attention of all of them.
private func latent(queryRank: Int?) -> LatentAttention {
  LatentAttention(
    queryRank: queryRank, keyValueRank: 512, nopeDimension: 128, ropeDimension: 64,
    valueDimension: 128)
}
