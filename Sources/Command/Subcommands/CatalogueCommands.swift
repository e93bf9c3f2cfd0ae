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
    commandName: "models", abstract: "Lists the models with their shapes and sizes.")

  func run() throws { try reportingFailures { try Terminal.print(CatalogueText.modelsText()) } }
}
