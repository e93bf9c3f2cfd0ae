import Reports
import Serving

/// The file of `--perfetto`: every run as processes and tracks of one timeline.
final class TimelineFile: EventOutput {
  private let file: OutputFile
  private let writer: PerfettoWriter

  init(path: String, sparing inputs: [String]) throws {
    let file = try OutputFile(path: path, sparing: inputs)
    self.file = file
    writer = PerfettoWriter(producer: SimppCommand.producer) { file.append($0) }
  }

  func begin(_ run: PlannedRun) {
    writer.begin(run.scenario, scheduler: run.scheduler, replication: run.replication)
  }

  func log(_ event: LoggedEvent) { writer.log(event) }

  func tell(_ bubble: ToldBubble) { writer.tell(bubble) }

  func finish() throws {
    writer.finish()
    try file.finish()
  }

  func discard() { file.discard() }
}

extension SimppCommand {
  /// What documents name as the program that made them.
  static var producer: String { "simpp \(version)" }
}
