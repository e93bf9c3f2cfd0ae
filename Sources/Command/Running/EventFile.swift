import Serving

/// A file that is made from the events of runs, one run after the other.
protocol EventOutput: EventSink {
  /// Starts a run's part of the file.
  func begin(_ run: PlannedRun)
  /// Ends the file, also when a run has been cut short.
  func finish() throws
  /// Removes the file.
  func discard()
}

/// The file of `--events`: one line per event, a heading before each run.
final class EventFile: EventOutput {
  private let file: OutputFile

  init(path: String, sparing inputs: [String]) throws {
    file = try OutputFile(path: path, sparing: inputs)
  }

  func begin(_ run: PlannedRun) {
    file.append(
      "# scheduler \(run.scenario.schedulers[run.scheduler].name) replication \(run.replication)\n")
  }

  func log(_ event: LoggedEvent) { file.append(event.text + "\n") }

  /// Drops it: bubbles follow from the lines, and have none of their own.
  func tell(_ bubble: ToldBubble) {}

  func finish() throws { try file.finish() }

  func discard() { file.discard() }
}

/// The files that a command makes from events.
final class EventOutputs: EventOutput, @unchecked Sendable {
  // With an event output there is one worker; nobody else touches it until that one is done.
  private let outputs: [any EventOutput]

  /// Nil without any.
  init?(_ outputs: [any EventOutput]) {
    if outputs.isEmpty { return nil }
    self.outputs = outputs
  }

  func begin(_ run: PlannedRun) { for output in outputs { output.begin(run) } }

  func log(_ event: LoggedEvent) { for output in outputs { output.log(event) } }

  func tell(_ bubble: ToldBubble) { for output in outputs { output.tell(bubble) } }

  /// Ends every file, and throws the first error after that.
  func finish() throws {
    var failure: (any Error)?
    for output in outputs {
      do { try output.finish() } catch { failure = failure ?? error }
    }
    if let failure { throw failure }
  }
  func discard() { for output in outputs { output.discard() } }
}
