import EventKernel
import Support
import Testing

@testable import Serving

@Suite("Who loses KV blocks gets them back from host memory")
struct SwapTests {
  /// Two prompts of eight and twelve tokens fill five of six blocks; the second one needs a fourth block
  /// when the first one has taken the sixth.
  private func outcome(_ keyValue: KeyValueSpecification, blocks: Int = 6) -> Outcome {
    let requests = [
      KnownRequest(arrival: 0, words: "", prompt: 8, output: 10),
      KnownRequest(arrival: 0, words: "", prompt: 12, output: 10),
    ]
    return Scenario.known(requests, blocks: blocks, keyValue: keyValue).outcome()
  }

  private var swapping: KeyValueSpecification {
    var keyValue = KeyValueSpecification()
    keyValue.preemption = .swap
    return keyValue
  }

  @Test("Both ways take bytes over PCIe; the wait between them is preemption")
  func times() throws {
    let outcome = outcome(swapping)
    let (first, second) = (try #require(outcome.request(0)), try #require(outcome.request(1)))
    // One step of 20 prompt tokens, then nine of the first request alone.
    let prefill: Nanoseconds = 3_000_000
    #expect(first.finish == prefill + 9_000_000)
    // Three blocks of 65,536 bytes.
    let way: Nanoseconds = 196_608
    #expect(second.firstToken == prefill)
    #expect(second.parts.commKV == 2 * way)
    #expect(second.parts.preemption == 9_000_000 - way)
    #expect(second.finish == prefill + 9_000_000 + way + 9_000_000)
    #expect(outcome.summary.preemptions == 1)
  }

  @Test("Without room in swap space it computes its tokens again")
  func noRoom() throws {
    var keyValue = swapping
    keyValue.swapBytesPerGPU = 2 * 65_536
    let second = try #require(outcome(keyValue).request(1))
    #expect(second.parts.commKV == 0)
    // Thirteen tokens are computed again, and the next one appears with them.
    #expect(second.finish == 22_300_000)
    let recomputed = outcome(KeyValueSpecification()).records.requests
    #expect(recomputed == outcome(keyValue).records.requests)
  }

  @Test("Nobody is admitted before those in swap space have returned")
  func order() throws {
    let requests = [
      KnownRequest(arrival: 0, words: "", prompt: 8, output: 10),
      KnownRequest(arrival: 0, words: "", prompt: 12, output: 10),
      KnownRequest(arrival: 4_000_000, words: "", prompt: 4, output: 1),
    ]
    let outcome = Scenario.known(requests, blocks: 6, keyValue: swapping).outcome()
    // A block would be free for it all the time.
    let third = try #require(outcome.request(2))
    #expect(third.parts.queue == 8_196_608)
    #expect(third.firstToken == 13_596_608)
  }

  @Test(
    "With a watermark a request waits until so many blocks stay free; an empty engine gives all")
  func watermark() throws {
    var keyValue = KeyValueSpecification()
    keyValue.watermark = 0.4
    // Two of six blocks stay free: the second request waits for the first one's end.
    let outcome = outcome(keyValue)
    #expect(try #require(outcome.request(0)).finish == 1_800_000 + 9_000_000)
    #expect(try #require(outcome.request(1)).parts.queue == 1_800_000 + 9_000_000)
    #expect(outcome.summary.preemptions == 0)
    keyValue.watermark = 0.99
    #expect(self.outcome(keyValue).summary.completed == 2)
  }
}
