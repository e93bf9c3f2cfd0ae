import EventKernel

/// What Knative's autoscaler goes by for one revision.
struct KnativeSpecification: Sendable {
  /// The metric that one replica should have, and the most that it can have.
  var target: Double
  var total: Double
  var targetBurstCapacity = 211.0
  /// How many times the replicas there may be wanted before panic begins.
  var panicThreshold = 2.0
  var maxScaleUpRate = 1_000.0
  var maxScaleDownRate = 2.0
  var stableWindow: Nanoseconds = 60_000_000_000
  var scaleDownDelay: Nanoseconds = 0
  /// Replicas at least, once there are any.
  var activationScale = 1
  /// Whether a route leads to the revision.
  var isReachable = true
}

/// How many pods a revision should have: the autoscaler's one decision.
///
/// Rule: `Scale` of knative/serving, pkg/autoscaler/scaling/autoscaler.go.
struct KnativeDecider: Sendable {
  /// What comes of a decision.
  struct Outcome: Sendable, Hashable {
    var desired: Int
    /// By how many requests the ready pods' capacity exceeds the burst to be prepared for; below 0 the
    /// activator is in the path.
    var excessBurstCapacity: Int
    /// Pods by the metric alone.
    var unlimited: Int
    var clause: String
  }

  var specification: KnativeSpecification
  /// When the panic threshold was last reached; nil when not panicking.
  private(set) var panicTime: Nanoseconds?
  /// The most pods wanted since panic began.
  private(set) var mostPanicPods: Int
  private var delay: KnativeMaximum?
  private let tick: Nanoseconds

  /// With more than one pod ready it begins in panic, so that they stay until enough has been measured.
  init(
    _ specification: KnativeSpecification, ready: Int, tick: Nanoseconds = 2_000_000_000,
    at now: Nanoseconds = 0
  ) {
    self.specification = specification
    self.tick = tick
    panicTime = ready > 1 ? now : nil
    mostPanicPods = ready
    if specification.scaleDownDelay > 0 {
      delay = KnativeMaximum(ticks: (specification.scaleDownDelay + tick - 1) / tick)
    }
  }

  /// Decides by the averages of the metric over the stable and the panic window.
  mutating func decide(
    stable: Double, panic: Double, ready: Int, at now: Nanoseconds
  ) -> Outcome {
    let present = Double(max(1, ready))
    let most = (specification.maxScaleUpRate * present).rounded(.up)
    let least =
      specification.isReachable ? (present / specification.maxScaleDownRate).rounded(.down) : 0
    let wanted = (stable / specification.target).rounded(.up)
    let wantedInPanic = (panic / specification.target).rounded(.up)
    func limited(_ pods: Double) -> Int {
      let pods = (pods, Int(min(max(pods, least), most)))
      return pods.0 > 0 ? max(pods.1, specification.activationScale) : pods.1
    }
    let isOver = wantedInPanic / present >= specification.panicThreshold
    let began = notePanic(isOver, at: now)
    var desired = limited(wanted)
    var clause = clause(wanted, desired, least: least, most: most)
    var unlimited = wanted
    if panicTime != nil {
      unlimited = max(wanted, wantedInPanic)
      let inPanic = max(desired, limited(wantedInPanic))
      clause = began ? "panic-begins" : inPanic >= mostPanicPods ? "panic" : "panic-hold"
      mostPanicPods = max(mostPanicPods, inPanic)
      desired = mostPanicPods
    }
    if specification.isReachable, let delayed = delay?.record(desired, tick: now / tick) {
      if delayed != desired { clause = "scale-down-delay" }
      desired = delayed
    }
    return Outcome(
      desired: desired, excessBurstCapacity: excessBurstCapacity(ready: ready, panic: panic),
      unlimited: Int(min(unlimited, 1e9)), clause: clause)
  }

  /// Whether what was wanted before plays no part any more.
  var isSettled: Bool { delay?.isFlat ?? true }

  /// Whether panic begins: it does with the threshold, and goes on while that is reached.
  ///
  /// It ends when the threshold has not been reached for longer than the stable window.
  private mutating func notePanic(_ isOver: Bool, at now: Nanoseconds) -> Bool {
    if isOver {
      let begins = panicTime == nil
      panicTime = now
      return begins
    }
    if let last = panicTime, last + specification.stableWindow < now {
      panicTime = nil
      mostPanicPods = 0
    }
    return false
  }

  private func clause(_ wanted: Double, _ desired: Int, least: Double, most: Double) -> String {
    if wanted < least { return "max-scale-down-rate" }
    if wanted > most { return "max-scale-up-rate" }
    return Double(desired) > wanted ? "activation-scale" : "stable"
  }

  private func excessBurstCapacity(ready: Int, panic: Double) -> Int {
    if specification.targetBurstCapacity == 0 { return 0 }
    if specification.targetBurstCapacity < 0 { return -1 }
    let capacity = Double(ready) * specification.total
    return Int((capacity - specification.targetBurstCapacity - panic).rounded(.down))
  }
}
