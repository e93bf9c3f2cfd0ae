import EventKernel
import Inference
import Serving
import Support
import Testing
import Workload

/// Every batching policy's leap rule on a pipeline, and what it noted of the plans that were skipped.
@Suite("Leaps under every batching policy")
struct LeapPolicyTests {
  private static let policies = PolicyCatalogue.builtIn.batching.map { $0.name }

  private static func scenario(_ policy: String, depth: Int? = nil, stages: Int) throws -> Scenario
  {
    let type = try #require(
      PolicyCatalogue.builtIn.batching.first { $0.name == policy })
    var values = OptionValues(defaultsOf: type.options)
    values["depth"] = depth.map { .integer(Int64($0)) }
    // Some for every stage, then others into what they have become.
    let first = (0..<2 * stages).map { (Nanoseconds($0) * 150_000, 200 + 7 * ($0 % 3)) }
    let later = (0..<3).map { (90_000_000 + Nanoseconds($0) * 10_200_003, 160 - 11 * $0) }
    return Scenario.small(
      duration: 1_000_000_000, drainLimit: 1_000_000_000_000,
      cluster: Machines.cluster(nodes: 8, gpus: 1),
      models: [Models.constant(base: 1_000_000, perDecodeSequence: 30_029, host: 5_003)],
      requests: (first + later).map {
        ArrivingRequest(
          arrival: $0.0, workload: 0, promptTokens: 4, outputTokens: Int32($0.1))
      }, schedulers: [Schedulers.make(stages: stages, batching: type.init(values))])
  }

  @Test("Most rounds of decodes are no events", arguments: policies, [2, 3, 4])
  func fewerEvents(policy: String, stages: Int) throws {
    let outcome = try Self.scenario(policy, stages: stages).expectEqualWithLeaps(fewerEvents: true)
    #expect(outcome.summary.completed == Int64(2 * stages + 3))
  }

  @Test(
    "More or fewer micro-batches in flight than stages",
    arguments: ["vllm-v1-async", "gllm-throttle", "td-pipe"], [1, 2, 4, 5])
  func depth(policy: String, depth: Int) throws {
    let outcome = try Self.scenario(policy, depth: depth, stages: 3).expectEqualWithLeaps()
    #expect(outcome.summary.completed == 9)
  }
}
