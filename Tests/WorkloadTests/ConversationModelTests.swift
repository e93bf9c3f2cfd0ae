import EventKernel
import Testing

@testable import Workload

@Suite("Conversations of a trace")
struct ConversationModelTests {
  /// Conversations of three turns, 30 s apart, with growing prompts; the first blocks are everybody's.
  private struct Made {
    var requests: [ArrivingRequest] = []
    var blocks: [PrefixBlocks] = []

    init(named: Bool) {
      let stream = RandomStream(seed: 4, name: "made")
      var turns: [(request: ArrivingRequest, own: UInt64)] = []
      for session in 0..<600 as Range<Int64> {
        var prompt = Int32(200 + 2_000 * stream.uniform(at: UInt64(session)))
        for turn in 0..<3 as Range<Int32> {
          let arrival = session * 1_000_000_000 + Int64(turn) * 30_000_000_000
          let request = ArrivingRequest(
            arrival: arrival, workload: 0, promptTokens: prompt, outputTokens: 50,
            session: named ? session : -1, turn: named ? turn : 0)
          turns.append((request, UInt64(session)))
          prompt += 50 + 40
        }
      }
      turns.sort { ($0.request.arrival, $0.own) < ($1.request.arrival, $1.own) }
      for (turn, own) in turns {
        requests.append(turn)
        // One block of 64 tokens is common; a partial last block has a name of its own.
        var hashes: [UInt64] = [0]
        for block in 1..<UInt64(turn.promptTokens / 64) { hashes.append(own << 20 | block) }
        if turn.promptTokens % 64 > 0 {
          hashes.append(1 << 40 | own << 20 | UInt64(turn.promptTokens))
        }
        blocks.append(PrefixBlocks(tokensPerBlock: 64, hashes: hashes))
      }
    }
  }

  private func fit(_ made: Made) -> (model: TraceModel, statistics: TraceStatistics) {
    TraceModelTests.model(made.requests) { made.blocks[$0] }
  }

  @Test(
    "They are learnt from session names and, without them, from the prefixes",
    arguments: [true, false])
  func learnt(named: Bool) {
    let (model, _) = fit(Made(named: named))
    #expect((model.followShare - 2.0 / 3).magnitude < 0.005)
    #expect(model.conversations.isGrowing && model.tokensPerBlock == 64)
    #expect(model.conversations.countsPartialBlock)
    #expect(model.conversations.thinkTime.value(at: 0.5) / 30e9 > 0.9999)
    #expect(model.conversations.added.value(at: 0.5) == 40)
  }

  @Test("Turns follow one another with the prompt and the answer before them, and share its blocks")
  func drawn() throws {
    let (model, original) = fit(Made(named: true))
    var trace = SyntheticTrace(model, seed: 1)
    var latest: [Int64: (request: ArrivingRequest, blocks: [UInt64])] = [:]
    var follows = 0
    var statistics = TraceStatistics()
    for _ in 0..<1_800 {
      let next = trace.next()
      let (request, blocks) = try #require(next)
      statistics.add(request, blocks: blocks)
      #expect(blocks.hashes.count == Int((request.promptTokens + 63) / 64))
      if let last = latest[request.session] {
        follows += 1
        #expect(request.turn == last.request.turn + 1)
        let before = last.request.promptTokens + last.request.outputTokens
        #expect(request.promptTokens >= before)
        let full = Int(last.request.promptTokens / 64)
        #expect(blocks.hashes.prefix(full) == last.blocks.prefix(full))
        #expect(blocks.hashes.count == full || blocks.hashes[full] != last.blocks[safe: full])
      } else {
        #expect(request.turn == 0)
      }
      latest[request.session] = (request, blocks.hashes)
    }
    #expect((Double(follows) / 1_800 - 2.0 / 3).magnitude < 0.04)
    let share = try #require(statistics.prefix.cachedShare)
    #expect((share - (original.prefix.cachedShare ?? 0)).magnitude < 0.03)
  }

  @Test("The nearest conversation that fits is taken, and none twice")
  func partners() {
    var open = OpenConversations()
    for index in 0..<40_000 as Range<Int64> {
      open.append(
        Conversation(
          session: index, turn: 0, arrival: index * 10, prompt: 1, output: 1, blocks: []))
    }
    #expect(open.take(near: 300_004) { _ in true }?.session == 30_000)
    #expect(open.take(near: 300_004) { _ in true }?.session == 30_001)
    #expect(open.take(near: 300_004) { $0.session > 30_010 }?.session == 30_011)
    #expect(open.take(near: 300_004) { _ in false } == nil)
  }
}

extension [UInt64] {
  fileprivate subscript(safe index: Int) -> UInt64? { indices.contains(index) ? self[index] : nil }
}
