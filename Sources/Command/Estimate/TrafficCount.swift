import FoundationEssentials
import Serving
import Workload

/// How many requests a scenario brings, and how many tokens they have: its own source is read to the
/// end without simulating anything.
struct TrafficCount {
  private(set) var requests = 0.0
  private(set) var outputTokens = 0.0
  /// Whether the source was read to its end; else the rest is extrapolated from the time covered.
  private(set) var isWhole = true

  /// Reads a scenario's requests.
  ///
  /// - Parameters:
  ///   - scenario: The scenario.
  ///   - serviceSeconds: How long an answer takes, for sources whose next request waits for one.
  ///   - budget: Seconds that the reading may take.
  init(_ scenario: Scenario, serviceSeconds: Double, budget: Double) {
    var stream = scenario.source.open(seed: Simulation.seed(of: scenario, replication: 0))
    let started = Date.now
    let service = Int64(serviceSeconds * 1e9)
    var last: Int64 = 0
    while let time = stream.nextArrival, time < scenario.duration, let request = stream.next() {
      requests += 1
      outputTokens += Double(request.outputTokens)
      last = max(last, time)
      // Answers come late enough not to be earlier than what has been read already.
      stream.ended(request, isCompleted: true, at: max(last, time + service))
      if Int(requests) & 0xfff == 0, Date.now.timeIntervalSince(started) > budget, last > 0 {
        let rest = Double(scenario.duration) / Double(last)
        requests *= rest
        outputTokens *= rest
        isWhole = false
        return
      }
    }
  }
}
