import EventKernel
import Inference
import JSON
import Serving

extension ScenarioDecoding {
  /// A model as far as it could be read, and where it stands.
  struct Model {
    /// The model, under the name of its entry.
    var model: ServedModel?
    var path: JSONPath
    /// How many of it there are, and the index of the first among the scenario's models.
    var count = 1
    var first = 0

    /// The name of the entry.
    var name: String? { model?.name }

    /// Its models, each with its name and its index: those of several are numbered from 1.
    var copies: [(name: String, index: Int)] {
      guard let name else { return [] }
      if count == 1 { return [(name, first)] }
      return (0..<count).map { ("\(name)-\($0 + 1)", first + $0) }
    }

    /// Its models as they are served.
    var served: [ServedModel] {
      guard let model else { return [] }
      return copies.map {
        var copy = model
        copy.name = $0.name
        return copy
      }
    }
  }

  /// The models of the scenario.
  func models(_ root: ObjectReader) -> [Model]? {
    guard let readers = root.objects("models", of: "models") else { return nil }
    var models = readers.map { reader in
      let copies = reader.integer("copies", in: 1...Int64(Limit.models), .standard(1))
      // One is what every model has been since before there were copies.
      if copies == 1 { reader.keep("copies", nil) }
      return Model(model: model(reader), path: reader.path, count: Int(copies ?? 1))
    }
    var first = 0
    for index in models.indices {
      models[index].first = first
      first += models[index].count
    }
    checkNames(readers)
    checkCopies(models, readers)
    root.keep("models", .array(readers.map { .object($0.canonical) }))
    return models
  }

  /// Tells copies whose names others have, and more models than anybody serves.
  private func checkCopies(_ models: [Model], _ readers: [ObjectReader]) {
    let total = models.reduce(0) { $0 + $1.count }
    guard total > models.count else { return }
    if total > Limit.models {
      readers[models.indices.max { models[$0].count < models[$1].count } ?? 0].fault(
        "copies",
        .unfit(
          found: "\(grouped(total)) models together",
          needed: "at most \(grouped(Limit.models))"))
    }
    var owners: [String: Int] = [:]
    for (place, model) in models.enumerated() {
      for copy in model.copies where owners.updateValue(place, forKey: copy.name) != nil {
        readers[place].fault(
          "name",
          .unfit(
            found: "a model \"\(copy.name)\" beside another of this name",
            needed: "names that differ, those of copies included"))
        break
      }
    }
  }

  private func model(_ reader: ObjectReader) -> ServedModel? {
    let name = reader.name("name")
    let entry = entry(reader, name: name)
    let weights = format(
      reader, "weights", among: NumberFormat.ofWeights, default: entry?.weights ?? .bf16)
    let cache = format(reader, "kvCache", among: NumberFormat.ofKeyValueCache, default: .bf16)
    let cost = cost(reader)
    let tenant = reader.name("tenant", .optional)
    reader.finish()
    guard let name, let entry, let weights, let cache, let cost,
      tenant != nil || !reader.has("tenant")
    else { return nil }
    if weights == .mxfp4, entry.architecture.experts == nil {
      reader.fault(
        "weights",
        .unfit(
          found: "\"mxfp4\"",
          needed: "another format, for it stores experts only and \(shortened(name)) has none"))
    }
    var model = ServedModel(
      name: name, architecture: entry.architecture, weights: weights, keyValueCache: cache,
      cost: cost.model, stepSeconds: cost.stepSeconds)
    model.tenant = tenant ?? ""
    return model
  }

  private func format(
    _ reader: ObjectReader, _ key: String, among formats: [NumberFormat],
    default standard: NumberFormat
  ) -> NumberFormat? {
    reader.choice(
      key, among: formats.map(\.rawValue), .standard(standard.rawValue), kind: "a number format"
    ).flatMap(NumberFormat.init(rawValue:))
  }

  /// The model's shape and usual format: the catalogue's under `like`, those of a `config`, a
  /// `shape` of its own, else the catalogue's under its own name.
  private func entry(_ reader: ObjectReader, name: String?) -> CatalogueModel? {
    let given = ["like", "config", "shape"].filter { reader.has($0) }
    if given.count > 1 {
      reader.fault(
        given[1], .unfit(found: "\(given[0]) beside it", needed: "one of like, config and shape"))
      return nil
    }
    switch given.first {
    case "config": return configured(reader, name: name ?? "model")
    case "shape":
      return shape(reader, name: name ?? "model").map {
        CatalogueModel(architecture: $0, weights: .bf16, source: "the scenario")
      }
    default: return catalogued(reader, name: name, isLike: given.first == "like")
    }
  }

  private func catalogued(
    _ reader: ObjectReader, name: String?, isLike: Bool
  ) -> CatalogueModel? {
    let names = ModelCatalogue.models.map(\.name)
    if isLike {
      return reader.choice("like", among: names, kind: "a model of the catalogue")
        .flatMap(ModelCatalogue.entry(named:))
    }
    guard let name else { return nil }
    if let entry = ModelCatalogue.entry(named: name) {
      reader.keep("like", .string(name))
      return entry
    }
    let kind = "a model of the catalogue, or \"like\", \"config\" or \"shape\" to say what it is"
    reader.fault(
      "name",
      .unknownName(
        found: name, kind: kind, suggestion: suggestion(for: name, among: names), known: names))
    return nil
  }

  /// The model of a config.json, named or given whole; what is stored is its shape.
  private func configured(_ reader: ObjectReader, name: String) -> CatalogueModel? {
    guard let located = reader.value("config") else { return nil }
    let takesWeights = !reader.has("weights")
    let model: CatalogueModel?
    switch located.node.value {
    case .object:
      let read = HuggingFaceConfig.model(of: located, name: name, takesWeights: takesWeights) {
        faults.add($0, at: $1, from: $2)
      }
      model = read.map {
        CatalogueModel(architecture: $0.shape, weights: $0.weights, source: "the scenario")
      }
    case .string(let file) where !file.isEmpty:
      model = configFile(file, reader, name: name, takesWeights: takesWeights)
    default:
      reader.fault(
        "config",
        .unfit(
          found: located.node.found, needed: "the name of a config.json, or the object in it"))
      model = nil
    }
    if let model { reader.keep("shape", shapeValue(model.architecture)) }
    return model
  }

  private func configFile(
    _ file: String, _ reader: ObjectReader, name: String, takesWeights: Bool
  ) -> CatalogueModel? {
    guard let path = files.path(of: file) else {
      let cause = "no such file beside the scenario or in the folders given"
      reader.fault("config", .noSuchFile(name: file, cause: cause))
      return nil
    }
    let base = path.split(separator: "/").last.map(String.init) ?? path
    let text: String
    do throws(ScenarioFile.Failure) {
      text = try ScenarioFile.text(at: path)
    } catch {
      switch error {
      case .unreadable(_, let cause):
        reader.fault("config", .noSuchFile(name: file, cause: "cannot be read: \(cause)"))
      case .missing: reader.fault("config", .noSuchFile(name: file, cause: "no such file"))
      case .notText: reader.fault("config", .unfit(found: "no UTF-8 text", needed: "a config.json"))
      }
      return nil
    }
    let inner = FaultCollector(lines: LineIndex(text), overrides: [])
    let model = HuggingFaceConfig.model(
      of: text, name: name, fileName: base, takesWeights: takesWeights, inner)
    let origin = reader.value("config")?.node.origin ?? reader.origin
    faults.add(inner.faults, ofFile: base, from: origin)
    return inner.isEmpty ? model : nil
  }
}
