import EventKernel
import Inference
import Serving
import Support
import Testing
import Workload

/// Three requests on two stages of two GPUs each, drawn by hand.
///
/// Every label that this version can reach is above zero in one of them at least. `comm_expert`
/// needs expert parallelism and `comm_kv` needs KV caches that move: neither exists yet.
///
/// The machine: one node, four GPUs, NVLink 2 bytes/ns per GPU, message 1,000 ns; network card
/// 1 byte/ns, PCIe 1 byte/ns. The model: 8 layers, 20,744,500 bytes; of the whole model on one GPU
/// a step takes 4,000 ns + 400 per prompt token + 800 per decoding sequence, communication 600;
/// host 50 per stage. A stage has half of the layers on two GPUs, so a quarter of the work and half
/// of the communication: step(p, d) = 1,000 + 100 p + 200 d compute + 300 tensor + 50 host.
/// A hop of n tokens is 1,000 n bytes over two ranks: 250 n on the links + 1,000; back: 1,000.
/// Engine: 6 tokens a step, 12 KV blocks of one token, two micro-batches in flight.
///
/// Before the engine (ns):
/// ```
///          0  another model's replica holds all GPUs; it is idle and kept for 10,000,000
///  4,000,000  R0 arrives (prompt 6, output 4): its replica is demanded
/// 10,000,000  the other replica goes; GPUs granted    R0 allocation_wait 6,000,000
/// 11,000,000  container up; 13,000,000 runtime up; four shards of 5,186,125 bytes share one card
/// 20,000,000  R1 arrives (prompt 3, output 4)
/// 33,744,500  fetched; 38,930,625 loaded; + 3,000,000 for the engine
/// 41,930,625  = G, ready                              R0 cold_start 31,930,625, R1 21,930,625
/// ```
/// In the engine (ns since G); A0 … A7 are micro-batches:
/// ```
///      0  A0 = R0 prefill 6, A1 = R1 prefill 3 behind it
///         A0 stage 0   0– 1,950   hop – 4,450   stage 1  4,450– 6,400   back  7,400  R0 token 1
///         A1 stage 0   1,950– 3,600  hop – 5,350  waits – 6,400
///            stage 1   6,400– 8,050  back 9,050                                     R1 token 1
///  7,000  R2 arrives (prompt 2, output 2)
///  7,400  A2 = R0 decode + R2 prefill 2; KV 7 + 3 + 2 = 12 blocks: full
///         A2 stage 0   7,400– 9,150  hop –10,900  stage 1 10,900–12,650  back 13,650
///                                                                R0 token 2, R2 token 1
///  9,050  R1 wants a block, is the last idle one and loses its own 3
/// 13,650  A3 = R0 + R2 decode, 11 blocks; R1 wants 4 and waits
///         A3 stage 0  13,650–15,400  hop –16,900  stage 1 16,900–18,650  back 19,650
///                                                                R0 token 3, R2 token 2: ends
/// 19,650  A4 = R0 decode, 9 blocks; R1 wants 4 of 3 and waits
///         A4 stage 0  19,650–21,200  hop –22,450  stage 1 22,450–24,000  back 25,000  R0 ends
/// 25,000  A5 = R1 prefills its 3 + 1 tokens again
///         A5 stage 0  25,000–26,750  hop –28,750  stage 1 28,750–30,500  back 31,500  R1 token 2
/// 31,500  A6 stage 0  31,500–33,050  hop –34,300  stage 1 34,300–35,850  back 36,850  R1 token 3
/// 36,850  A7 stage 0  36,850–38,400  hop –39,650  stage 1 39,650–41,200  back 42,200  R1 ends
/// ```
@Suite("Three requests on a pipeline, drawn by hand")
struct HandDrawnPipelineTests {
  private static let ready: Nanoseconds = 41_930_625

  private static let scenario: Scenario = {
    var scheduler = Schedulers.make(
      tensor: 2, stages: 2, batching: Schedulers.vllm(tokens: 6, sequences: 4),
      scaling: Schedulers.queue(max: 1, initial: 1, keepAlive: 10_000_000), keyValueBlocks: 12)
    scheduler.engine.blockTokens = 1
    scheduler.coldStart = Schedulers.coldStart(
      container: 1_000_000, runtime: 2_000_000, engineInit: 3_000_000)
    let model = Models.constant(
      base: 4_000, perPrefillToken: 400, perDecodeSequence: 800, communication: 600, host: 50)
    return Scenario.small(
      duration: 42_000_000, cluster: Machines.cluster(gpus: 4),
      models: [Models.constant("other"), model],
      workloads: [Traffic.burst(1, name: "other"), Traffic.burst(1, model: 1)],
      requests: [
        ArrivingRequest(arrival: 4_000_000, workload: 1, promptTokens: 6, outputTokens: 4),
        ArrivingRequest(arrival: 20_000_000, workload: 1, promptTokens: 3, outputTokens: 4),
        ArrivingRequest(arrival: ready + 7_000, workload: 1, promptTokens: 2, outputTokens: 2),
      ], schedulers: [scheduler])
  }()

  private let outcome = Self.scenario.outcome()

  @Test("The first request: waits for GPUs and for its replica, decodes beside a prefill")
  func first() throws {
    let request = try #require(outcome.request(0))
    var first = LatencyParts()
    first.allocationWait = 6_000_000
    first.coldStart = 31_930_625
    // A0: 2 · (1,000 + 600); 2,500 forward and 1,000 back.
    first.compute = 3_200
    first.commTensor = 600
    first.commPipeline = 3_500
    first.host = 100
    var whole = first
    // A2 and A3: 2 · 1,400 each, A4: 2 · 1,200; hops 1,750, 1,500 and 1,250, each 1,000 back.
    whole.compute += 2_800 + 2_800 + 2_400
    whole.commTensor += 1_800
    whole.commPipeline += 2_750 + 2_500 + 2_250
    whole.host += 300
    #expect(request.firstTokenParts == first)
    #expect(request.parts == whole)
    #expect(request.firstToken == Self.ready + 7_400)
    #expect(request.finish == Self.ready + 25_000)
    // Two prompt tokens of R2 on each stage of A2.
    #expect(request.batchInterference == 400)
  }

  @Test("The second request: queues behind a batch, waits for a stage, loses its KV cache")
  func second() throws {
    let request = try #require(outcome.request(1))
    var first = LatencyParts()
    first.coldStart = 21_930_625
    first.queue = 1_950
    first.pipelineWait = 1_050
    // A1: 2 · (1,000 + 300); 1,750 forward and 1,000 back.
    first.compute = 2_600
    first.commTensor = 600
    first.commPipeline = 2_750
    first.host = 100
    var whole = first
    whole.preemption = 31_500 - 9_050
    // A6 and A7: 2 · 1,200 and 2,250 each.
    whole.compute += 4_800
    whole.commTensor += 1_200
    whole.commPipeline += 4_500
    whole.host += 200
    #expect(request.firstTokenParts == first)
    #expect(request.parts == whole)
    #expect(request.firstToken == Self.ready + 9_050)
    #expect(request.finish == Self.ready + 42_200)
    #expect(request.batchInterference == 0)
  }

  @Test("The third request: queues until the engine plans again")
  func third() throws {
    let request = try #require(outcome.request(2))
    var first = LatencyParts()
    first.queue = 400
    first.compute = 2_800
    first.commTensor = 600
    first.commPipeline = 2_750
    first.host = 100
    var whole = first
    whole.compute += 2_800
    whole.commTensor += 600
    whole.commPipeline += 2_500
    whole.host += 100
    #expect(request.firstTokenParts == first)
    #expect(request.parts == whole)
    #expect(request.firstToken == Self.ready + 13_650)
    #expect(request.finish == Self.ready + 19_650)
    #expect(request.batchInterference == 0)
  }

  @Test("Every label this version can reach is above zero in one of the three")
  func labels() {
    var sum = LatencyParts()
    for request in outcome.records.requests { sum += request.parts }
    let unreached = LatencyLabel.allCases.filter { sum[$0] == 0 }
    #expect(unreached == [.commExpert, .commKV])
  }

  @Test("Both stages: eight steps, idle while the replica has work, starved after it")
  func stages() throws {
    let stages = outcome.records.stages.filter { $0.replicaID == 2 }
    #expect(stages.count == 2)
    for stage in stages {
      // 1,950 + 1,650 + 3 · 1,750 + 1,550 + 2 · 1,550 with eight exposed all-reduces of 300.
      #expect(stage.busy == 13_500 - 2_400)
      #expect(stage.exposedCommunication == 2_400)
      #expect(stage.bubble == 42_200 - 13_500)
      #expect(stage.starting == 31_930_625)
      #expect(stage.starved == 42_000_000 - Self.ready - 42_200)
      #expect(stage.steps == 8)
      #expect(stage.tokens == 6 + 3 + 3 + 2 + 1 + 4 + 1 + 1)
    }
  }

  @Test("The replica's cold start, phase by phase, and its KV cache")
  func replica() throws {
    let replica = try #require(outcome.records.replicas.first { $0.replicaID == 2 })
    #expect(replica.demanded == 4_000_000)
    #expect(replica.granted == 10_000_000)
    #expect(replica.containerEnd == 11_000_000)
    #expect(replica.runtimeEnd == 13_000_000)
    #expect(replica.fetchEnd == 33_744_500)
    #expect(replica.loadEnd == 38_930_625)
    #expect(replica.ready == Self.ready)
    #expect(replica.keyValueBlocksPeak == 12)
    #expect(replica.preemptions == 1)
    #expect(replica.tokensGenerated == 10)
  }

  @Test("The accountant agrees")
  func accountant() {
    let accountant = Accountant(Self.scenario, scheduler: 0, events: outcome.events)
    #expect(accountant.differences(from: outcome.records) == [])
  }
}
