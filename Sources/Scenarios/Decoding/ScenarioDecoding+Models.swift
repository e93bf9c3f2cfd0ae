import EventKernel
import Inference
import Serving

extension ScenarioDecoding {
  /// A model as far as it could be read, and where it stands.
  struct Model {
    var model: ServedModel?
    var path: JSONPath
  }

  /// The models of the scenario.
  func models(_ root: ObjectReader) -> [Model]? {
    guard let readers = root.objects("models", of: "models") else { return nil }
    let models = readers.map { Model(model: model($0), path: $0.path) }
    checkNames(readers)
    root.keep("models", .array(readers.map { .object($0.canonical) }))
    return models
  }

  private func model(_ reader: ObjectReader) -> ServedModel? {
    let name = reader.name("name")
    let architecture = architecture(reader, name: name)
    let weights: NumberFormat? = reader.choice("weights", .standard(.bf16), kind: "a number format")
    let cache: NumberFormat? = reader.choice("kvCache", .standard(.bf16), kind: "a number format")
    let cost = cost(reader)
    reader.finish()
    guard let name, let architecture, let weights, let cache, let cost else { return nil }
    return ServedModel(
      name: name, architecture: architecture, weights: weights, keyValueCache: cache,
      cost: cost.model, stepSeconds: cost.stepSeconds)
  }

  /// The model's shape: the catalogue's under `like`, else under its own name.
  private func architecture(_ reader: ObjectReader, name: String?) -> ModelArchitecture? {
    let names = ModelCatalogue.models.map(\.name)
    if reader.has("config") {
      reader.fault(
        "config",
        .unsupported(
          what: "config.json files are not read by this version",
          instead: "name one of the catalogue by \"like\": " + names.joined(separator: ", ")))
      _ = reader.value("like")
      return nil
    }
    if reader.has("like") {
      return reader.choice("like", among: names, kind: "a model of the catalogue")
        .flatMap(ModelCatalogue.model(named:))
    }
    guard let name else { return nil }
    if let architecture = ModelCatalogue.model(named: name) {
      reader.keep("like", .string(name))
      return architecture
    }
    let kind = "a model of the catalogue, or \"like\" to name one"
    reader.fault(
      "name",
      .unknownName(
        found: name, kind: kind, suggestion: suggestion(for: name, among: names), known: names))
    return nil
  }
}
