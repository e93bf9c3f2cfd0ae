import EventKernel
import Hardware
public import Serving
import Workload

/// Turns the event logs of runs into one file that trace viewers open, such as ui.perfetto.dev.
///
/// One process per node, replica and group of links, one for the requests and one for the counters;
/// a track per GPU, stage and link. `docs/events.md` says what each one shows. Memory grows with what
/// is under way, not with what has been: a slice is written when it ends. The same logs give the same
/// bytes.
public final class PerfettoWriter: EventSink {
  var out: TraceEventWriter
  var run: TimelineState?
  /// The time of the last event of the present run.
  var now: Nanoseconds = 0

  /// Begins a document.
  ///
  /// - Parameters:
  ///   - producer: The program and its version, as the document names it.
  ///   - write: Takes the document in pieces.
  public init(producer: String, write: @escaping ([UInt8]) -> Void) {
    out = TraceEventWriter(producer: producer, write: write)
  }

  /// Begins a run; its events follow, up to `end`.
  ///
  /// - Parameters:
  ///   - scenario: The scenario.
  ///   - scheduler: Index into its schedulers.
  ///   - replication: Which replication, from 0.
  public func begin(_ scenario: Scenario, scheduler: Int, replication: Int) {
    closeRun()
    let name = scenario.schedulers[scheduler].name
    let title = replication == 0 ? name : "\(name), replication \(replication)"
    now = 0
    run = TimelineState(scenario, scheduler: scheduler, title: title, &out)
  }

  /// Ends the document; a run that has not ended is cut at its last event.
  public func finish() {
    closeRun()
    out.finish()
  }

  /// Bytes handed on so far.
  public var byteCount: Int64 { out.byteCount }

  /// Shows an event.
  public func log(_ event: LoggedEvent) {
    guard run != nil else { return }
    if event.time > now { writeCounters() }
    now = event.time
    switch event.kind {
    case .link, .route, .transfer, .transferLink, .transferEnd, .transferCut: readLink(event)
    case .arrive, .reject, .assign, .token, .preempt, .finish, .leftover, .fetch, .move, .moved,
      .swapIn, .swapOut:
      readRequest(event)
    case .demand, .withdraw, .grant, .device, .phase, .ready, .drain, .resume, .consolidate,
      .retire, .sleep, .wake, .release:
      readReplica(event)
    case .form, .member, .step, .stepEnd, .hop, .sent, .done: readBatch(event)
    case .cached, .preWarm, .scale, .found: break
    case .tenantDemand, .tenantDevice, .tenantLeave: readTenant(event)
    case .end: closeRun()
    }
  }

  /// Ends everything that still goes on.
  private func closeRun() {
    guard let run else { return }
    // A complete run has seen its requests off and released its replicas.
    for request in run.requests.keys.sorted() { leave(request, as: "cut") }
    for replica in run.replicas.keys.sorted() { release(replica) }
    closeGPUs()
    closeLinks()
    writeCounters()
    self.run = nil
  }
}

/// What is under way in the run that is being written.
final class TimelineState {
  let title: String
  let models: [String]
  let regions: [String]
  let workloads: [String]
  /// Whether several replicas may lie on one GPU.
  let sharesGPUs: Bool
  /// What cold starts consist of.
  let coldStart: ColdStartSpecification

  var replicas: [Int64: ReplicaTimeline] = [:]
  /// Replicas that fetch only what other replicas' GPUs lack.
  var successorsInPlace: Set<Int64> = []
  var batches: [Int64: BatchTimeline] = [:]
  var requests: [Int64: RequestTimeline] = [:]
  let requestTrack: Track
  var gpus: [GPUTimeline] = []
  var tenants: [Int64: [Int]] = [:]
  var links: [LinkTimeline] = []
  /// Processes of groups of links by name; only looked up.
  var linkProcesses: [String: Int64] = [:]
  var transfers: [TransferKey: TransferTimeline] = [:]
  var counters: Counters
  /// Replicas whose counts have changed at this instant.
  var countedReplicas: [Int64] = []

  init(
    _ scenario: Scenario, scheduler: Int, title: String, _ out: inout TraceEventWriter
  ) {
    self.title = title
    models = scenario.models.map(\.name)
    regions = scenario.cluster.regions
    workloads = scenario.workloads.map(\.name)
    sharesGPUs =
      scenario.schedulers[scheduler].engine.residentsPerGPU > 1
      || scenario.schedulers[scheduler].parallelism.consolidation != nil
    coldStart = scenario.schedulers[scheduler].coldStart
    counters = Counters(scenario.cluster, process: out.process("\(title) · system"))
    requestTrack = out.track("requests", in: out.process("\(title) · requests"))
    for (index, node) in scenario.cluster.nodes.enumerated() {
      let process = out.process("\(title) · node \(index)")
      for gpu in 0..<node.gpuCount {
        gpus.append(GPUTimeline(track: out.track("GPU \(gpus.count) (\(gpu))", in: process)))
      }
    }
  }
}
