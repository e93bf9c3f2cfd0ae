import EventKernel
import Hardware
import Inference
import Serving
import Support
import Testing

@Suite("Variations of a scenario's figures")
struct FigureVariationTests {
  private func scenario(
    _ model: ServedModel, tensor: Int = 1
  ) -> Scenario {
    Scenario(
      name: "varied", duration: 1_000_000_000, cluster: Machines.cluster(),
      models: [model], workloads: [Traffic.burst(8, prompt: 100, output: 20)],
      schedulers: [Schedulers.make(tensor: tensor)])
  }

  private func predicted(_ architecture: ModelArchitecture) -> ServedModel {
    ServedModel(name: "m", architecture: architecture, cost: .roofline(RooflineCost()))
  }

  @Test("Given step costs leave nothing uncertain")
  func given() {
    #expect(scenario(Models.constant(), tensor: 2).variations == [])
  }

  @Test("Each group that matters goes to both ends, and then all of them together")
  func groups() {
    let alone: [FigureGroup] = [.gemm, .attention, .elementwise, .host]
    let one = scenario(predicted(Models.architecture()))
    #expect(one.uncertainGroups == alone)
    #expect(one.variations.count == 2 * alone.count + 2)
    #expect(one.variations.last == FigureVariation(alone, .slow))
    let two = scenario(predicted(Models.architecture()), tensor: 2)
    #expect(two.uncertainGroups == [.gemm, .attention, .elementwise, .links, .host])
    var routed = Models.architecture()
    routed.experts = Experts(count: 8, perToken: 2, width: 256)
    #expect(scenario(predicted(routed)).uncertainGroups.contains(.experts))
  }

  @Test("Every slow end takes at least as long as every fast end, on the same arrivals")
  func ends() {
    let scenario = scenario(predicted(Models.architecture()), tensor: 2)
    func run(_ variation: FigureVariation) -> RunSummary {
      Simulation(scenario: scenario.varied(variation), scheduler: 0).run()
    }
    let base = Simulation(scenario: scenario, scheduler: 0).run()
    let mean = base.overall.e2e.mean ?? 0
    #expect(mean > 0)
    for group in scenario.uncertainGroups {
      let (fast, slow) = (
        run(FigureVariation([group], .fast)), run(FigureVariation([group], .slow))
      )
      #expect(fast.requests == base.requests && slow.requests == base.requests)
      let (least, most) = (fast.overall.e2e.mean ?? .infinity, slow.overall.e2e.mean ?? 0)
      #expect(least < mean && mean < most, "\(group)")
    }
  }
}
