import EventKernel
import Hardware
import Inference
import Serving
import Workload

/// Rebuilds a run from its event log alone, and finds everything in it that cannot be.
///
/// It shares no code with the simulator and goes another way: the simulator adds up what a
/// micro-batch did and books it on its members at its return; the accountant walks each request's,
/// stage's and GPU's life from instant to instant and labels every span by what was going on. Only where a
/// chunk of a prompt was on its way before the one ahead was back is a span labelled by a rule.
final class Accountant {
  /// What the log does not say: which models a workload asks for, and the machines.
  let modelsOfWorkload: [Set<Int>]
  let cluster: ClusterSpecification
  /// Whether a stage is held until its output has arrived.
  let blockingHops: Bool
  /// Whether hops arrive when the network says.
  let hopsAreFlows: Bool
  /// Whether requests may hold the same blocks, of which the log does not tell.
  let sharesPrefixes: Bool
  /// Whether some model's last stage takes longer for LM head and sampler.
  let hasSampler: Bool
  /// Whether chunks of one prompt may follow each other.
  let overlapsChunks: Bool
  /// What cold starts consist of.
  let coldStart: ColdStartSpecification
  /// How many engines a replica of so many stages has.
  let engineCount: (Int) -> Int
  /// Whether replicas share GPUs.
  let sharesGPUs: Bool
  let sampleInterval: Nanoseconds
  /// Requests that arrive before this do not count.
  let warmup: Nanoseconds
  let duration: Nanoseconds

  var requests: [RequestAccount] = []
  var batches: [Int64: BatchAccount] = [:]
  var formedBatches: Int64 = 0
  var steps: [StepAccount] = []
  var replicas: [ReplicaAccount] = []
  var gpus: [GPUAccount]
  var tenants: [Int64: TenantAccount] = [:]
  var links: [LinkAccount] = []
  /// Bytes of shards under way, the links that they cross, and when others arrived.
  var transferBytes: [TransferAccount: Int64] = [:]
  var paths: [TransferAccount: [Int]] = [:]
  var arrived: [TransferAccount: Nanoseconds] = [:]
  /// Bytes that have reached each GPU's host, and those that have left it for the GPU.
  var fetched = PlaceBytes()
  var loaded = PlaceBytes()
  /// Bytes that each GPU got from others, and what its cold starts found in each tier.
  var fromPeers = PlaceBytes()
  var found: [Int64: [(lookups: Int64, hits: Int64, bytes: Int64)]] = [:]
  /// Hops that are flows and under way, by their micro-batch.
  var hopFlows: [Int64: LoggedEvent] = [:]
  var samples: [SampleAccount] = []
  var scalings: [ScalingAccount] = []
  /// The request that arrived last, and the last one whose arrival led to demands.
  var lastArrival: Int64?
  var decidedArrival: Int64?
  var end: Nanoseconds?
  /// What micro-batches in flight tell about idle stages, and the dispatch that is being told.
  var rounds: [Int64: RoundAccount] = [:]
  var dispatching: (replica: Int, account: DispatchAccount)?
  var areRoundsClosed = false
  /// Whether the scaling policy has a clock.
  let hasClock: Bool
  /// The replica that is asked for next, where it is to take over from another.
  var successor: LoggedEvent?
  /// That it is asked for before a request waits for it.
  var preWarming: LoggedEvent?
  /// Replicas whose last request has just finished.
  var runDry: Set<Int> = []
  /// What cannot be, as sentences.
  var faults: [String] = []

  private var now: Nanoseconds = 0
  /// The micro-batch whose members are being told.
  private var forming: Int64?

  init(_ scenario: Scenario, scheduler: Int, events: [LoggedEvent]) {
    modelsOfWorkload = scenario.workloads.map { Set($0.models) }
    cluster = scenario.cluster
    blockingHops = !scenario.schedulers[scheduler].engine.asynchronousHops
    hopsAreFlows = scenario.schedulers[scheduler].engine.simulatedHops
    sharesPrefixes = scenario.schedulers[scheduler].engine.keyValue.sharesPrefixes
    hasSampler = scenario.models.contains { model in
      switch model.cost {
      case .roofline: true
      case .constant, .stochastic, .table: false
      }
    }
    overlapsChunks = scenario.schedulers[scheduler].batching.overlapsChunks
    coldStart = scenario.schedulers[scheduler].coldStart
    engineCount = scenario.schedulers[scheduler].batching.engines(stages:)
    sharesGPUs = scenario.schedulers[scheduler].engine.residentsPerGPU > 1
    gpus = Array(repeating: GPUAccount(), count: scenario.cluster.gpuCount)
    hasClock = scenario.schedulers[scheduler].scaling.hasClock
    sampleInterval = scenario.sampleInterval
    warmup = scenario.warmup
    duration = scenario.duration
    for event in events { read(event) }
    expect(end != nil, "the log has no end")
  }

  func expect(_ holds: Bool, _ sentence: @autoclosure () -> String) {
    if !holds, faults.count < 20 { faults.append("at \(now): \(sentence())") }
  }

  private func read(_ event: LoggedEvent) {
    expect(end == nil, "something happens after the end")
    expect(event.time >= now, "time goes back to \(event.time)")
    // Who is left over at the end was still there when that instant was sampled.
    takeSamples(upTo: event.kind == .leftover ? event.time : event.time - 1)
    now = event.time
    if let batch = forming, event.kind != .member {
      expect(false, "micro-batch \(batch) has fewer members than it says")
      forming = nil
    }
    switch event.kind {
    case .form, .member, .cached, .step, .stepEnd, .preempt, .swapOut, .swapIn, .fetch: break
    default: dispatching = nil
    }
    settleIdle(before: event)
    switch event.kind {
    case .swapOut, .swapIn, .fetch, .moved: readMove(event, at: now)
    case .arrive, .reject, .assign, .cached, .token, .preempt, .finish, .leftover:
      readRequest(event)
    case .form, .member, .step, .stepEnd, .hop, .sent, .done: readBatch(event)
    case .sleep, .wake: readSleep(event, at: now)
    case .demand, .withdraw, .grant, .device, .phase, .ready, .drain, .resume, .retire,
      .release:
      readReplica(event)
    case .scale: readDecision(event)
    case .consolidate: successor = event
    case .preWarm: preWarming = event
    case .move: move(event, at: now)
    case .link, .route, .transfer, .transferLink, .transferEnd, .transferCut, .found:
      readLink(event, at: now)
    case .tenantDemand, .tenantDevice, .tenantLeave: readTenant(event)
    case .end: readEnd()
    }
  }

  private func readRequest(_ event: LoggedEvent) {
    let request = Int(event.a)
    if event.kind == .arrive {
      expect(request == requests.count, "request \(request) is out of turn")
      lastArrival = event.a
      expect(
        modelsOfWorkload[Int(event.b)].contains(Int(event.e)),
        "request \(request) asks for a model that its workload does not")
      requests.append(
        RequestAccount(
          number: event.a, workload: event.b, model: event.e, prompt: event.c, output: event.d,
          arrival: now,
          spanStart: now, needed: event.c))
      return
    }
    guard requests.indices.contains(request), requests[request].end == nil else {
      expect(false, "request \(request) is not in the system but: \(event.text)")
      return
    }
    switch event.kind {
    case .reject: leave(request, as: .rejected, reason: event.b, at: now)
    case .assign: assign(request, to: Int(event.b), at: now)
    case .cached: find(request, replica: event.b, tokens: event.c)
    case .token: takeToken(request, number: event.b, at: now)
    case .preempt: preempt(request, replica: event.b, had: event.c, at: now)
    case .finish: finish(request, at: now)
    default: leave(request, as: .unfinished, reason: 3, at: now)
    }
  }

  private func readBatch(_ event: LoggedEvent) {
    if event.kind == .form {
      expect(event.a == formedBatches, "micro-batch \(event.a) is out of turn")
      formedBatches += 1
      batches[event.a] = BatchAccount(
        replica: event.b, tokens: event.c, prefillTokens: event.d, memberCount: event.e,
        place: .atStage(0, since: now))
      beginRound(event.a, of: Int(event.b), at: now)
      forming = event.a
      return
    }
    if event.kind == .member {
      expect(forming == event.a, "a member joins micro-batch \(event.a) late")
      if join(event, at: now) { forming = nil }
      return
    }
    guard batches[event.a] != nil else {
      expect(false, "there is no micro-batch for: \(event.text)")
      return
    }
    switch event.kind {
    case .step: beginStep(event, at: now)
    case .stepEnd: endStep(event, at: now)
    case .hop: hop(event, at: now)
    case .sent: sent(event, at: now)
    default: done(event.a, at: now)
    }
  }

  /// Samples are taken while requests may still arrive, and then while some are in the system.
  private func takeSamples(upTo time: Nanoseconds) {
    while sampleInterval > 0, nextSample <= time {
      guard nextSample < duration || requests.contains(where: { $0.end == nil }) else { return }
      samples.append(sampleAccount())
    }
  }

  /// When what is being read happened.
  var time: Nanoseconds { now }

  /// When the next sample is due.
  var nextSample: Nanoseconds { Nanoseconds(samples.count) * sampleInterval }

  private func readEnd() {
    takeSamples(upTo: now)
    for index in gpus.indices { gpus[index].book(until: now) }
    cutTransfers(at: now)
    for request in requests where request.end == nil {
      expect(false, "request \(request.number) is neither gone nor left over")
    }
    for replica in replicas where replica.released == nil && replica.granted != nil {
      expect(false, "replica \(replica.number) is never released")
    }
    end = now
  }
}
