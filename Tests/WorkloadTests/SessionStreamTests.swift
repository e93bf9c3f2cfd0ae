import EventKernel
import Testing
import Workload

@Suite("Sessions as a stream of requests")
struct SessionStreamTests {
  private static func length(_ low: Double, _ high: Double) -> LengthDistribution {
    LengthDistribution(distribution: .uniform(low: low, high: high))
  }

  private static func source(
    _ arrivals: ArrivalProcess = .burst(count: 50, start: 0, every: 0), systemPrompt: Int32 = 40,
    contextLimit: Int32 = 4_000, followUp: LengthDistribution? = nil, name: String = "w"
  ) -> DrawnRequests {
    DrawnRequests(
      name: name,
      traffic: DrawnTraffic(
        arrivals: arrivals,
        lengths: .separate(prompt: length(20, 200), output: length(10, 90)),
        sessions: SessionSpecification(
          turns: length(1, 8), thinkSeconds: .exponential(mean: 3), followUp: followUp,
          systemPrompt: systemPrompt, contextLimit: contextLimit)),
      duration: 1_000_000_000_000)
  }

  /// A request, and the hashes of its prompt.
  private struct Sent {
    var request: ArrivingRequest
    var blocks: PrefixBlocks
  }

  /// Everything sent when each answer takes `answer(request)` nanoseconds and ends in time order.
  private static func play(
    _ source: DrawnRequests, seed: UInt64 = 1, limit: Int = .max,
    isCompleted: (ArrivingRequest) -> Bool = { _ in true },
    answer: (ArrivingRequest) -> Nanoseconds
  ) -> [Sent] {
    var stream = source.open(seed: seed)
    var sent: [Sent] = []
    var open: [(end: Nanoseconds, request: ArrivingRequest)] = []
    while sent.count < limit {
      let end = open.map(\.end).min() ?? .max
      if let arrival = stream.nextArrival, arrival <= end {
        guard let request = stream.next() else { break }
        #expect(request.arrival == arrival)
        sent.append(Sent(request: request, blocks: stream.prefixBlocks))
        open.append((arrival + answer(request), request))
      } else if end < .max, let place = open.firstIndex(where: { $0.end == end }) {
        let done = open.remove(at: place)
        stream.ended(done.request, isCompleted: isCompleted(done.request), at: end)
      } else {
        break
      }
    }
    return sent
  }

  @Test("A turn's prompt begins with the whole blocks of the prompt and the answer before it")
  func answers() {
    var stream = Self.source(.burst(count: 1, start: 0, every: 0)).open(seed: 3)
    var before = PrefixBlocks.unknown
    var turns = 0
    while let request = stream.next() {
      let blocks = stream.contentBlocks
      #expect(blocks.hashes.count == Int(request.promptTokens + request.outputTokens) / 16)
      #expect(blocks.hashes.starts(with: stream.prefixBlocks.hashes))
      #expect(stream.prefixBlocks.hashes.starts(with: before.hashes))
      before = blocks
      turns += 1
      stream.ended(request, isCompleted: true, at: request.arrival + 1)
    }
    #expect(turns > 1)
  }

  @Test("Prompts grow by exactly the answer and the new tokens")
  func growth() {
    let sent = Self.play(Self.source()) { Int64($0.outputTokens) * 1_000_000 }.map(\.request)
    let sessions = Dictionary(grouping: sent, by: \.session)
    #expect(sessions.count == 50)
    #expect(sent.contains { $0.turn >= 5 })
    for turns in sessions.values {
      #expect(turns.map(\.turn) == Array(0..<Int32(turns.count)))
      #expect((60...240).contains(turns[0].promptTokens))
      for (before, after) in zip(turns, turns.dropFirst()) {
        let new = after.promptTokens - before.promptTokens - before.outputTokens
        #expect((20...200).contains(new))
      }
    }
  }

  @Test("Draws belong to session and turn: the order of answers changes nothing but arrivals")
  func order() {
    func draws(_ answer: (ArrivingRequest) -> Nanoseconds) -> Set<[Int64]> {
      Set(
        Self.play(Self.source(), answer: answer).map {
          [$0.request.session, Int64($0.request.turn), Int64($0.request.promptTokens)]
        })
    }
    let quick = draws { _ in 1 }
    let slow = draws { 40_000_000_000 - $0.session * 700_000_000 }
    #expect(quick.count > 150)
    #expect(slow == quick)
  }

  @Test("One session's end, or its failure, changes no other session")
  func failure() {
    let all = Self.play(Self.source()) { _ in 5_000_000_000 }.map(\.request)
    let some = Self.play(Self.source(), isCompleted: { $0.session % 2 == 0 || $0.turn > 0 }) { _ in
      5_000_000_000
    }.map(\.request)
    #expect(some.filter { $0.session % 2 == 0 } == all.filter { $0.session % 2 == 0 })
    #expect(
      some.filter { $0.session % 2 == 1 } == all.filter { $0.session % 2 == 1 && $0.turn == 0 })
  }

  @Test("A session ends where its next prompt and answer would not fit")
  func contextLimit() {
    let free = Self.play(Self.source()) { _ in 1 }.map(\.request)
    let bound = Self.play(Self.source(contextLimit: 500)) { _ in 1 }.map(\.request)
    let fitting = free.filter { $0.turn == 0 || $0.promptTokens + $0.outputTokens <= 500 }
    #expect(bound.count < free.count)
    #expect(
      Set(bound.map { [$0.session, Int64($0.turn)] })
        == Set(fitting.map { [$0.session, Int64($0.turn)] }))
  }

  @Test("Follow-ups have a distribution of their own, first prompts the workload's")
  func followUps() {
    let sent = Self.play(
      Self.source(
        followUp: LengthDistribution(distribution: .constant(7)))
    ) { _ in 1 }.map(\.request)
    for turns in Dictionary(grouping: sent, by: \.session).values {
      for (before, after) in zip(turns, turns.dropFirst()) {
        #expect(after.promptTokens == before.promptTokens + before.outputTokens + 7)
      }
    }
  }

  @Test("Clients of a closed loop hold one session after the other")
  func loopOfSessions() {
    let loop = ClosedLoop(clients: 3, thinkSeconds: .constant(2))
    let sent = Self.play(Self.source(.closedLoop(loop)), limit: 400) { _ in 1_000_000 }
      .map(\.request)
    for client in 0..<3 as Range<Int64> {
      let own = sent.filter { $0.session % 3 == client }
      var expected = client
      for request in own {
        if request.turn == 0 {
          #expect(request.session == expected)
          expected += 3
        } else {
          #expect(request.session == expected - 3)
        }
      }
      #expect(expected > 30)
    }
  }

  // MARK: - Content

  @Test("Turns of a session share all earlier whole blocks; sessions share the system prompt's")
  func content() {
    let sent = Self.play(Self.source()) { _ in 1 }
    let first = sent[0]
    #expect(first.blocks.tokensPerBlock == 16)
    for one in sent {
      #expect(one.blocks.hashes.count == Int(one.request.promptTokens / 16))
      let shared = zip(one.blocks.hashes, first.blocks.hashes).prefix { $0 == $1 }.count
      let isOwn = one.request.session == first.request.session
      // 40 tokens of system prompt are two whole blocks.
      #expect(shared == (isOwn ? min(one.blocks.hashes.count, first.blocks.hashes.count) : 2))
    }
    let hashes = Set(sent.flatMap(\.blocks.hashes))
    let longest = Dictionary(grouping: sent, by: \.request.session).values.map { turns in
      turns.map(\.blocks.hashes.count).max() ?? 0
    }
    #expect(hashes.count == 2 + longest.reduce(0) { $0 + $1 - 2 })
  }

  @Test("Workloads of other names share nothing; seeds do not matter")
  func contentOfOthers() {
    func blocks(_ name: String, _ seed: UInt64) -> [UInt64] {
      Self.play(
        Self.source(.burst(count: 1, start: 0, every: 0), systemPrompt: 160, name: name),
        seed: seed, limit: 1
      ) { _ in 1 }[0].blocks.hashes
    }
    let (one, again, other) = (blocks("a", 1), blocks("a", 2), blocks("b", 1))
    #expect(Array(one.prefix(10)) == Array(again.prefix(10)))
    #expect(Set(one).isDisjoint(with: other))
  }
}
