import EventKernel
import Inference
import Serving
import Support
import Testing

/// Random small pools and plans under every policy: nothing lost, nothing made twice, nobody forgotten.
@Suite("What every batching policy conserves")
struct BatchingConservationTests {
  private struct Draws {
    var generator: SeededGenerator

    mutating func pick<Element>(_ choices: [Element]) -> Element {
      choices[Int.random(in: 0..<choices.count, using: &generator)]
    }
  }

  private static func batching(
    _ type: any BatchingPolicy.Type, _ draws: inout Draws
  ) -> any BatchingPolicy {
    var values = OptionValues(defaultsOf: type.options)
    for option in type.options {
      switch (option.key, option.kind) {
      case ("maxBatchedTokens", _), ("tokenBudget", _), ("chunkTokens", _),
        ("maxPrefillTokens", _):
        values[option.key] = .integer(draws.pick([8, 16, 64]))
      case ("minPrefillTokens", _), ("pageTokens", _), ("iterations", _), ("microbatches", _):
        values[option.key] = .integer(draws.pick([1, 4]))
      case ("maxSequences", _), ("maxDecodes", _), ("peakBatch", _):
        values[option.key] = .integer(draws.pick([2, 6, 32]))
      case ("predictor", _): values[option.key] = .choice(draws.pick(["oracle", "constant"]))
      case ("predictionError", _): values[option.key] = .number(draws.pick([0, 0.9]))
      case (_, .flag): values[option.key] = .flag(draws.pick([true, false]))
      default: break
      }
    }
    return type.init(values)
  }

  private static func scenario(
    _ type: any BatchingPolicy.Type, seed: UInt64
  ) -> Scenario {
    var draws = Draws(generator: SeededGenerator(state: seed &* 7919 &+ 17))
    let stages = draws.pick([1, 2, 3, 4])
    let blockTokens = draws.pick([1, 4])
    // The longest request has 40 + 20 - 1 tokens; virtual engines divide the pool.
    let longest = (59 + blockTokens - 1) / blockTokens
    let blocks = draws.pick([longest, longest * 3 / 2, longest * 4]) * stages
    var scheduler = Schedulers.make(
      stages: stages, batching: batching(type, &draws), keyValueBlocks: blocks)
    scheduler.engine.blockTokens = blockTokens
    scheduler.engine.pricedHops = draws.pick([true, false])
    return Scenario.small(
      seed: seed, duration: 40_000_000,
      models: [Models.constant(base: 1_000_003, perPrefillToken: 7_001, perDecodeSequence: 3_001)],
      workloads: [Traffic.poisson(rate: draws.pick([300, 1_500]))], schedulers: [scheduler])
  }

  @Test("Every request ends with exactly its tokens, and every block is given back")
  func everyPolicy() {
    for type in PolicyCatalogue.builtIn.batching {
      var preemptions: Int64 = 0
      for seed in UInt64(0)..<12 {
        // The whole state is checked after every event: blocks, members, counts.
        let outcome = Self.scenario(type, seed: seed).outcome()
        preemptions += outcome.summary.preemptions
        let requests = outcome.records.requests
        #expect(requests.allSatisfy { $0.status == .completed }, "\(type.name), seed \(seed)")
        #expect(!requests.isEmpty)
        var tokens: [Int64: Int64] = [:]
        for event in outcome.events where event.kind == .token {
          #expect(event.b == tokens[event.a, default: 0] + 1, "\(type.name), seed \(seed)")
          tokens[event.a, default: 0] = event.b
        }
        for request in requests {
          #expect(tokens[request.requestID] == Int64(request.outputTokens))
        }
        let generated = outcome.records.replicas.reduce(0) { $0 + $1.tokensGenerated }
        #expect(generated == requests.reduce(0) { $0 + Int64($1.outputTokens) })
      }
      let neverPreempts = ["static", "orca"].contains(type.name)
      #expect((preemptions == 0) == neverPreempts, "\(type.name): \(preemptions)")
    }
  }
}
