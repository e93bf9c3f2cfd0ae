import EventKernel
import Serving
import Support
import Testing

extension Scenario {
  /// Expects a run to be the same with and without leaps, and returns it as it went step by step,
  /// with its event log.
  ///
  /// - Parameters:
  ///   - replication: Which replication to run.
  ///   - fewerEvents: Whether most rounds must be no events: without dozing every micro-batch has two.
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
    if fewerEvents {
      let formed = outcome.events.count { $0.kind == .form }
      #expect(run.run().events < formed, sourceLocation: sourceLocation)
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
