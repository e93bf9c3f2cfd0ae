import Support
import Testing
import Workload

@testable import Serving

@Suite("Prompts that begin alike share blocks")
struct PrefixCacheTests {
  /// Blocks of four tokens that vLLM's batching fills.
  private func driven(
    blocks: Int = 1_000, tokens: Int = 1_000
  ) -> HandDrivenEngine<VLLMBatching> {
    HandDrivenEngine(
      Schedulers.vllm(tokens: tokens), blocks: blocks, blockTokens: 4, sharesPrefixes: true)
  }

  /// A text by its words, each a hash of so many tokens; a hash stands for all words up to it.
  private func text(_ words: String, tokens: Int32 = 4) -> PrefixBlocks {
    var hash: UInt64 = 0
    let hashes = words.unicodeScalars.map { scalar in
      var mixer = SeededGenerator(state: hash ^ UInt64(scalar.value))
      hash = mixer.next()
      return hash
    }
    return PrefixBlocks(tokensPerBlock: tokens, hashes: hashes)
  }

  @Test("Only what no earlier prompt has computed is computed")
  func suffix() {
    var engine = driven()
    engine.arrive(prompt: 14, output: 1, content: text("abc"))
    #expect(engine.step() == [Taken(0, 14)])
    engine.arrive(prompt: 18, output: 1, content: text("abxy"))
    #expect(engine.step() == [Taken(1, 10)])
    engine.arrive(prompt: 18, output: 1, content: text("zbxy"))
    #expect(engine.step() == [Taken(2, 18)])
    engine.arrive(prompt: 18, output: 1, content: text("abxy"))
    #expect(engine.step() == [Taken(3, 2)])
  }

  @Test("Nobody shares what is not computed yet, and what was computed twice is held once")
  func together() {
    var engine = driven()
    engine.arrive(2, prompt: 12, content: text("abc"))
    #expect(engine.plan() == [Taken(0, 12), Taken(1, 12)])
    #expect(engine.engine.freeBlocks == 1_000 - 6)
    engine.complete()
    #expect(engine.engine.freeBlocks == 1_000 - 3)
    // Each writes its answer into a block of its own.
    #expect(engine.step() == [Taken(0, 1), Taken(1, 1)])
    #expect(engine.engine.freeBlocks == 1_000 - 5)
  }

  @Test("The last token is always computed, with the block that it lies in")
  func lastToken() {
    var engine = driven()
    for request in 0..<17 {
      engine.arrive(prompt: 12, output: 1, content: text("abc"))
      #expect(engine.step() == [Taken(request, request == 0 ? 12 : 4)])
    }
    // All of them have ended; three blocks are known and free.
    #expect(engine.engine.freeBlocks == 1_000)
    #expect(engine.engine.peakBlocks == 3)
  }

  @Test(
    "Blocks that are used are not evicted, and of idle ones the deepest of the oldest goes first")
  func eviction() {
    var engine = driven(blocks: 10)
    engine.arrive(prompt: 13, output: 1, content: text("abc"))
    engine.arrive(prompt: 13, output: 1, content: text("xyz"))
    _ = engine.step()
    // Four of ten blocks are free, six known. Another text takes five: the deepest of the first one goes.
    engine.arrive(prompt: 20, output: 1, content: text("12345"))
    #expect(engine.step() == [Taken(2, 20)])
    let cache = engine.engine
    #expect(cache.cachedTokens(of: text("abc"), promptTokens: 100) == 8)
    #expect(cache.cachedTokens(of: text("xyz"), promptTokens: 100) == 12)
    #expect(cache.cachedTokens(of: text("12345"), promptTokens: 100) == 20)
    // One who uses the first text again makes it the last to go.
    engine.arrive(prompt: 9, output: 1, content: text("ab"))
    #expect(engine.step() == [Taken(3, 1)])
    engine.arrive(prompt: 12, output: 1, content: text("678"))
    #expect(engine.step() == [Taken(4, 12)])
    #expect(engine.engine.cachedTokens(of: text("ab"), promptTokens: 100) == 8)
    #expect(engine.engine.cachedTokens(of: text("xyz"), promptTokens: 100) == 0)
    #expect(engine.engine.cachedTokens(of: text("12345"), promptTokens: 100) == 20)
  }

  @Test("Who loses its blocks finds its own prefix again, as far as it has not been evicted")
  func preempted() {
    var engine = driven(blocks: 6)
    engine.arrive(prompt: 8, content: text("ab"))
    engine.arrive(prompt: 12, content: text("xyz"))
    #expect(engine.step() == [Taken(0, 8), Taken(1, 12)])
    // The sixth block goes to the first, none is left for the second.
    #expect(engine.step() == [Taken(0, 1)])
    #expect(engine.preempted == [1])
    #expect(engine.engine.freeBlocks == 3)
    // It comes back for one token more than a block, of which all but the last block is there.
    #expect(engine.step() == [Taken(0, 1)])
    #expect(engine.engine.cachedTokens(of: text("xyz"), promptTokens: 13) == 12)
  }

  @Test("An answer that a later prompt contains is shared too")
  func answers() {
    var engine = driven()
    engine.arrive(prompt: 6, output: 7, content: text("abc"))
    for _ in 0..<7 { _ = engine.step() }
    // Twelve tokens were computed: six of the prompt and all of the answer but its last one.
    engine.arrive(prompt: 20, output: 1, content: text("abcde"))
    #expect(engine.step() == [Taken(1, 8)])
  }

  @Test("Hashes of more and of fewer tokens than a block share the whole blocks among them")
  func sizes() {
    var engine = driven()
    // Six tokens a hash: of the two first ones three blocks are whole, of the first one.
    engine.arrive(prompt: 30, output: 1, content: text("abcde", tokens: 6))
    _ = engine.step()
    engine.arrive(prompt: 30, output: 1, content: text("ax", tokens: 6))
    #expect(engine.step() == [Taken(1, 26)])
    engine.arrive(prompt: 30, output: 1, content: text("abx", tokens: 6))
    #expect(engine.step() == [Taken(2, 18)])
    engine.arrive(prompt: 30, output: 1, content: text("pqrst", tokens: 3))
    _ = engine.step()
    engine.arrive(prompt: 30, output: 1, content: text("pqrx", tokens: 3))
    #expect(engine.step() == [Taken(4, 22)])
  }

  @Test("A hash that stands in two places shares nothing behind it, and breaks nothing")
  func illFormed() {
    var engine = driven(blocks: 30)
    for round in 0..<40 {
      let hashes = (0..<5).map { UInt64(($0 * 7 + round * 3) % 4) }
      engine.arrive(
        prompt: 21, output: 2, content: PrefixBlocks(tokensPerBlock: 4, hashes: hashes))
      _ = engine.step()
      let slots = engine.engine.sequences.indices.filter {
        !engine.engine.sequences[$0].hasEnded
      }
      _ = engine.engine.cache?.checked(
        free: engine.engine.freeBlocks, slots: slots.map { Int32($0) })
    }
    while !engine.step().isEmpty {}
    #expect(engine.engine.freeBlocks == 30)
  }

  @Test("Without the cache nothing is shared")
  func off() {
    var engine = HandDrivenEngine(Schedulers.vllm(), blocks: 100, blockTokens: 4)
    for request in 0..<2 {
      engine.arrive(prompt: 12, output: 1, content: text("abc"))
      #expect(engine.step() == [Taken(request, 12)])
    }
  }
}

@Suite("Small numbers by hash")
struct HashTableTests {
  @Test("As a dictionary, whatever is inserted and removed", arguments: 1...20)
  func dictionary(seed: UInt64) {
    var generator = SeededGenerator(state: seed)
    var table = HashTable()
    var known: [UInt64: Int32] = [:]
    // Few keys, near one another and far: many share a home.
    let step: UInt64 = seed % 2 == 0 ? 1 : 1 << 57
    for number in 0..<Int32(4_000) {
      let key = UInt64.random(in: 0..<300, using: &generator) &* step
      if let value = known[key], Bool.random(using: &generator) {
        #expect(table.find(key) == value)
        table.remove(key)
        known[key] = nil
      } else {
        table.insert(key, number)
        known[key] = number
      }
    }
    #expect(table.count == known.count)
    for key in 0..<UInt64(300) { #expect(table.find(key &* step) == known[key &* step] ?? -1) }
  }
}
