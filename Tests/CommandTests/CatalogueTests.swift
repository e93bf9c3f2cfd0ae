import Hardware
import Inference
import Serving
import Testing

@Suite("Catalogues")
struct CatalogueTests {
  let place: Workplace

  init() throws { place = try Workplace() }

  @Test("policies lists every policy with its options")
  func policies() throws {
    let outcome = try place.simpp("policies")
    #expect(outcome.status == 0)
    for kind in PolicyCatalogue.builtIn.kinds {
      #expect(outcome.lines.contains(kind.key[...]), "\(kind.key)")
      for policy in kind.policies {
        #expect(outcome.text.contains("\n  \(policy.name) "), "\(policy.name)")
        for option in policy.options {
          #expect(outcome.text.contains("\n    \(option.key) "), "\(option.key)")
        }
      }
    }
  }

  @Test("gpus lists every GPU type")
  func gpus() throws {
    let outcome = try place.simpp("gpus")
    #expect(outcome.status == 0)
    for gpu in HardwareCatalogue.gpus {
      #expect(outcome.lines.contains(gpu.name[...]), "\(gpu.name)")
    }
  }

  @Test("models lists every model")
  func models() throws {
    let outcome = try place.simpp("models")
    #expect(outcome.status == 0)
    for model in ModelCatalogue.models {
      #expect(outcome.text.contains("\n\(model.name) "), "\(model.name)")
    }
  }
}
