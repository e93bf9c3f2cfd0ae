import Hardware
import Inference
import Serving
import Support
import Testing
import Workload

@Suite("Runs held against what their machines can do")
struct PeakUseTests {
  /// One request of 100 prompt and 3 output tokens: one prefill and two decode steps.
  private func scenario(
    _ cost: CostModel, gpu: GPUSpecification = .h100SXM, tensor: Int = 1, stages: Int = 1
  ) -> Scenario {
    var cluster = Machines.cluster()
    cluster.nodes[0].gpu = gpu
    let model = ServedModel(name: "m", architecture: Models.architecture(), cost: cost)
    return Scenario.small(
      cluster: cluster, models: [model],
      workloads: [Traffic.burst(1, prompt: 100, output: 3)],
      schedulers: [Schedulers.make(tensor: tensor, stages: stages)])
  }

  /// By hand: eight layers of 250 wide hidden states, eight heads of 64 and a feed-forward width of
  /// 512, a vocabulary of 6,400.
  private let layer = 250 * 3 * 512 + 512 * 250 + 3 * 250 * 512
  private let head = 6_400 * 250
  private var operations: Double {
    let products = 102 * 8 * layer + 3 * head
    let pairs = 100 * 101 / 2 + 101 + 102
    return Double(2 * products + pairs * 4 * 64 * 8 * 8)
  }
  private var bytes: Double {
    Double(3 * 2 * (8 * layer + head) + (101 + 102) * 2 * 8 * 64 * 2 * 8)
  }

  @Test("One prefill and two decode steps, by hand, on one GPU and on four, leaping or not")
  func closedForm() throws {
    for (tensor, stages) in [(1, 1), (2, 2)] {
      let scenario = scenario(.roofline(RooflineCost()), tensor: tensor, stages: stages)
      for leaps in [false, true] {
        let sink = MemorySink()
        let run = Simulation(scenario: scenario, scheduler: 0).run(into: sink, leaps: leaps)
        #expect(sink.stages.count == stages && sink.stages.allSatisfy { $0.steps == 3 })
        #expect(sink.stages.reduce(0) { $0 + $1.modelFLOPs } == operations)
        #expect(sink.stages.reduce(0) { $0 + $1.leastBytes } == bytes)
        let seconds = sink.stages.reduce(0.0) {
          $0 + Double(($1.busy + $1.exposedCommunication) * Int64(tensor)) / 1e9
        }
        let (mfu, mbu) = (try #require(run.mfu), try #require(run.mbu))
        #expect(abs(mfu / (operations / (seconds * 989e12)) - 1) < 1e-12)
        #expect(abs(mbu / (bytes / (seconds * 3.35e12)) - 1) < 1e-12)
        #expect(mfu < 1 && mbu < 1 && run.beyondPhysics == nil)
        let stage = sink.stages[0]
        for gpu in stage.gpus {
          let record = sink.gpus[Int(gpu)]
          #expect(abs((record.mfu ?? 0) / (stage.mfu ?? 1) - 1) < 1e-12)
          #expect(abs((record.mbu ?? 0) / (stage.mbu ?? 1) - 1) < 1e-12)
        }
        #expect(sink.gpus.filter { $0.mfu == nil }.count == 4 - tensor * stages)
      }
    }
  }

  @Test("A link's share is its bytes over its bandwidth times the run's length")
  func links() throws {
    let scenario = scenario(.roofline(RooflineCost()), tensor: 2)
    let sink = MemorySink()
    let run = Simulation(scenario: scenario, scheduler: 0).run(into: sink)
    let seconds = Double(run.simulated) / 1e9
    for link in sink.links {
      let share = Double(link.bytes) / (link.capacityBytesPerSecond * seconds)
      #expect(abs((link.share ?? -1) - share) <= 1e-15)
    }
    #expect(run.linkShare == sink.links.compactMap(\.share).max())
    #expect((run.linkShare ?? 0) > 0)
  }

  @Test("Given times that beat physics are told, as given")
  func given() throws {
    let run = Simulation(
      scenario: scenario(.constant(ConstantCost(baseNanoseconds: 1))), scheduler: 0
    ).run()
    let beyond = try #require(run.beyondPhysics)
    #expect(beyond.isGiven && beyond.isOurs)
    #expect(beyond.description.hasPrefix("stage 0 of replica 0 on h100-sxm (GPUs 0) would do "))
    #expect(beyond.description.hasSuffix("; its step times are given by the scenario"))
    #expect((run.mfu ?? 0) > 1 || (run.mbu ?? 0) > 1)
  }

  @Test("A device that claims more than its maker publishes is held to the catalogue")
  func claimed() throws {
    var gpu = GPUSpecification.h100SXM
    gpu.laws = .roofline
    gpu.hbmBandwidthBytesPerSecond *= 100
    gpu.peakFLOPs *= 100
    let cost = RooflineCost(
      hostNanosecondsPerStep: 0, hostNanosecondsPerSampling: 0, hostNanosecondsPerSequence: 0)
    let run = Simulation(scenario: scenario(.roofline(cost), gpu: gpu), scheduler: 0).run()
    let beyond = try #require(run.beyondPhysics)
    #expect(!beyond.isGiven && !beyond.isOurs)
    #expect(beyond.limit == 3.35e12 && beyond.figure == "B/s of memory a GPU")
    #expect(beyond.ratio > 1)
  }
}
