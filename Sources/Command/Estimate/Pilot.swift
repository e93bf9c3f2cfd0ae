import FoundationEssentials
import Reports
import Serving

/// The beginning of a run, simulated for a moment, and what it cost.
struct Pilot {
  /// What had happened at an instant of the pilot.
  struct Mark {
    var events = 0.0
    var simulated = 0.0
    var seconds = 0.0
    var outputTokens = 0.0
    var lineBytes = 0.0
    var timelineBytes = 0.0
  }

  /// Where the second half of the moment begins: caches are warm then, and first replicas may be up.
  private(set) var middle = Mark()
  private(set) var end = Mark()
  /// Whether the run came to its end.
  private(set) var isWhole = false
  /// Tokens generated until the end, those of requests under way included.
  private(set) var generatedTokens = 0.0
  /// Requests that had left at the end.
  private(set) var requests = 0.0
  /// Mean seconds from a request's arrival to its end, 0 when none has left.
  private(set) var serviceSeconds = 0.0

  /// Simulates the beginning of a run.
  ///
  /// - Parameters:
  ///   - scenario: The scenario.
  ///   - scheduler: Index into its schedulers.
  ///   - budget: Seconds that it may take.
  ///   - mostEvents: Events after which it stops.
  ///   - leaps: Whether dull steps may be taken together.
  ///   - logsEvents: Whether every event is made a line of text, as `--events` does.
  ///   - drawsTimeline: Whether the events are made a timeline, as `--perfetto` does.
  init(
    _ scenario: Scenario, scheduler: Int, budget: Double, mostEvents: Int64 = .max,
    leaps: Bool = true, logsEvents: Bool, drawsTimeline: Bool
  ) {
    // Gaps between tokens are counted behind the warmup alone.
    var scenario = scenario
    scenario.warmup = 0
    let simulation = Simulation(scenario: scenario, scheduler: scheduler)
    let sink = CountingSink()
    let bytes = ByteCounter(
      scenario, scheduler: scheduler, logsEvents: logsEvents, drawsTimeline: drawsTimeline)
    let started = Date.now
    var marks: [Mark] = []
    func mark(_ events: Int64, _ now: Int64) -> Mark {
      Mark(
        events: Double(events), simulated: Double(now) / 1e9,
        seconds: Date.now.timeIntervalSince(started), outputTokens: sink.outputTokens,
        lineBytes: bytes.lines, timelineBytes: bytes.timeline)
    }
    var isCut = false
    let summary = simulation.run(
      into: sink, events: logsEvents || drawsTimeline ? bytes : nil,
      observer: { step in
        marks.append(mark(step.events, step.now))
        isCut =
          Interruption.isRequested || (marks.last?.seconds ?? 0) > budget
          || step.events >= mostEvents
        return !isCut
      }, leaps: leaps)
    isWhole = !isCut
    requests = sink.requests
    generatedTokens = Double(summary.workloads.reduce(0) { $0 + $1.itl.count }) + sink.requests
    serviceSeconds = sink.requests > 0 ? sink.sojournSeconds / sink.requests : 0
    if isWhole {
      bytes.finish()
      end = mark(summary.events, summary.simulated)
      return
    }
    end = marks.last ?? Mark()
    middle = marks.last { $0.seconds <= end.seconds / 2 } ?? Mark()
  }
}

/// Counts what leaves the system.
private final class CountingSink: RecordSink {
  private(set) var requests = 0.0
  private(set) var outputTokens = 0.0
  private(set) var sojournSeconds = 0.0

  func record(_ request: RequestRecord) {
    requests += 1
    outputTokens += Double(request.outputTokens)
    sojournSeconds += Double(request.end - request.arrival) / 1e9
  }
  func record(_ replica: ReplicaRecord) {}
  func record(_ stage: StageRecord) {}
  func record(_ gpu: GPURecord) {}
  func record(_ link: LinkRecord) {}
  func record(_ allocation: AllocationRecord) {}
  func record(_ scaling: ScalingRecord) {}
  func record(_ sample: SampleRecord) {}
}

/// Counts the bytes that the files made from events would have.
private final class ByteCounter: EventSink {
  private(set) var lines = 0.0
  private let logsEvents: Bool
  private let writer: PerfettoWriter?

  init(_ scenario: Scenario, scheduler: Int, logsEvents: Bool, drawsTimeline: Bool) {
    self.logsEvents = logsEvents
    writer = drawsTimeline ? PerfettoWriter(producer: SimppCommand.producer) { _ in } : nil
    writer?.begin(scenario, scheduler: scheduler, replication: 0)
  }

  /// Bytes of the timeline, in pieces of its writer until it is finished.
  var timeline: Double { Double(writer?.byteCount ?? 0) }

  func tell(_ bubble: ToldBubble) { writer?.tell(bubble) }

  func log(_ event: LoggedEvent) {
    if logsEvents { lines += Double(event.text.utf8.count + 1) }
    writer?.log(event)
  }

  /// Ends the timeline.
  func finish() { writer?.finish() }
}
