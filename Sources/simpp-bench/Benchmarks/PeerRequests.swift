import EventKernel
import Workload

/// The request stream on which other simulators were measured: SplitMix64 from state 42.
struct PeerRequests: RequestSource {
  var requests: Int
  var requestsPerSecond: Double

  func open(seed: UInt64) -> any RequestStream {
    PeerStream(left: requests, requestsPerSecond: requestsPerSecond)
  }
}

extension PeerRequests {
  /// Prints the requests at 8 per second as a trace in simpp's own format.
  static func printTrace(requests: Int) {
    var stream = PeerRequests(requests: requests, requestsPerSecond: 8).open(seed: 1)
    print("arrival_s,prompt_tokens,output_tokens")
    while let request = stream.next() {
      let fraction = String(request.arrival % 1_000_000_000)
      let zeros = String(repeating: "0", count: 9 - fraction.count)
      print(
        "\(request.arrival / 1_000_000_000).\(zeros)\(fraction),\(request.promptTokens),"
          + "\(request.outputTokens)")
    }
  }
}

private struct PeerStream: RequestStream {
  var left: Int
  let requestsPerSecond: Double
  private var state: UInt64 = 42
  private var seconds = 0.0
  private var upcoming: ArrivingRequest?

  init(left: Int, requestsPerSecond: Double) {
    self.left = left
    self.requestsPerSecond = requestsPerSecond
    upcoming = draw()
  }

  var nextArrival: Nanoseconds? { upcoming?.arrival }

  mutating func next() -> ArrivingRequest? {
    let request = upcoming
    upcoming = draw()
    return request
  }

  private mutating func draw() -> ArrivingRequest? {
    guard left > 0 else { return nil }
    left -= 1
    seconds -= DeterministicMath.log(1 - uniform()) / requestsPerSecond
    let prompt = 64 + Int32(uniform() * 961)
    let output = 16 + Int32(uniform() * 241)
    return ArrivingRequest(
      arrival: nanoseconds(fromSeconds: seconds), workload: 0, promptTokens: prompt,
      outputTokens: output)
  }

  private mutating func uniform() -> Double {
    state &+= 0x9e37_79b9_7f4a_7c15
    var mixed = state
    mixed = (mixed ^ mixed >> 30) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ mixed >> 27) &* 0x94d0_49bb_1331_11eb
    mixed ^= mixed >> 31
    return Double(mixed >> 11) / 0x1p53
  }
}
