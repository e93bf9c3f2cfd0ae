/// A model of the catalogue: its shape, its usual format of weights, and the source.
public struct CatalogueModel: Sendable, Hashable {
  /// The shape.
  public var architecture: ModelArchitecture
  /// The format that a scenario takes unless it says otherwise: the checkpoint's where that is
  /// quantised, else bf16, also for those published in fp16, which are as large and as fast.
  public var weights: NumberFormat
  /// Where the shape is from: the repository on huggingface.co and its file, or the paper.
  public var source: String

  /// Creates an entry.
  public init(architecture: ModelArchitecture, weights: NumberFormat, source: String) {
    self.architecture = architecture
    self.weights = weights
    self.source = source
  }

  /// An entry after the `config.json` of a repository.
  init(
    _ repository: String, weights: NumberFormat = .bf16, _ architecture: ModelArchitecture
  ) {
    self.init(
      architecture: architecture, weights: weights,
      source: "huggingface.co/\(repository), config.json")
  }
}
