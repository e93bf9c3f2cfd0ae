import EventKernel
import Hardware
import Inference
import Serving
import Support
import Testing
import Workload

extension LoggedEvent {
  /// Reads a line of `--events`.
  init?(line: String) {
    let words = line.split(separator: " ")
    let numbers = words.dropFirst(2).compactMap { Int64($0) }
    guard words.count == 9, numbers.count == 7, let time = Nanoseconds(words[0]),
      let kind = LoggedKind.allCases.first(where: { "\($0)" == words[1] })
    else { return nil }
    self.init(
      time, kind, numbers[0], numbers[1], numbers[2], numbers[3], numbers[4], numbers[5],
      numbers[6])
  }
}

@Suite("The records against an accountant who reads only the event log")
struct AccountantTests {
  @Test("Every row follows from the event log, feature by feature", arguments: NamedWorld.allCases)
  func namedWorlds(world: NamedWorld) {
    let scenario = world.scenario
    let outcome = scenario.outcome()
    let accountant = Accountant(scenario, scheduler: 0, events: outcome.events)
    #expect(accountant.differences(from: outcome.records) == [])
    #expect(world.isShown(by: outcome))
  }

  @Test("Every row of a random world follows from its event log", arguments: 1...90)
  func randomWorlds(seed: UInt64) {
    let scenario = RandomWorld.scenario(seed)
    let outcome = scenario.outcome()
    let accountant = Accountant(scenario, scheduler: 0, events: outcome.events)
    #expect(accountant.differences(from: outcome.records) == [], "seed \(seed)")
  }

  @Test(
    "The lines of --events say all there is to know", arguments: [NamedWorld.sharedGroups, .ladder])
  func lines(world: NamedWorld) {
    let events = world.scenario.outcome().events
    #expect(events.map { LoggedEvent(line: $0.text) } == events)
  }

  @Test("The accountant notices a nanosecond, a token and a GPU")
  func alert() throws {
    let scenario = NamedWorld.hybrid.scenario
    let outcome = scenario.outcome()
    func faults(_ change: (inout LoggedEvent) -> Void, of kind: LoggedKind) throws -> Int {
      var events = outcome.events
      let last = try #require(events.lastIndex { $0.kind == kind })
      change(&events[last])
      return Accountant(scenario, scheduler: 0, events: events)
        .differences(from: outcome.records).count
    }
    #expect(try faults({ _ in }, of: .step) == 0)
    #expect(try faults({ $0.d += 1 }, of: .step) > 0)
    #expect(try faults({ $0.c += 1 }, of: .hop) > 0)
    #expect(try faults({ $0.b += 1 }, of: .token) > 0)
    #expect(try faults({ $0.d -= 1 }, of: .member) > 0)
    #expect(try faults({ $0.c += 1 }, of: .device) > 0)
    #expect(try faults({ $0.time -= 1 }, of: .arrive) > 0)
    #expect(try faults({ $0.e += 1 }, of: .link) > 0)
    #expect(try faults({ $0.c += 1 }, of: .route) > 0)
  }

  @Test("The accountant notices a byte, a link and a nanosecond of what crosses links")
  func alertToTransfers() throws {
    var scenario = NamedWorld.coldStarts.scenario
    scenario.schedulers[0].parallelism = Schedulers.plan(tensor: 1, stages: 2)
    let outcome = scenario.outcome()
    func faults(_ change: (inout LoggedEvent) -> Void, of kind: LoggedKind) throws -> Int {
      var events = outcome.events
      // The first hop crosses a link, the last one goes back; the last shard ends a phase.
      let position =
        kind == .hop
        ? events.firstIndex { $0.kind == kind } : events.lastIndex { $0.kind == kind }
      change(&events[try #require(position)])
      return Accountant(scenario, scheduler: 0, events: events)
        .differences(from: outcome.records).count
    }
    #expect(try faults({ _ in }, of: .transfer) == 0)
    #expect(try faults({ $0.d += 1 }, of: .transfer) > 0)
    #expect(try faults({ $0.d += 1 }, of: .transferLink) > 0)
    #expect(try faults({ $0.time -= 1 }, of: .transferEnd) > 0)
    #expect(try faults({ $0.c = 5 - $0.c }, of: .transferEnd) > 0)
    #expect(try faults({ $0.d += 1 }, of: .hop) > 0)
  }

  @Test("The accountant notices a nanosecond of a hop that is a flow")
  func alertToFlows() throws {
    let scenario = NamedWorld.flowHops.scenario
    let outcome = scenario.outcome()
    func faults(_ change: (inout LoggedEvent) -> Void) throws -> Int {
      var events = outcome.events
      let last = try #require(events.lastIndex { $0.kind == .sent })
      change(&events[last])
      return Accountant(scenario, scheduler: 0, events: events)
        .differences(from: outcome.records).count
    }
    #expect(try faults { _ in } == 0)
    #expect(try faults { $0.c += 1 } > 0)
    #expect(try faults { $0.d += 1 } > 0)
  }

  @Test("The accountant notices a nanosecond and a token of a chunk behind another")
  func alertToChunks() throws {
    let scenario = NamedWorld.chunksByFlows.scenario
    let outcome = scenario.outcome()
    let (request, batch) = try #require(
      Accountant(scenario, scheduler: 0, events: outcome.events).chunkWhoseStepsCount)
    func faults(
      _ kind: LoggedKind, _ change: (inout LoggedEvent) -> Void
    ) throws -> [String] {
      var events = outcome.events
      let position = try #require(
        events.firstIndex {
          $0.kind == kind && $0.a == batch && (kind != .member || $0.b == request)
        })
      change(&events[position])
      return Accountant(scenario, scheduler: 0, events: events).differences(from: outcome.records)
    }
    #expect(try faults(.step) { _ in } == [])
    #expect(try faults(.step) { $0.f += 1 }.contains { $0.hasPrefix("request \(request) host") })
    #expect(try faults(.step) { $0.d -= 1 }.contains { $0.hasPrefix("request \(request) comm_t") })
    #expect(try faults(.member) { $0.d -= 1 }.contains { $0.contains("KV tokens") })
    #expect(try faults(.member) { $0.c -= 1 } != [])
    #expect(try faults(.member) { $0.b += 1 } != [])
  }

  @Test(
    "The accountant notices a prompt whose chunks may not follow each other, or overtake each other"
  )
  func alertToOrderOfChunks() throws {
    var scenario = NamedWorld.chunks.scenario
    let outcome = scenario.outcome()
    let (ahead, behind) = try #require(outcome.chunksBehind.first)
    // From the last stage on they change places.
    var events = outcome.events
    let first = try #require(
      events.firstIndex { $0.kind == .step && $0.a == ahead && $0.b == 3 })
    for position in events.indices[first...]
    where [.step, .stepEnd, .hop, .done].contains(events[position].kind) {
      if [ahead, behind].contains(events[position].a) {
        events[position].a = ahead + behind - events[position].a
      }
    }
    let told = Accountant(scenario, scheduler: 0, events: events).faults
    #expect(told.contains { $0.contains("before the one ahead of it") })
    scenario.schedulers[0].batching = Schedulers.batching(
      VLLMBatching.self, ["overlapsChunks": .flag(false)])
    let alone = Accountant(scenario, scheduler: 0, events: outcome.events).faults
    #expect(alone.contains { $0.contains("is in two micro-batches") })
  }
}

extension Accountant {
  /// A chunk that began behind another one, and whose steps are all counted; its request and micro-batch.
  fileprivate var chunkWhoseStepsCount: (request: Int64, batch: Int64)? {
    for request in requests {
      for span in request.spans {
        guard case .following(let journey) = span.doing else { continue }
        let own = journey.steps.map { steps[$0] }
        if own.reduce(0, { $0 + $1.total }) < span.to - span.from {
          return (request.number, own[0].batch)
        }
      }
    }
    return nil
  }
}
