import Serving

/// The file of `--events`: one line per event, a heading before each run.
final class EventFile: EventSink, @unchecked Sendable {
  // With an event file there is one worker; nobody else touches it until that one is done.
  private let file: OutputFile

  init(path: String, sparing inputs: [String]) throws {
    file = try OutputFile(path: path, sparing: inputs)
  }

  /// Starts a run's part of the file.
  func begin(_ run: PlannedRun) {
    file.append(
      "# scheduler \(run.scenario.schedulers[run.scheduler].name) replication \(run.replication)\n")
  }

  func log(_ event: LoggedEvent) { file.append(event.text + "\n") }

  func finish() throws { try file.finish() }
}
