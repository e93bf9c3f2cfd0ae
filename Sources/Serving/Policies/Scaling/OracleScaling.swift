public import EventKernel

/// The perfect system: as many replicas as the arrivals to come need, known beforehand.
///
/// A window of arrivals needs ceil(lambda / mu) replicas, lambda being its requests per second and mu the
/// `requestsPerSecond` of a replica within its objectives; times GPUs per replica that is the bound of
/// llm-d/llm-d-autoscaling#1499. A window's replicas are wanted from `lead` before it to its end: at each
/// time as many as the neediest of those windows needs. Cold starts take their time here as for everybody;
/// with `lead` as long as one, replicas are ready when they are needed. What has come without being served
/// counts too: while requests wait, there are replicas enough to take all in the system at once, and
/// nothing that starts is given up.
public struct OracleScaling: BoundedScalingPolicy {
  /// `oracle`.
  public static let name = "oracle"
  /// One line for help.
  public static let summary = "the perfect system's bound: replicas for the arrivals to come"
  /// The rule's origin.
  public static let source = "llm-d/llm-d-autoscaling#1499, the perfect-system lower bound"
  /// The future.
  public static let needs: ScalingNeeds = .future
  /// Bounds, what a replica does, the window, how early.
  public static let options =
    [OptionDescription].bounds(maximum: 10_000).filter { $0.key != "initial" } + [
      OptionDescription(
        "requestsPerSecond", .number(1e-6...1e9), default: .number(1),
        "what a replica serves within its objectives"),
      OptionDescription(
        "window", .duration(1_000_000...86_400_000_000_000), default: .duration(10_000_000_000),
        "over which arrivals are counted, and between decisions"),
      OptionDescription(
        "lead", .duration(0...86_400_000_000_000), default: .duration(0),
        "how long before a window its replicas are wanted"),
    ]

  /// None: the first decision demands them.
  public var initialReplicas: Int { 0 }
  /// Fewest, most and first replicas.
  public let bounds: ReplicaBounds
  /// A window.
  public let interval: Nanoseconds?
  /// From the start.
  public var asksAtStart: Bool { true }
  /// To the end of the last window that is looked at, and an hour ahead while there is nothing to do.
  public var foresight: Nanoseconds { lead + max(window, Self.hour) }
  private static let hour: Nanoseconds = 3_600_000_000_000
  private let rate: Double
  private let window: Nanoseconds
  private let lead: Nanoseconds
  /// Windows with arrivals that are not over, in their order, as far as none behind has as many.
  private var windows: [(end: Nanoseconds, arrivals: Int)] = []
  /// The beginning of the first window that has not been looked at, in nanoseconds.
  private var unread: Nanoseconds

  /// Reads the checked options.
  public init(_ values: OptionValues) {
    bounds = ReplicaBounds(values)
    rate = values.number("requestsPerSecond")
    window = values.duration("window")
    lead = values.duration("lead")
    interval = window
    // The one in which the run begins: windows begin `lead` after ticks.
    unread = lead % window == 0 ? 0 : lead % window - window
  }

  /// At the beginning of each window, by those that have not ended up to the one that lies `lead` ahead.
  public mutating func decide(_ view: ScalingView) -> ScalingDecision {
    let next = look(view)
    let load = Double(windows.first?.arrivals ?? 0) * 1e9 / Double(window)
    let needed = Int(min((load / rate).rounded(.up), 1e9))
    var (wanted, clause) = (needed, "perfect")
    if view.waiting > 0 {
      let most = max(1, view.limitPerReplica)
      let backlog = max(1, (view.inFlight + most - 1) / most)
      if backlog > wanted { (wanted, clause) = (backlog, "backlog") }
      if view.starting + view.demanded > 0, view.present > wanted {
        (wanted, clause) = (view.present, "starting")
      }
    }
    let desired = bounds.clamped(wanted)
    if desired != wanted { clause = desired < wanted ? "max" : "min" }
    return ScalingDecision(
      desired: desired, clause: ScalingClause(clause),
      figures: ScalingFigures(longWindow: load, target: rate, unlimited: wanted),
      recheck: isQuiet(view, desired) ? .instant(next) : .tick)
  }

  /// Looks at the windows that begin up to `lead` from now.
  ///
  /// - Returns: The first tick at which other windows count, as far as that is known; nanoseconds.
  private mutating func look(_ view: ScalingView) -> Nanoseconds {
    windows.removeAll { $0.end <= view.now }
    while let begin = nextWindow(view.future), begin <= view.now + lead {
      let arrivals = view.future.count(in: begin..<begin + window)
      while let last = windows.last, last.arrivals <= arrivals { windows.removeLast() }
      windows.append((begin + window, arrivals))
      unread = begin + window
    }
    let known = (view.future.knownUntil - lead) / window * window
    let begins = nextWindow(view.future).map { $0 - lead } ?? known
    guard let first = windows.first else { return begins }
    return min(begins, (first.end + window - 1) / window * window)
  }

  /// The beginning of the first window with arrivals that has not been looked at.
  private func nextWindow(_ future: ArrivalForecast) -> Nanoseconds? {
    future.next(from: unread).map { unread + ($0 - unread) / window * window }
  }

  /// Whether every tick before another window counts would decide the same.
  private func isQuiet(_ view: ScalingView, _ desired: Int) -> Bool {
    view.inFlight == 0 && view.starting + view.demanded == 0 && desired == view.present
  }
}
