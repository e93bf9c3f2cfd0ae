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

  @Test("gpus lists every device type")
  func gpus() throws {
    let outcome = try place.simpp("gpus")
    #expect(outcome.status == 0)
    for gpu in HardwareCatalogue.gpus {
      #expect(outcome.text.contains("\n\(gpu.name) "), "\(gpu.name)")
    }
    let json = try place.simpp("gpus", "--json")
    #expect(json.status == 0 && json.text.hasPrefix("[\n"))
  }

  @Test("gpus NAME tells one device with its sources, an unknown name what was meant")
  func oneDevice() throws {
    let outcome = try place.simpp("gpus", "rtx-4090")
    #expect(outcome.status == 0)
    #expect(outcome.text.hasPrefix("rtx-4090\n"))
    #expect(outcome.text.contains("derived: the peak at the share of l40s"))
    let json = try place.simpp("gpus", "rtx-4090", "--json")
    #expect(json.status == 0 && json.text.hasPrefix("{\n  \"name\": \"rtx-4090\""))
    for (found, meant) in [("a6000", "rtx-a6000"), ("H100", "h100-sxm"), ("l40", "l40s")] {
      let unknown = try place.simpp("gpus", found)
      #expect(unknown.status == 64 && unknown.text.isEmpty)
      #expect(unknown.error.contains("'\(found)'; did you mean '\(meant)'?"), "\(unknown.error)")
    }
    #expect(try place.simpp("gpus", "tpu").error.contains("known: gb200-nvl72, b200-sxm, "))
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
