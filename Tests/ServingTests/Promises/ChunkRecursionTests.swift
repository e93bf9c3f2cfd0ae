import EventKernel
import Hardware
import Inference
import Serving
import Support
import Testing

/// A long prompt in chunks that follow each other through a pipeline: chunk i ends on stage s at
/// f(i, s) = max(f(i − 1, s), f(i, s − 1) + hop(i, s − 1)) + t(i, s).
@Suite("Chunks of one prompt on a pipeline")
struct ChunkRecursionTests {
  /// What an event log says of the chunks, by chunk and stage.
  private struct Passage {
    var begins: [[Nanoseconds]]
    var times: [[Nanoseconds]]
    var ends: [[Nanoseconds]]
    var hops: [[Nanoseconds]]
    var firstToken: Nanoseconds
    var members: [Int64]

    init(_ outcome: Outcome, stages: Int) {
      let chunks = outcome.events.filter { $0.kind == .form }.count
      let none = Array(repeating: Array(repeating: Nanoseconds(0), count: stages), count: chunks)
      (begins, times, ends, hops) = (none, none, none, none)
      firstToken = 0
      members = []
      for event in outcome.events {
        let (chunk, stage) = (Int(event.a), Int(event.b))
        switch event.kind {
        case .step:
          begins[chunk][stage] = event.time
          times[chunk][stage] = event.c
        case .stepEnd: ends[chunk][stage] = event.time
        case .hop: hops[chunk][stage] = event.c
        case .member: members.append(event.c)
        case .token where event.b == 1: firstToken = event.time
        default: break
        }
      }
    }
  }

  private func outcome(
    stages: Int, batching: any BatchingPolicy, prompt: Int = 8_192, isFree: Bool = false
  ) -> Outcome {
    var scheduler = Schedulers.make(
      stages: stages, domainRequired: false, batching: batching, keyValueBlocks: 2_000)
    scheduler.engine.pricedHops = !isFree
    let model = ServedModel(
      name: "m", architecture: Models.architecture(context: 20_000), cost: .roofline(RooflineCost())
    )
    return Scenario.small(
      cluster: Machines.cluster(nodes: stages, gpus: 1), models: [model],
      workloads: [Traffic.burst(1, prompt: prompt, output: 1)], schedulers: [scheduler]
    ).outcome()
  }

  private func vllm(tokens: Int) -> VLLMBatching {
    var values = OptionValues(defaultsOf: VLLMBatching.options)
    values["maxBatchedTokens"] = .integer(Int64(tokens))
    values["overlapsChunks"] = .flag(true)
    values["depth"] = .integer(64)
    return VLLMBatching(values)
  }

  @Test("Every chunk ends when the recursion says, to the nanosecond", arguments: [1, 2, 4])
  func recursion(stages: Int) {
    let outcome = outcome(stages: stages, batching: vllm(tokens: 1_024))
    let passage = Passage(outcome, stages: stages)
    #expect(passage.members == Array(repeating: 1_024, count: 8))
    var last = Array(repeating: Nanoseconds(0), count: stages)
    for chunk in passage.times.indices {
      var there: Nanoseconds = 0
      for stage in 0..<stages {
        last[stage] = max(last[stage], there) + passage.times[chunk][stage]
        #expect(passage.ends[chunk][stage] == last[stage], "chunk \(chunk), stage \(stage)")
        there = last[stage] + (stages > 1 ? passage.hops[chunk][stage] : 0)
      }
      #expect(stages == 1 || passage.hops[chunk][0] > 0)
    }
    let back = stages > 1 ? passage.hops[7][stages - 1] : 0
    #expect(passage.firstToken == last[stages - 1] + back)
    #expect(outcome.records.requests.map(\.firstToken) == [passage.firstToken])
    for stage in 0..<stages {
      let times = passage.times.map { $0[stage] }
      #expect(zip(times, times.dropFirst()).allSatisfy { $0 < $1 }, "a chunk reads its prefix")
    }
  }

  @Test("A request's time is labelled once, though its chunks are on their way at once")
  func labels() throws {
    let request = try #require(outcome(stages: 4, batching: vllm(tokens: 1_024)).request(0))
    #expect(request.parts.total == request.end - request.arrival)
    #expect(request.parts.compute > 0 && request.parts.commPipeline > 0)
  }

  @Test("One chunk at a time visits all stages before the next sets out")
  func oneAtATime() {
    let passage = Passage(
      outcome(stages: 4, batching: Schedulers.vllm(tokens: 1_024), isFree: true), stages: 4)
    for chunk in 1..<8 { #expect(passage.begins[chunk][0] == passage.ends[chunk - 1][3]) }
  }

  @Test(
    "Dynamic chunks shrink with their prefix, take about as long each, and the prompt is faster")
  func dynamicChunks() throws {
    var values = OptionValues(defaultsOf: DynamicChunkBatching.options)
    values["chunkTokens"] = .integer(4_096)
    values["smoothing"] = .number(1)
    values["depth"] = .integer(64)
    let dynamic = Passage(
      outcome(stages: 4, batching: DynamicChunkBatching(values), prompt: 8_192), stages: 4)
    values["smoothing"] = .number(0)
    let fixed = Passage(
      outcome(stages: 4, batching: DynamicChunkBatching(values), prompt: 8_192), stages: 4)
    #expect(fixed.members == [4_096, 4_096])
    #expect(dynamic.members.reduce(0, +) == 8_192)
    let whole = dynamic.members.dropLast()
    #expect(zip(whole, whole.dropFirst()).allSatisfy { $0 > $1 })
    #expect(whole.allSatisfy { $0 % 64 == 0 && $0 >= 1_024 })
    func spread(_ passage: Passage, _ count: Int) -> Double {
      let times = passage.times.prefix(count).map { Double($0[1]) }
      return (times.max() ?? 0) / (times.min() ?? 1)
    }
    #expect(spread(dynamic, whole.count) < 1.1)
    #expect(spread(fixed, 2) > spread(dynamic, whole.count))
    #expect(dynamic.firstToken < fixed.firstToken)
  }
}
