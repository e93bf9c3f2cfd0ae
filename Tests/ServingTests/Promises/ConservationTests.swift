import EventKernel
import Serving
import Support
import Testing
import Workload

@Suite("What is conserved")
struct ConservationTests {
  @Test("Requests come, end once, and are counted once", arguments: 1...15)
  func requests(seed: UInt64) {
    let outcome = RandomWorld.scenario(seed).outcome()
    let summary = outcome.summary
    let arrived = outcome.events.count { $0.kind == .arrive }
    #expect(Int64(arrived) == summary.requests)
    #expect(
      summary.requests
        == summary.completed + summary.rejected + summary.failed + summary.unfinished)
    let numbers = outcome.records.requests.map(\.requestID).sorted()
    #expect(numbers == Array(0..<Int64(arrived)))
    for status in RequestStatus.allCases {
      let recorded = outcome.records.requests.count { $0.status == status }
      let counts = [summary.completed, summary.rejected, summary.failed, summary.unfinished]
      #expect(Int64(recorded) == counts[Int(status.rawValue)])
    }
  }

  @Test("Little's law: requests in the system over time are the times of the requests")
  func littlesLaw() {
    for seed in 16...30 {
      let outcome = RandomWorld.scenario(UInt64(seed)).outcome()
      var inSystem: Int64 = 0
      var last: Nanoseconds = 0
      var area: Int64 = 0
      for event in outcome.events {
        area += inSystem * (event.time - last)
        last = event.time
        if event.kind == .arrive { inSystem += 1 }
        if [.reject, .finish, .leftover].contains(event.kind) { inSystem -= 1 }
      }
      #expect(inSystem == 0, "seed \(seed)")
      let times = outcome.records.requests.reduce(0) { $0 + $1.end - $1.arrival }
      #expect(area == times, "seed \(seed)")
    }
  }

  @Test("The drain limit leaves requests over, labelled to the last nanosecond", arguments: 1...20)
  func drainLimit(limit: Nanoseconds) {
    var scheduler = Schedulers.make(
      tensor: 2, stages: 2, batching: Schedulers.vllm(tokens: 16, sequences: 4),
      keyValueBlocks: 40)
    scheduler.engine.blockTokens = 4
    let drainLimit = limit * 1_234_567
    let outcome = Scenario.small(
      duration: 20_000_000, drainLimit: drainLimit,
      models: [Models.constant(base: 8_000_003, communication: 500_001, host: 30_001)],
      workloads: [Traffic.burst(10, prompt: 30, output: 10)], schedulers: [scheduler]
    ).outcome()
    #expect(outcome.summary.simulated == 20_000_000 + drainLimit)
    #expect(outcome.summary.unfinished > 0)
    #expect(outcome.summary.state == .overloaded)
    for request in outcome.records.requests where request.status == .unfinished {
      #expect(request.end == 20_000_000 + drainLimit)
      #expect(request.parts.total == request.end - request.arrival)
      #expect(request.reason == .drainLimit)
      #expect(request.finish == nil)
      #expect(request.firstTokenParts.total == (request.ttft ?? 0))
    }
    // Some are caught in the middle of a step.
    #expect(outcome.records.requests.contains { $0.parts.commTensor > 0 })
  }

  @Test(
    "A request longer than the context or than the whole KV pool is rejected, the rest is served")
  func rejections() throws {
    func outcome(context: Int, blocks: Int, lengths: [(Int32, Int32)]) -> Outcome {
      var scheduler = Schedulers.make(keyValueBlocks: blocks)
      scheduler.engine.blockTokens = 4
      return Scenario.small(
        models: [Models.constant(context: context)], workloads: [Traffic.burst(1)],
        requests: lengths.map {
          ArrivingRequest(arrival: 5, workload: 0, promptTokens: $0.0, outputTokens: $0.1)
        }, schedulers: [scheduler]
      ).outcome()
    }
    // The last token's keys and values are never stored: 40 in the context, 39 in the pool.
    let context = outcome(context: 40, blocks: 100, lengths: [(30, 10), (30, 11), (41, 1)])
    #expect(context.request(0)?.status == .completed)
    #expect(context.request(1)?.reason == .contextTooLong)
    #expect(context.request(2)?.reason == .contextTooLong)
    let pool = outcome(context: 1_000, blocks: 5, lengths: [(11, 10), (11, 11), (20, 1), (21, 1)])
    #expect(
      pool.records.requests.sorted { $0.requestID < $1.requestID }.map(\.reason)
        == [.none, .keyValuePoolTooSmall, .none, .keyValuePoolTooSmall])
    for request in context.records.requests + pool.records.requests
    where request.status == .rejected {
      #expect(request.end == 5 && request.parts == LatencyParts() && request.attempts == 0)
    }
  }

  @Test("Preemption loses no token, whatever the pool", arguments: [12, 14, 17, 23, 40])
  func preemption(blocks: Int) {
    var scheduler = Schedulers.make(
      stages: 2, batching: Schedulers.vllm(tokens: 12), keyValueBlocks: blocks)
    scheduler.engine.blockTokens = 2
    let outcome = Scenario.small(
      workloads: [Traffic.burst(6, prompt: 8, output: 12)], schedulers: [scheduler]
    ).outcome()
    #expect(outcome.summary.preemptions > 0)
    #expect(outcome.summary.completed == 6)
    var tokens: [Int64: [Int64]] = [:]
    for event in outcome.events where event.kind == .token {
      tokens[event.a, default: []].append(event.b)
    }
    #expect(tokens.values.allSatisfy { $0 == Array(1...12) })
    #expect(tokens.count == 6)
    #expect(outcome.records.replicas.map(\.tokensGenerated) == [72])
    // Whoever was preempted computed its prompt and tokens again: more tokens through the stages.
    let computed = outcome.records.stages.map(\.tokens)
    #expect(computed.allSatisfy { $0 > 6 * 19 })
  }

  @Test("Every label this version can reach appears in the random worlds")
  func labels() {
    var sum = LatencyParts()
    var first = LatencyParts()
    var interference: Nanoseconds = 0
    for seed in 1...40 {
      let sink = MemorySink()
      let scenario = RandomWorld.scenario(UInt64(seed))
      _ = Simulation(scenario: scenario, scheduler: 0).run(into: sink)
      for request in sink.requests {
        sum += request.parts
        first += request.firstTokenParts
        interference += request.batchInterference
      }
    }
    #expect(LatencyLabel.allCases.filter { sum[$0] == 0 } == [.commExpert])
    #expect(LatencyLabel.allCases.filter { first[$0] == 0 } == [.commExpert])
    #expect(interference > 0)
  }
}
