import ArgumentParser
import Hardware
import Inference
import Reports
import Scenarios
import Serving

/// `simpp policies`: what a scheduler may be made of.
struct PoliciesCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "policies",
    abstract: "Lists the policies with their options, defaults and sources.")

  func run() throws {
    try reportingFailures { try Terminal.print(CatalogueText.policiesText(Policies.current)) }
  }
}

/// `simpp gpus`: the device types, or one of them with the source of each figure.
struct GPUsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "gpus",
    abstract: "Lists the GPU and CPU types, or one with every figure and its source.")

  @Argument(help: "A device type, such as h100-sxm.")
  var name: String?

  @Flag(name: .long, help: "Prints JSON.")
  var json = false

  func run() throws {
    try reportingFailures {
      guard let name else {
        return try Terminal.print(json ? CatalogueText.gpusJSON() : CatalogueText.gpusText())
      }
      guard let device = HardwareCatalogue.gpu(named: name) else {
        let names = HardwareCatalogue.gpus.map(\.name)
        let hint = suggestion(for: name, among: names).map { "did you mean '\($0)'?" }
        throw ValidationError(
          "no device type is called '\(name)'; "
            + (hint ?? "known: " + names.joined(separator: ", ")))
      }
      try Terminal.print(json ? CatalogueText.gpuJSON(device) : CatalogueText.gpuText(device))
    }
  }
}

/// `simpp models`: the models and their shapes.
struct ModelsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "models",
    abstract: "Lists the models with their shapes and sizes, or shows one with its source.",
    discussion: """
      With --config it shows what a Hugging Face config.json is read as. Exit status 65 when its \
      content cannot be read as a model, 66 when the file is missing or unreadable.
      """)

  @Argument(help: "A model of the catalogue. Default: all.")
  var name: String?

  @Option(
    help: ArgumentHelp("A Hugging Face config.json to read instead.", valueName: "file"),
    completion: .file(extensions: ["json"]))
  var config: String?

  @Flag(help: "Prints JSON.")
  var json = false

  func validate() throws {
    if name != nil, config != nil {
      throw ValidationError("a model's name and --config exclude each other")
    }
    guard let name, ModelCatalogue.entry(named: name) == nil else { return }
    let known = ModelCatalogue.models.map(\.name)
    let hint = suggestion(for: name, among: known).map { "did you mean '\($0)'?" }
    throw ValidationError(
      "the catalogue has no model '\(name)'; " + (hint ?? "'simpp models' lists them all"))
  }

  func run() throws {
    try reportingFailures {
      guard let entry = try entry() else {
        try Terminal.print(json ? CatalogueText.modelsJSON() : CatalogueText.modelsText())
        return
      }
      try Terminal.print(
        json ? CatalogueText.modelJSON(entry) : CatalogueText.modelText(entry))
    }
  }

  /// The one model that is asked for, nil for all.
  private func entry() throws -> CatalogueModel? {
    guard let config else { return name.flatMap(ModelCatalogue.entry(named:)) }
    return try HuggingFaceConfig.read(
      text: try ScenarioFile.text(at: config), fileName: baseName(config))
  }
}
