import EventKernel
import Serving
import Support
import Testing

/// Whether runs leap: then leaving events out is expected too, not only changing nothing.
let runsLeap = true

extension Scenario {
  /// Expects a run to be the same with and without leaps, and returns it as it went step by step,
  /// with its event log.
  ///
  /// - Parameters:
  ///   - replication: Which replication to run.
  ///   - fewerEvents: Whether leaping must leave out more than half of the events.
  ///   - sourceLocation: Where a difference is reported.
  /// - Returns: What the run left behind.
  func expectEqualWithLeaps(
    replication: Int = 0, fewerEvents: Bool = false,
    sourceLocation: SourceLocation = #_sourceLocation
  ) -> Outcome {
    let run = Simulation(scenario: self, scheduler: 0, replication: replication)
    let difference = run.leapDifference(checksInvariants: true)
    #expect(difference == nil, sourceLocation: sourceLocation)
    let outcome = outcome(replication: replication)
    if runsLeap, fewerEvents {
      #expect(2 * run.run().events < outcome.summary.events, sourceLocation: sourceLocation)
    }
    return outcome
  }
}

extension Outcome {
  /// The instants at which something of a kind was logged.
  func times(_ kind: LoggedKind) -> [Nanoseconds] { events.filter { $0.kind == kind }.map(\.time) }

  /// Requests that ended at one instant, in the order in which they ended.
  func requests(endingAt time: Nanoseconds) -> [RequestRecord] {
    records.requests.filter { $0.end == time }
  }
}
