/// The models whose shapes come with simpp, after the `config.json` published with each.
public enum ModelCatalogue {
  /// Every model, in the order in which it is printed.
  public static let models: [ModelArchitecture] = [
    ModelArchitecture(
      name: "llama-2-70b", layers: 80, hiddenSize: 8_192, attentionHeads: 64, keyValueHeads: 8,
      headDimension: 128, intermediateSize: 28_672, vocabularySize: 32_000, tiedEmbeddings: false,
      maxContextTokens: 4_096),
    ModelArchitecture(
      name: "llama-3.1-8b", layers: 32, hiddenSize: 4_096, attentionHeads: 32, keyValueHeads: 8,
      headDimension: 128, intermediateSize: 14_336, vocabularySize: 128_256,
      tiedEmbeddings: false, maxContextTokens: 131_072),
    ModelArchitecture(
      name: "llama-3.1-70b", layers: 80, hiddenSize: 8_192, attentionHeads: 64, keyValueHeads: 8,
      headDimension: 128, intermediateSize: 28_672, vocabularySize: 128_256,
      tiedEmbeddings: false, maxContextTokens: 131_072),
    ModelArchitecture(
      name: "llama-3.1-405b", layers: 126, hiddenSize: 16_384, attentionHeads: 128,
      keyValueHeads: 8, headDimension: 128, intermediateSize: 53_248, vocabularySize: 128_256,
      tiedEmbeddings: false, maxContextTokens: 131_072),
  ]

  /// The model of a name, nil if the catalogue has none.
  public static func model(named name: String) -> ModelArchitecture? {
    models.first { $0.name == name }
  }
}
