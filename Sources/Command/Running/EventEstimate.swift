import Reports
import Serving

/// How large the files of `--events` and `--perfetto` will be, from the beginning of every run.
struct EventEstimate {
  /// Bytes of the lines, and of the timeline.
  private(set) var lines = 0.0
  private(set) var timeline = 0.0

  /// Simulates the first 60,000 events or so of each scheduler and takes the rest to be like them.
  init(_ runs: [PlannedRun]) {
    for run in runs where run.replication == 0 {
      let replications = Double(runs.count { $0.scheduler == run.scheduler })
      let counter = ByteCounter(run)
      var share = 1.0
      _ = run.simulation.run(
        events: counter,
        observer: { step in
          if Interruption.isRequested { return false }
          guard step.events >= 60_000 else { return true }
          share = Double(step.now) / Double(step.duration)
          return false
        })
      let scale = replications / max(1e-9, min(1, share))
      let bytes = counter.finish()
      lines += Double(bytes.lines) * scale
      timeline += Double(bytes.timeline) * scale
    }
  }

  /// Counts what would be written.
  private final class ByteCounter: EventSink {
    private let writer: PerfettoWriter
    private var lines: Int64 = 0

    init(_ run: PlannedRun) {
      writer = PerfettoWriter(producer: SimppCommand.producer) { _ in }
      writer.begin(run.scenario, scheduler: run.scheduler, replication: run.replication)
    }

    func log(_ event: LoggedEvent) {
      lines += Int64(event.text.utf8.count) + 1
      writer.log(event)
    }

    func finish() -> (lines: Int64, timeline: Int64) {
      writer.finish()
      return (lines, writer.byteCount)
    }
  }

  /// What to say of a file beforehand; nil while it is of a usable size.
  ///
  /// Viewers hold a timeline in a browser's memory, so a tenth of what an editor takes is much.
  static func warning(_ name: String, bytes: Double, isTimeline: Bool) -> String? {
    guard bytes > (isTimeline ? 2e8 : 2e9) else { return nil }
    let size =
      bytes < 1e9
      ? "\(Int((bytes / 1e6).rounded())) MB"
      : "\(Int((bytes / 1e8).rounded()) / 10)."
        + "\(Int((bytes / 1e8).rounded()) % 10) GB"
    return "\(name): about \(size) to come; --scheduler NAME and --set duration=… make it smaller"
  }
}
