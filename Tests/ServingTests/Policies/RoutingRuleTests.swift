import EventKernel
import Support
import Testing

@testable import Serving

@Suite("Routing by draws, blocks, prefixes and sessions")
struct RoutingRuleTests {
  private func request(
    _ number: Int64 = 0, prompt: Int = 100, session: Int64 = -1, workload: Int = 0, seed: UInt64 = 1
  ) -> RoutedRequestView {
    RoutedRequestView(
      workload: workload, promptTokens: prompt, number: number, session: session,
      draws: RandomStream(seed: seed, name: "routing"))
  }

  private func replica(
    _ number: Int, _ outstanding: Int, limit: Int = 1_000, free: Int = 0, waiting: Int = 0,
    cached: Int = 0
  ) -> ReplicaView {
    ReplicaView(
      replica: number, outstanding: outstanding, limit: limit, freeBlocks: free, blockTokens: 16,
      waitingTokens: waiting, cachedTokens: cached)
  }

  private func policy<Routing: RoutingPolicy>(
    _ type: Routing.Type, _ options: [String: OptionValue] = [:]
  ) -> Routing {
    var values = OptionValues(defaultsOf: type.options)
    for option in type.options { values[option.key] = options[option.key] ?? values[option.key] }
    return Routing(values)
  }

  // MARK: power-of-two

  @Test("Of two drawn replicas the one with fewer requests: each rank with the share theory gives")
  func shares() {
    var routing = policy(PowerOfTwoRouting.self)
    let views = (0..<5).map { replica($0, 10 * $0) }
    var counts = Array(repeating: 0, count: 5)
    for number in 0..<100_000 {
      counts[routing.route(request(Int64(number)), among: views) ?? 0] += 1
    }
    // The replica of rank r wins against those above it: (n - 1 - r) of n (n - 1) / 2 pairs.
    for rank in 0..<5 {
      let share = Double(4 - rank) / 10
      let deviation = (100_000 * share * (1 - share)).squareRoot()
      #expect(abs(Double(counts[rank]) - 100_000 * share) <= 4 * deviation, "rank \(rank)")
    }
    #expect(counts[4] == 0)
  }

  @Test("Equal loads: every replica equally often, and the same one for the same request and seed")
  func draws() {
    var routing = policy(PowerOfTwoRouting.self)
    let views = (0..<4).map { replica($0, 3) }
    var counts = Array(repeating: 0, count: 4)
    var other = 0
    for number in 0..<40_000 {
      let choice = routing.route(request(Int64(number)), among: views)
      #expect(routing.route(request(Int64(number)), among: views) == choice)
      if routing.route(request(Int64(number), seed: 2), among: views) != choice { other += 1 }
      counts[choice ?? 0] += 1
    }
    for count in counts { #expect(abs(count - 10_000) < 350) }
    #expect(other > 25_000)
  }

  @Test("Only replicas with room are drawn; with one left it is that one, with none nobody")
  func room() {
    var routing = policy(PowerOfTwoRouting.self)
    let one = [replica(0, 4, limit: 4), replica(1, 3, limit: 4), replica(2, 4, limit: 4)]
    let two = [replica(0, 4, limit: 4), replica(1, 3, limit: 4), replica(2, 0, limit: 4)]
    for number in 0..<200 {
      #expect(routing.route(request(Int64(number)), among: one) == 1)
      #expect(routing.route(request(Int64(number)), among: two) == 2)
    }
    #expect(routing.route(request(), among: [replica(0, 4, limit: 4)]) == nil)
    #expect(routing.route(request(), among: []) == nil)
  }

  // MARK: kv-aware

  @Test("Most blocks left after the prompts that wait there and this one, not fewest requests")
  func blocks() {
    var routing = policy(KVAwareRouting.self)
    let views = [
      replica(0, 1, free: 100), replica(1, 9, free: 120), replica(2, 0, free: 200, waiting: 1_600),
    ]
    // 100 tokens are 7 blocks: 93, 113 and 200 - 107 = 93 are left.
    #expect(routing.route(request(), among: views) == 1)
    // Of equally many blocks the fewest requests.
    #expect(routing.route(request(), among: [views[0], views[2]]) == 1)
    // A replica that would be short of blocks is still better than one that is shorter.
    #expect(routing.route(request(prompt: 4_000), among: [views[0], views[1]]) == 1)
  }

  @Test("A full replica is passed over, however many blocks it has")
  func blocksFull() {
    var routing = policy(KVAwareRouting.self)
    let views = [replica(0, 4, limit: 4, free: 900), replica(1, 0, limit: 4, free: 1)]
    #expect(routing.route(request(), among: views) == 1)
    #expect(routing.route(request(), among: [views[0]]) == nil)
  }

  // MARK: prefix-aware

  @Test("The replica with most of the prompt, when that is more than the threshold")
  func prefixes() {
    var routing = policy(PrefixAwareRouting.self)
    let views = [replica(0, 0), replica(1, 9, cached: 64), replica(2, 5, cached: 48)]
    #expect(routing.route(request(), among: views) == 1)
    // 30 of 100 is not more than 0.3; 31 is.
    #expect(routing.route(request(), among: [replica(0, 0), replica(1, 9, cached: 30)]) == 0)
    #expect(routing.route(request(), among: [replica(0, 0), replica(1, 9, cached: 31)]) == 1)
    var wary = policy(PrefixAwareRouting.self, ["cacheThreshold": .number(0.7)])
    #expect(wary.route(request(), among: views) == 0)
  }

  @Test("Equal prefixes: the fewest requests; no prefix: the fewest requests")
  func equalPrefixes() {
    var routing = policy(PrefixAwareRouting.self)
    let same = [replica(0, 7, cached: 64), replica(1, 3, cached: 64), replica(2, 0)]
    #expect(routing.route(request(), among: same) == 1)
    #expect(routing.route(request(), among: [replica(0, 2), replica(1, 1)]) == 1)
  }

  @Test("Loads far apart outweigh a prefix: both the difference and the ratio must be passed")
  func balance() {
    var routing = policy(PrefixAwareRouting.self)
    func choice(_ low: Int, _ high: Int) -> Int? {
      routing.route(request(), among: [replica(0, low), replica(1, high, cached: 100)])
    }
    #expect(choice(0, 64) == 1)
    #expect(choice(0, 65) == 0)
    #expect(choice(130, 195) == 1)
    #expect(choice(129, 194) == 0)
  }

  // MARK: split-pools

  @Test("The highest class has the oldest replicas to itself; an empty pool borrows the other")
  func pools() {
    var routing = policy(SplitPoolsRouting.self, ["reserved": .integer(2)])
    func choice(_ priorityClass: Int, _ loads: [Int]) -> Int? {
      var asked = request()
      asked.priorityClass = priorityClass
      return routing.route(asked, among: loads.enumerated().map { replica($0.offset, $0.element) })
    }
    #expect(choice(0, [5, 4, 0]) == 1)
    #expect(choice(1, [0, 0, 9]) == 2)
    #expect(choice(2, [0, 0, 9, 9]) == 2)
    #expect(choice(1, [3, 1]) == 1)
    #expect(choice(0, [3]) == 0)
    #expect(routing.holdsAtReplica)
  }

  // MARK: session-sticky

  @Test("Turns return to the replica of the turn before, whatever the loads")
  func sessions() {
    var routing = policy(SessionStickyRouting.self)
    let first = [replica(0, 1), replica(1, 0)]
    let second = [replica(0, 0), replica(1, 99)]
    #expect(routing.route(request(session: 7), among: first) == 1)
    #expect(routing.route(request(session: 7), among: second) == 1)
    // Another session, the same number of another workload, and a request without a session.
    #expect(routing.route(request(session: 8), among: second) == 0)
    #expect(routing.route(request(session: 7, workload: 1), among: second) == 0)
    #expect(routing.route(request(), among: second) == 0)
  }

  @Test("A session whose replica is gone finds a new one and stays there")
  func movedSession() {
    var routing = policy(SessionStickyRouting.self)
    #expect(routing.route(request(session: 7), among: [replica(3, 0)]) == 0)
    let others = [replica(4, 2), replica(5, 1)]
    #expect(routing.route(request(session: 7), among: others) == 1)
    #expect(routing.route(request(session: 7), among: [replica(4, 0), replica(5, 8)]) == 1)
  }

  @Test("Where requests do not wait at replicas a full one is passed over; nobody's turn is lost")
  func fullHome() {
    var routing = policy(SessionStickyRouting.self, ["holdsAtReplica": .flag(false)])
    #expect(!routing.holdsAtReplica)
    #expect(policy(SessionStickyRouting.self).holdsAtReplica)
    #expect(routing.route(request(session: 7), among: [replica(0, 0), replica(1, 3)]) == 0)
    let full = [replica(0, 4, limit: 4), replica(1, 3, limit: 4)]
    #expect(routing.route(request(session: 7), among: full) == 1)
    #expect(routing.route(request(session: 7), among: [full[0]]) == nil)
    #expect(routing.route(request(session: 7), among: [replica(0, 0), replica(1, 3)]) == 1)
  }
}
