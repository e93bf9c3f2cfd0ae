import Serving
import Support
import Testing

extension Scenario {
  /// What came of a run whose records are those that the accountant makes of its event log.
  func auditedOutcome(sourceLocation: SourceLocation = #_sourceLocation) -> Outcome {
    let outcome = outcome()
    let accountant = Accountant(self, scheduler: 0, events: outcome.events)
    #expect(
      accountant.differences(from: outcome.records) == [], sourceLocation: sourceLocation)
    return outcome
  }
}
