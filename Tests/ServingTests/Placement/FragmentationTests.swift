import EventKernel
import Hardware
import Serving
import Support
import Testing
import Workload

@Suite("How free GPUs lie")
struct FragmentationTests {
  private static let millisecond: Nanoseconds = 1_000_000

  private static func scenario(
    _ seed: UInt64, nvlink: NVLinkTopology, occupancy: Double = 0.6
  ) -> Scenario {
    var scheduler = Schedulers.make(
      tensor: 2, stages: 2, scaling: Schedulers.queue(max: 2, keepAlive: 10 * millisecond))
    scheduler.coldStart = Schedulers.coldStart(engineInit: millisecond)
    return Scenario.small(
      seed: seed, duration: 300 * millisecond, drainLimit: 5_000 * millisecond,
      sampleInterval: 10 * millisecond,
      cluster: Machines.cluster(nodes: 3, gpus: 8, nvlink: nvlink),
      background: BackgroundSpecification(
        occupancy: occupancy,
        sizes: [BackgroundSize(gpus: 1, share: 0.7), BackgroundSize(gpus: 4, share: 0.3)],
        lifetimeSeconds: .exponential(mean: 0.02)),
      workloads: [Traffic.poisson(rate: 60)], schedulers: [scheduler])
  }

  /// The free GPUs between two events, with what lies in each NVLink domain and node.
  private struct Span {
    var length: Double
    var domains: [Int]
    var nodes: [Int]
  }

  /// The run as spans in which nothing changes, from the event log alone.
  private static func spans(_ scenario: Scenario, _ events: [LoggedEvent]) -> [Span] {
    let size = scenario.cluster.nodes[0].nvlinkDomainSize
    var holders = Array(repeating: 0, count: 24)
    var gpus: [[Int64]: [Int]] = [:]
    var spans: [Span] = []
    var since: Nanoseconds = 0
    for event in events {
      if event.time > since {
        let free = holders.indices.filter { holders[$0] == 0 }
        spans.append(
          Span(
            length: Double(event.time - since),
            domains: (0..<24 / size).map { domain in free.count { $0 / size == domain } },
            nodes: (0..<3).map { node in free.count { $0 / 8 == node } }))
        since = event.time
      }
      switch event.kind {
      case .device:
        holders[Int(event.c)] += 1
        gpus[[0, event.a], default: []].append(Int(event.c))
      case .tenantDevice:
        holders[Int(event.b)] += 1
        gpus[[1, event.a], default: []].append(Int(event.b))
      case .release, .tenantLeave:
        let key = [event.kind == .release ? 0 : 1, event.a]
        for gpu in gpus.removeValue(forKey: key) ?? [] { holders[gpu] -= 1 }
      default: break
      }
    }
    return spans
  }

  /// F of one instant: half by tenants of 1 (0.7) and 4 (0.3) GPUs of a node, half by stages of 2 GPUs of
  /// a domain.
  private static func fragments(_ span: Span) -> Double {
    let byNode = span.nodes.reduce(0.0) { $0 + ($1 < 4 ? 0.5 * 0.3 * Double($1) : 0) }
    return byNode + span.domains.reduce(0.0) { $0 + ($1 < 2 ? 0.5 * Double($1) : 0) }
  }

  @Test(
    "Means over the run are those of the event log, weighted by time",
    arguments: 1...3, [NVLinkTopology.switch, .pairs])
  func means(seed: UInt64, nvlink: NVLinkTopology) throws {
    let scenario = Self.scenario(seed, nvlink: nvlink)
    let outcome = scenario.outcome()
    let spans = Self.spans(scenario, outcome.events)
    let length = spans.reduce(0) { $0 + $1.length }
    #expect(length == Double(outcome.summary.simulated))
    func mean(_ value: (Span) -> Double) -> Double {
      spans.reduce(0) { $0 + value($1) * $1.length } / length
    }
    func isNear(_ told: Double, _ value: (Span) -> Double) -> Bool {
      abs(told - mean(value)) < 1e-9 * max(1, told)
    }
    let told = try #require(outcome.summary.fragmentation)
    #expect(isNear(told.freeGPUs) { Double($0.nodes.reduce(0, +)) })
    #expect(isNear(told.strandedTP2) { $0.domains.reduce(0.0) { $0 + Double($1 % 2) } })
    #expect(isNear(told.strandedTP4) { $0.domains.reduce(0.0) { $0 + Double($1 % 4) } })
    #expect(isNear(told.strandedTP8) { $0.domains.reduce(0.0) { $0 + Double($1 % 8) } })
    #expect(isNear(told.largestBlock) { Double($0.domains.max() ?? 0) })
    #expect(isNear(told.fragmentedGPUs, Self.fragments))
    try #require(told.blocks.count == scenario.cluster.nodes[0].nvlinkDomainSize + 1)
    for (free, domains) in told.blocks.enumerated() {
      #expect(isNear(domains) { Double($0.domains.count { $0 == free }) })
    }
    #expect(told.fragmentedGPUs > 0)
  }

  @Test(
    "GPUs that are free while somebody waits are counted while somebody waits", arguments: 1...3)
  func waiting(seed: UInt64) throws {
    let scenario = Self.scenario(seed, nvlink: .switch, occupancy: 0.95)
    let outcome = scenario.outcome()
    let told = try #require(outcome.summary.fragmentation)
    var waiting = 0.0
    var free = 0.0
    var time: Nanoseconds = 0
    let waits = outcome.records.allocations.filter { $0.waited > 0 }
    for span in Self.spans(scenario, outcome.events) {
      // Demands come and go at events, so that nothing changes within a span.
      let middle = Double(time) + span.length / 2
      time += Nanoseconds(span.length)
      let isWaiting = waits.contains {
        Double($0.demanded) < middle && middle < Double($0.granted ?? $0.abandoned ?? 0)
      }
      guard isWaiting else { continue }
      waiting += span.length
      free += span.length * Double(span.nodes.reduce(0, +))
    }
    let length = Double(outcome.summary.simulated)
    #expect(abs(told.waitingShare - waiting / length) < 1e-9)
    #expect(abs(told.freeWhileWaiting - free / length) < 1e-9)
    #expect(waiting > 0)
  }

  @Test("Samples tell the fragments of their instant")
  func samples() {
    let scenario = Self.scenario(2, nvlink: .pairs)
    let outcome = scenario.outcome()
    var end: Nanoseconds = 0
    var samples = outcome.records.samples[...]
    var compared = 0
    for span in Self.spans(scenario, outcome.events) {
      end += Nanoseconds(span.length)
      while let sample = samples.first, sample.time < end {
        #expect(abs((sample.fragmentedGPUs ?? -1) - Self.fragments(span)) < 1e-9)
        samples.removeFirst()
        compared += 1
      }
    }
    #expect(compared > 20)
    #expect(samples.allSatisfy { $0.time >= end })
  }

  @Test("Spread stages reach a network card each and load sooner than packed ones")
  func spread() throws {
    func loaded(_ policy: any PlacementPolicy) throws -> Nanoseconds {
      var scheduler = Schedulers.make(tensor: 1, stages: 4, scaling: Schedulers.queue())
      scheduler.placement = policy
      scheduler.coldStart = Schedulers.coldStart()
      let outcome = Scenario.small(
        cluster: Machines.cluster(nodes: 4, gpus: 4), schedulers: [scheduler]
      ).outcome()
      let replica = try #require(outcome.records.replicas.first)
      let nodes = Set(outcome.records.stages.flatMap(\.gpus).map { $0 / 4 })
      #expect(nodes.count == (policy.keepsStagesNear ? 1 : 4))
      return try #require(replica.fetchEnd) - (try #require(replica.runtimeEnd))
    }
    let near = try loaded(PackedPlacement())
    let spread = try loaded(SpreadPlacement())
    // Four GPUs behind one card of 1 byte/ns against one behind each.
    #expect(abs(Double(near) / Double(spread) - 4) < 0.01)
  }
}
