import ArgumentParser
import Hardware
import Inference
import Reports
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

/// `simpp gpus`: the GPU types and where their figures come from.
struct GPUsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "gpus", abstract: "Lists the GPU types with their figures and sources.")

  func run() throws { try reportingFailures { try Terminal.print(CatalogueText.gpusText()) } }
}

/// `simpp models`: the models and their shapes.
struct ModelsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "models", abstract: "Lists the models with their shapes and sizes.")

  func run() throws { try reportingFailures { try Terminal.print(CatalogueText.modelsText()) } }
}
