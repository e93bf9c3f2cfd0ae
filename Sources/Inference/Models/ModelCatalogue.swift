/// The models whose shapes come with simpp, after the `config.json` published with each.
public enum ModelCatalogue {
  /// Every model with its source, in the order in which it is printed.
  public static let entries: [CatalogueModel] =
    llama + qwen + mistral + deepSeek + gptOSS + phi + gemma + others

  /// Every model's shape, in the same order.
  public static let models: [ModelArchitecture] = entries.map(\.architecture)

  /// The model of a name, nil if the catalogue has none.
  public static func model(named name: String) -> ModelArchitecture? {
    models.first { $0.name == name }
  }

  /// The model of a name with its source, nil if the catalogue has none.
  public static func entry(named name: String) -> CatalogueModel? {
    entries.first { $0.architecture.name == name }
  }
}
