import EventKernel
import Support
import Testing

@testable import Serving

@Suite("Evicted blocks go to tiers and come back where that is faster")
struct TierTests {
  private func keyValue(_ tiers: [CacheTier]) -> KeyValueSpecification {
    var keyValue = KeyValueSpecification()
    keyValue.sharesPrefixes = true
    keyValue.tiers = tiers
    return keyValue
  }

  private func host(
    _ bandwidth: Double = 1e9, blocks: Int64 = 1_000, shared: Bool = false
  ) -> CacheTier {
    CacheTier(
      name: "host", capacityBytes: blocks * 65_536, bandwidthBytesPerSecond: bandwidth,
      latency: 50_000, isShared: shared)
  }

  /// A text, another one that drives it out of six blocks, and the first one again.
  private let texts = [
    KnownRequest(arrival: 0, words: "abc", prompt: 13),
    KnownRequest(arrival: 10_000_000, words: "12345", prompt: 21),
    KnownRequest(arrival: 20_000_000, words: "abc", prompt: 13),
  ]

  @Test("A prefix is fetched when bytes over bandwidth and latency are less than its prefill takes")
  func fetched() throws {
    let outcome = Scenario.known(texts, blocks: 6, keyValue: keyValue([host()])).outcome()
    let last = try #require(outcome.request(2))
    // Three blocks of 65,536 bytes, then one token of prefill.
    #expect(last.parts.commKV == 50_000 + 196_608)
    #expect(last.ttft == 1_346_608)
    #expect(last.cachedTokens == 12)
    let cache = try #require(outcome.summary.prefixCache)
    #expect(cache.cachedTokens == 12 && cache.promptTokens == 47)
    #expect(cache.lookups == 3 && cache.hits == 1 && cache.hitRate == 12.0 / 47)
    #expect(cache.tiers.map(\.bytesOut) == [196_608] && cache.tiers.map(\.tokens) == [12])
    #expect(cache.tiers.map(\.fetches) == [1])
    // Three blocks of the first text and three of the second one had to go.
    #expect(cache.tiers.map(\.bytesIn) == [6 * 65_536])
  }

  @Test("The break-even is where the prefill of those tokens takes as long")
  func breakEven() throws {
    // Twelve tokens take 2.2 ms; without the latency that is 2.15 ms for 196,608 bytes.
    let even = 196_608 / 2.15e-3
    for (bandwidth, isFetched) in [(even * 1.001, true), (even * 0.999, false)] {
      let outcome = Scenario.known(
        texts, blocks: 6, keyValue: keyValue([host(bandwidth)])
      ).outcome()
      let last = try #require(outcome.request(2))
      #expect((last.parts.commKV > 0) == isFetched)
      #expect(last.cachedTokens == (isFetched ? 12 : 0))
    }
  }

  @Test("What a tier has no room for goes to the next one, the deepest link first")
  func cascade() throws {
    let slow = CacheTier(
      name: "disk", capacityBytes: 1 << 40, bandwidthBytesPerSecond: 5e8, latency: 100_000)
    let outcome = Scenario.known(
      texts, blocks: 6, keyValue: keyValue([host(blocks: 5), slow])
    ).outcome()
    let cache = try #require(outcome.summary.prefixCache)
    // Three links of the first text and three of the second one come to host memory; the deepest one of
    // the first text came first, and has gone on to the disk.
    #expect(cache.tiers.map(\.tokens) == [8, 4])
    #expect(cache.tiers.map(\.bytesIn) == [6 * 65_536, 65_536])
    #expect(cache.tiers.map(\.bytesOut) == [2 * 65_536, 65_536])
    #expect(try #require(outcome.request(2)).parts.commKV == 100_000 + 2 * 65_536)
  }

  @Test("Transfers of one replica from one tier follow one another; others run meanwhile")
  func channel() throws {
    var requests = texts
    requests[0].prompt = 17
    requests[0].words = "abcd"
    requests.remove(at: 2)
    for words in ["abcx", "abcy"] {
      requests.append(KnownRequest(arrival: 20_000_000, words: words, prompt: 13))
    }
    // Each computes one token behind two and three blocks of the first text.
    let outcome = Scenario.known(requests, blocks: 11, keyValue: keyValue([host()])).outcome()
    let waits = [2, 3].compactMap { outcome.request($0)?.parts.commKV }
    #expect(waits.count == 2 && waits.allSatisfy { $0 == 0 })
    let scarce = Scenario.known(requests, blocks: 8, keyValue: keyValue([host()])).outcome()
    #expect(scarce.records.requests.contains { $0.parts.commKV > 0 })
  }

  /// The same few texts again and again, at two replicas in turn.
  private func outcome(_ keyValue: KeyValueSpecification) -> Outcome {
    let requests = (0..<60).map { number in
      KnownRequest(
        arrival: Nanoseconds(number) * 20_000_000,
        words: String(repeating: "abcde".map { String($0) }[number / 2 % 5], count: 12),
        prompt: 50)
    }
    return Scenario.known(
      requests, blocks: 16, replicas: 2, routing: RoundRobinRouting(), keyValue: keyValue
    ).outcome()
  }

  @Test("A pool that replicas share finds what each replica's own memory has lost or never had")
  func sharedPool() throws {
    let none = try #require(outcome(keyValue([])).summary.prefixCache?.hitRate)
    let own = try #require(outcome(keyValue([host(blocks: 30)])).summary.prefixCache?.hitRate)
    let pool = try #require(
      outcome(keyValue([host(blocks: 60, shared: true)])).summary.prefixCache?.hitRate)
    // Five texts of twelve blocks pass sixteen blocks in turn: nothing is there when it comes again.
    #expect(none == 0)
    // Thirty blocks of one's own hold half of the texts; sixty shared ones hold all of them.
    #expect(pool > own)
    // Each replica computes each text once; 48 of 50 tokens are whole blocks.
    #expect(pool == 0.8)
  }

  @Test(
    "What replicas found and fetched adds up to what the run did, and is that of their requests")
  func replicas() throws {
    let outcome = outcome(keyValue([host(blocks: 30), host(blocks: 60, shared: true)]))
    let cache = try #require(outcome.summary.prefixCache)
    let found = outcome.records.replicas.compactMap(\.prefixCache)
    #expect(found.count == 2 && found.allSatisfy { $0.lookups == 30 && $0.hits > 0 })
    #expect(cache.lookups == 60 && cache.promptTokens == 60 * 50)
    #expect(found.reduce(0) { $0 + $1.hits } == cache.hits)
    for (replica, found) in zip(outcome.records.replicas, found) {
      let served = outcome.records.requests.filter { $0.replicaID == replica.replicaID }
      #expect(found.cachedTokens == served.reduce(0) { $0 + Int64($1.cachedTokens) })
      #expect(found.hits == served.count { $0.cachedTokens > 0 })
    }
    for level in 0..<2 {
      let parts = found.map { $0.tiers[level] }
      let whole = cache.tiers[level]
      #expect(whole.fetches == parts.reduce(0) { $0 + $1.fetches })
      #expect(whole.tokens == parts.reduce(0) { $0 + $1.tokens })
      #expect(whole.bytesIn == parts.reduce(0) { $0 + $1.bytesIn })
      #expect(whole.bytesOut == parts.reduce(0) { $0 + $1.bytesOut })
      // A block is four tokens and 65,536 bytes.
      #expect(whole.bytesOut == whole.tokens / 4 * 65_536)
      #expect(whole.name == "host")
    }
    // The shared pool has room for the five texts of twelve blocks, each of which comes once.
    #expect(cache.tiers[1].fetches > 0)
    #expect(cache.tiers[1].bytesIn > 0 && cache.tiers[1].bytesIn <= 5 * 12 * 65_536)
  }

  @Test("Requests before the warm-up's end are no lookups")
  func warmup() throws {
    var scenario = Scenario.known(texts, blocks: 6, keyValue: keyValue([host()]))
    scenario.warmup = 10_000_000
    let cache = try #require(scenario.outcome().summary.prefixCache)
    #expect(cache.lookups == 2 && cache.hits == 1 && cache.promptTokens == 34)
  }

  @Test("Seventeen equal prompts: one is computed, sixteen are found", arguments: [0, 1, 16])
  func repeats(output: Int32) throws {
    let requests = (0..<17).map { number in
      KnownRequest(
        arrival: Nanoseconds(number) * 1_000_000_000, words: String(repeating: "a", count: 100),
        prompt: 401, output: max(1, output))
    }
    let with = Scenario.known(requests, keyValue: keyValue([])).outcome()
    let without = Scenario.known(requests, keyValue: KeyValueSpecification()).outcome()
    func time(_ outcome: Outcome) -> Nanoseconds {
      outcome.records.requests.reduce(0) { $0 + ($1.e2e ?? 0) }
    }
    let decode = Nanoseconds(max(1, output) - 1) * 1_000_000
    #expect(time(without) == 17 * (41_100_000 + decode))
    #expect(time(with) == 41_100_000 + 16 * 1_100_000 + 17 * decode)
  }

  @Test("The share of a prompt that is repeated is the share of its prefill that is saved")
  func share() throws {
    for tenths in 0...9 {
      let same = String(repeating: "a", count: 10 * tenths)
      let requests = (0..<10).map { number in
        KnownRequest(
          arrival: Nanoseconds(number) * 1_000_000_000,
          words: same
            + String(repeating: "bcdefghijk".map { String($0) }[number], count: 100 - 10 * tenths),
          prompt: 401)
      }
      let outcome = Scenario.known(requests, keyValue: keyValue([])).outcome()
      let saved = outcome.records.requests.dropFirst().map { 41_100_000 - ($0.ttft ?? 0) }
      #expect(saved.allSatisfy { $0 == Nanoseconds(4 * 10 * tenths) * 100_000 })
    }
  }
}
