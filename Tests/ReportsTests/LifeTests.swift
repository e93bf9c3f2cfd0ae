import EventKernel
import Foundation
import Reports
import Serving
import Support
import Testing
import Workload

@Suite("One request's life")
struct LifeTests {
  /// One GPU that must be started first; two requests.
  private static let cold = LifeWorld(
    requests: [
      ArrivingRequest(at: 4_000_000, prompt: 6, output: 4),
      ArrivingRequest(at: 20_000_000, prompt: 3, output: 4),
    ])
  /// Two stages that are up; the third request takes the last KV block, the second loses its own.
  private static let pipeline = LifeWorld(
    tensor: 2, stages: 2, initial: 1,
    requests: [
      ArrivingRequest(at: 0, prompt: 6, output: 4), ArrivingRequest(at: 0, prompt: 3, output: 4),
      ArrivingRequest(at: 7_000, prompt: 2, output: 2),
    ])
  /// The run ends in the middle of a step of the second request, while the third has had none.
  private static let cut = LifeWorld(
    initial: 1, duration: 20_000, drainLimit: 20_000,
    requests: [
      ArrivingRequest(at: 0, prompt: 2, output: 1), ArrivingRequest(at: 0, prompt: 3, output: 8),
      ArrivingRequest(at: 19_999, prompt: 12, output: 1),
    ])

  private static var all: [(LifeWorld, Int64)] {
    let refused = LifeWorld(
      initial: 1,
      requests: [
        ArrivingRequest(at: 0, prompt: 101, output: 1),
        ArrivingRequest(at: 5, prompt: 13, output: 1),
      ])
    let starting = LifeWorld(
      duration: 5_000_000, drainLimit: 0, requests: [ArrivingRequest(at: 0, prompt: 6, output: 4)])
    return [cold, pipeline, cut, refused, starting].flatMap { world in
      world.requests.indices.map { (world, Int64($0)) }
    }
  }

  @Test("Every timeline is in order of time, and every line fits 100 columns")
  func order() throws {
    for (world, request) in Self.all {
      for name in ["s", String(repeating: "n", count: 200)] {
        let told = try #require(world.told(request, scheduler: name))
        #expect(Fixture.wide(told.text) == nil)
        let times = told.timeline.map(\.since)
        #expect(times.count >= 2 && times.allSatisfy { !$0.isNaN })
        #expect(times == times.sorted())
        #expect(told.text.hasSuffix("\n"))
      }
    }
  }

  @Test("Every table has each label with any time, and sums to end − arrival")
  func sums() throws {
    for (world, request) in Self.all {
      let told = try #require(world.told(request))
      let record = told.record
      #expect(record.parts.total == record.end - record.arrival)
      let table = told.text.components(separatedBy: "where the time went\n")[1]
      let rows = table.split(separator: "\n").map { $0.split(separator: " ").map(String.init) }
      for label in LatencyLabel.allCases {
        let isShown = rows.contains { $0.first == label.name }
        #expect(isShown == (record.parts[label] > 0), "\(label.name) of \(request)")
      }
      let shares = rows.filter { $0.contains("%") }.compactMap { row in
        row.firstIndex(of: "%").flatMap { Double(row[$0 - 1]) }
      }
      // Each share is rounded to a tenth of a percent.
      if !shares.isEmpty {
        let off: Double = shares.reduce(-100.0, +)
        let room: Double = 0.05 * Double(shares.count)
        #expect(off.magnitude <= room + 1e-9)
      }
      let whole = record.end - record.arrival
      let flat = told.text.replacingOccurrences(of: "\n  ", with: " ")
      #expect(flat.contains("sum of the labels: \(whole) ns; end − arrival: \(whole) ns"))
      if let ttft = record.ttft {
        #expect(flat.contains("; to the first token: \(ttft) ns of \(ttft) ns"))
      }
    }
  }

  @Test("A cold start on one GPU is told phase by phase, decode steps as one row")
  func coldStart() throws {
    let told = try #require(Self.cold.told(0))
    // 1 ms container, 2 ms runtime, 20,744,500 bytes over a card of 1 byte/ns and over PCIe of
    // 1 byte/ns, 3 ms engine: ready 47.489 ms after arrival. Prefill 4,000 + 6 · 400 + 50 ns; then
    // beside the other's prefill 6,050, beside its decode 5,650, and alone 4,850: 150 of host.
    #expect(
      told.timeline.map(\.what) == [
        "arrives", "replica 0 is asked for",
        "its GPUs are granted: 1 a stage, 1 stage, 12 KV blocks", "container is up",
        "runtime is up", "weights are fetched to the hosts", "weights are loaded into the GPUs",
        "replica 0 is ready", "is sent to replica 0",
        "prefills 6 tokens on 0 (micro-batch: 1 request, 6 tokens), makes token 1: 6.45 µs, "
          + "compute 99.22 %, host 0.78 %",
        "tokens 2–4, 3 steps: 16.6 µs, compute 99.09 %, host 0.91 %",
        "has its last token",
      ])
    #expect(told.record.parts.coldStart == 47_489_000)
  }

  @Test("A request that arrives during the cold start sees what came before it at negative times")
  func lateArrival() throws {
    let told = try #require(Self.cold.told(1))
    let timeline = told.timeline
    // Demanded 16 ms before it arrived; containers take 1 ms, the runtime 2 ms.
    let before: [Double] = [-16e6, -16e6, -15e6, -13e6]
    #expect(timeline.prefix(4).map(\.since) == before)
    let arrival = try #require(timeline.firstIndex { $0.what == "arrives" })
    #expect(arrival == 4)
    let times = told.events.map(\.time)
    #expect(times == times.sorted())
    #expect(timeline[arrival].since == 0)
    #expect(timeline[arrival + 1].what.hasPrefix("weights are fetched"))
  }

  @Test("Two stages and a preemption, the whole text")
  func preempted() throws {
    let told = try #require(Self.pipeline.told(1))
    // Drawn by hand in ns: in the queue to 1,950; prefill 1,950–9,050, of it 1,050 behind the first
    // micro-batch; 9,050 preempted; prefill again 25,000–31,500; two steps of 5,350 each.
    // A stage's step takes 1,000 + 100 p + 200 d, 300 of tensor and 50 of host.
    #expect(
      told.text == """
        request 1, s: 3 prompt tokens, 4 output tokens, completed

        since arrival  what happens
                  0 s  arrives
                  0 s  replica 0 is asked for
                  0 s  its GPUs are granted: 2 a stage, 2 stages, 12 KV blocks
                  0 s  replica 0 is ready from the start
                  0 s  is sent to replica 0
              1.95 µs  prefills 3 tokens on 0 (micro-batch: 1 request, 3 tokens), makes token 1: 7.10 µs,
                         compute 36.6 %, comm_tensor 8.5 %, comm_pipeline 38.7 %, host 1.4 %, pipeline_wait
                         14.8 %
              9.05 µs  is preempted: loses 3 KV tokens
              25.0 µs  prefills 4 tokens on 0 (micro-batch: 1 request, 4 tokens), makes token 2: 6.50 µs,
                         compute 43.1 %, comm_tensor 9.2 %, comm_pipeline 46.2 %, host 1.5 %
              31.5 µs  tokens 3–4, 2 steps: 10.7 µs, compute 44.9 %, comm_tensor 11.2 %, comm_pipeline
                         42.1 %, host 1.9 %
              42.2 µs  has its last token

        where the time went
        label              component  to the end   share  to the first token
        queue                queuing     1.95 µs   4.6 %             1.95 µs
        pipeline_wait        queuing     1.05 µs   2.5 %             1.05 µs
        compute              compute     7.40 µs  17.5 %             2.60 µs
        comm_tensor    communication     1.80 µs   4.3 %            0.600 µs
        comm_pipeline  communication     7.25 µs  17.2 %             2.75 µs
        preemption           queuing     22.5 µs  53.2 %                 0 s
        host                 compute    0.300 µs  0.71 %            0.100 µs
        sum                              42.2 µs                     9.05 µs
        sum of the labels: 42200 ns; end − arrival: 42200 ns; to the first token: 9050 ns of 9050 ns

        """)
  }

  @Test("Passages that made tokens on both sides of a preemption are not folded together")
  func foldedAroundPreemption() throws {
    let told = try #require(Self.pipeline.told(0))
    #expect(told.timeline.count { $0.what.hasPrefix("tokens 2–4, 3 steps:") } == 1)
  }

  @Test("A rejected request arrives and is rejected, with its reason")
  func rejected() throws {
    let world = LifeWorld(
      initial: 1,
      requests: [
        ArrivingRequest(at: 7, prompt: 101, output: 1),
        ArrivingRequest(at: 9, prompt: 13, output: 1),
      ])
    let long = try #require(world.told(0))
    #expect(
      long.text.hasPrefix(
        "request 0, s: 101 prompt tokens, 1 output token, rejected (longer than the model's context)"
      ))
    #expect(long.timeline.map(\.what) == ["arrives", "is rejected"])
    let pool = try #require(world.told(1))
    #expect(pool.text.contains("rejected (longer than the whole KV pool)"))
    #expect(pool.text.contains("sum of the labels: 0 ns; end − arrival: 0 ns"))
  }

  @Test("A request that the run's end cuts off is told up to there")
  func unfinished() throws {
    let cut = try #require(Self.cut.told(1))
    #expect(cut.record.status == .unfinished)
    #expect(cut.text.contains("unfinished (still in the system at the drain limit)"))
    let what = cut.timeline.map(\.what)
    #expect(what.last == "is still in the system when the run ends")
    #expect(what.contains("begins a step with 1 token that does not end"))
    #expect(!what.contains { $0.hasPrefix("prefills 1 token") })
    let waiting = try #require(Self.cut.told(2))
    #expect(waiting.record.firstToken == nil)
    #expect(waiting.text.contains("still in the system"))
    #expect(waiting.text.contains("–"))
  }

  @Test("The filter keeps one request's events only, whatever else the run holds")
  func filter() throws {
    let told = try #require(Self.pipeline.told(2))
    let own: Set<LoggedKind> = [.arrive, .assign, .token, .preempt, .finish]
    #expect(told.events.allSatisfy { !own.contains($0.kind) || $0.a == 2 })
    #expect(told.events.count { $0.kind == .token } == 2)
    #expect(told.events.last?.kind == .finish)
    let members = told.events.filter { $0.kind == .member }
    #expect(members.count == 2 && members.allSatisfy { $0.b == 2 })
    let batches = Set(members.map(\.a))
    for event in told.events where [.form, .step, .stepEnd, .hop, .done].contains(event.kind) {
      #expect(batches.contains(event.a))
    }
  }

  @Test(
    "Chunks that follow each other are told one by one, each with all of its own steps and hops")
  func chunks() throws {
    let batching = Schedulers.batching(
      VLLMBatching.self, ["maxBatchedTokens": .integer(8), "overlapsChunks": .flag(true)])
    let scenario = Scenario.small(
      models: [Models.constant(base: 1_000_003, host: 20_021)],
      workloads: [Traffic.burst(1, prompt: 24, output: 1)],
      schedulers: [Schedulers.make(stages: 4, batching: batching)])
    let records = MemorySink()
    let life = LifeFilter(request: 0)
    _ = Simulation(scenario: scenario, scheduler: 0).run(into: records, events: life)
    #expect(life.events.filter { $0.kind == .step }.count == 3 * 4)
    #expect(life.events.filter { $0.kind == .done }.count == 3)
    let text = LifeText.text(
      record: try #require(records.requests.first), events: life.events, scheduler: "s")
    let rows = text.replacing("\n                 ", with: " ").split(separator: "\n").filter {
      $0.contains("prefills")
    }
    #expect(rows.count == 3)
    for (row, before) in zip(rows, [0, 8, 16]) {
      #expect(row.contains("prefills 8 tokens on \(before) "))
      // Nothing is in the way of any: equal chunks take equal times.
      #expect(row.split(separator: ": ").last == rows[0].split(separator: ": ").last)
      #expect(!row.contains("pipeline_wait"))
    }
  }

  @Test("A request that never was has no record and no events")
  func absent() { #expect(Self.cold.told(9) == nil) }
}
