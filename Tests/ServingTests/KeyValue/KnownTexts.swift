import EventKernel
import Serving
import Support
import Workload

/// A request whose text is given by its words: a hash stands for all words up to it.
struct KnownRequest {
  var arrival: Nanoseconds
  var words: String
  var prompt: Int32
  var output: Int32 = 1

  /// Its content, four tokens to a word.
  var content: PrefixBlocks {
    var hash: UInt64 = 0
    let hashes = words.unicodeScalars.map { scalar in
      var mixer = SeededGenerator(state: hash ^ UInt64(scalar.value))
      hash = mixer.next()
      return hash
    }
    return PrefixBlocks(tokensPerBlock: 4, hashes: hashes)
  }
}

/// Requests with known texts, in order of arrival.
struct KnownTexts: RequestSource {
  let requests: [KnownRequest]

  func open(seed: UInt64) -> any RequestStream { Stream(left: requests[...]) }

  private struct Stream: RequestStream {
    var left: ArraySlice<KnownRequest>
    var contentBlocks = PrefixBlocks.unknown

    var nextArrival: Nanoseconds? { left.first?.arrival }

    mutating func next() -> ArrivingRequest? {
      guard let request = left.popFirst() else { return nil }
      contentBlocks = request.content
      return ArrivingRequest(
        arrival: request.arrival, workload: 0, promptTokens: request.prompt,
        outputTokens: request.output)
    }
  }
}

extension Scenario {
  /// One GPU whose steps take a millisecond and 100 us for each prompt token, with blocks of four tokens
  /// of 65,536 bytes; other memory is reached at a byte a nanosecond.
  static func known(
    _ requests: [KnownRequest], blocks: Int = 1_000, replicas: Int = 1,
    routing: any RoutingPolicy = LeastLoadedRouting(), keyValue: KeyValueSpecification
  ) -> Scenario {
    var scheduler = Schedulers.make(scaling: Schedulers.fixed(replicas), keyValueBlocks: blocks)
    scheduler.engine.blockTokens = 4
    scheduler.engine.keyValue = keyValue
    scheduler.routing = routing
    var scenario = Scenario.small(
      duration: 100_000_000_000, models: [Models.constant(perPrefillToken: 100_000)],
      schedulers: [scheduler])
    scenario.source = KnownTexts(requests: requests)
    return scenario
  }
}
