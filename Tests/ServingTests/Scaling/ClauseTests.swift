import EventKernel
import Testing

@testable import Serving

/// Of every autoscaler each clause, in a state that it names.
@Suite("The clause that a decision is recorded with")
struct ClauseTests {
  private static let second: Nanoseconds = 1_000_000_000

  private static func values<Policy: ScalingPolicy>(
    _ type: Policy.Type, _ settings: [String: OptionValue]
  ) -> OptionValues {
    var values = OptionValues(defaultsOf: Policy.options)
    for (key, value) in settings { values[key] = value }
    return values
  }

  /// What happens to a model up to a tick, and what its policy must say then.
  struct State: Sendable, CustomTestStringConvertible {
    var clause: String
    var settings: [String: OptionValue] = [:]
    /// When requests arrive and leave, in seconds.
    var requests: [(arrival: Double, end: Double)] = []
    /// Replicas all the time, those that start among them.
    var ready = 0
    var starting = 0
    /// The tick that is looked at, in seconds, and the number that it wants.
    var at: Double
    var desired: Int

    var testDescription: String { "\(clause) at \(at) s" }
  }

  /// Asks a policy at every tick up to the one of a state, and with each arrival that it wants to hear of.
  private static func decide<Policy: ScalingPolicy>(
    _ policy: Policy, _ state: State
  ) -> ScalingDecision {
    var policy = policy
    var meter = ActivityMeter(policy.metering)
    meter.setReplica(state.ready > 0, at: 0)
    func time(_ seconds: Double) -> Nanoseconds { Nanoseconds((seconds * 1e9).rounded()) }
    let arrivals = state.requests.map { (at: time($0.arrival), isArrival: true) }
    let ends = state.requests.map { (at: time($0.end), isArrival: false) }
    var events = (arrivals + ends).sorted { $0.at < $1.at }[...]
    let intervals = [policy.interval, policy.secondInterval].compactMap(\.self)
    func nextTick(after tick: Nanoseconds) -> Nanoseconds {
      intervals.map { (tick / $0 + 1) * $0 }.min() ?? .max
    }
    var now: Nanoseconds = 0
    var waiting = 0
    func ask(_ occasion: ScalingOccasions) -> ScalingDecision {
      var view = ScalingView(
        now: now, waiting: state.ready > 0 ? 0 : waiting, ready: state.ready,
        starting: state.starting, demanded: 0, limitPerReplica: 256)
      view.occasion = occasion
      meter.advance(to: now)
      view.inFlight = meter.inFlight
      view.activity = meter
      return policy.decide(view)
    }
    var last = ScalingDecision(desired: 0, clause: ScalingClause("never asked"))
    var tick = nextTick(after: 0)
    while tick <= time(state.at) {
      while let event = events.first, event.at <= tick {
        events.removeFirst()
        now = event.at
        if event.isArrival {
          waiting += 1
          meter.arrive(promptTokens: 1, at: now)
          if policy.occasions.contains(.arrival) { last = ask(.arrival) }
        } else {
          waiting -= 1
          meter.leave(outputTokens: 1, timeToFirstToken: 1, generation: 1, at: now)
        }
      }
      now = tick
      last = ask([])
      tick = nextTick(after: tick)
    }
    return last
  }

  private static func expect<Policy: ScalingPolicy>(
    _ type: Policy.Type, _ state: State, _ location: SourceLocation = #_sourceLocation
  ) {
    let decision = decide(type.init(values(type, state.settings)), state)
    #expect(
      decision.clause.name == state.clause && decision.desired == state.desired,
      "\(decision.clause.name), \(decision.desired) replicas", sourceLocation: location)
  }

  /// So many requests from one time to another, in seconds.
  private static func crowd(
    _ count: Int, _ arrival: Double, _ end: Double
  ) -> [(arrival: Double, end: Double)] {
    Array(repeating: (arrival, end), count: count)
  }

  // A pod of ten requests has a target of seven.
  private static let ten: [String: OptionValue] = ["containerConcurrency": .integer(10)]

  private static let ofKnative: [State] = [
    State(clause: "no-data", at: 2, desired: 0),
    State(clause: "stable", settings: ten, requests: crowd(6, 0, 99), ready: 1, at: 10, desired: 1),
    State(
      clause: "panic-begins", settings: ten, requests: crowd(20, 0, 99), ready: 1, at: 2,
      desired: 3),
    State(clause: "panic", settings: ten, requests: crowd(20, 0, 99), ready: 1, at: 4, desired: 3),
    State(
      clause: "panic-hold", settings: ten, requests: crowd(20, 0, 4), ready: 1, at: 20, desired: 3),
    // Six pods wanted of one, but no more than double.
    State(
      clause: "max-scale-up-rate",
      settings: ten.merging([
        "maxScaleUpRate": .number(2), "panicThresholdPercentage": .number(1_000),
      ]) { $1 }, requests: crowd(40, 0, 99), ready: 1, at: 4, desired: 2),
    State(
      clause: "max-scale-down-rate", requests: crowd(1, 0, 999), ready: 8, at: 100, desired: 4),
    State(
      clause: "activation-scale", settings: ["activationScale": .integer(3)],
      requests: crowd(1, 0, 99), ready: 1, at: 4, desired: 3),
    // Out of the stable window since 70 s, but wanted within the last minute.
    State(
      clause: "scale-down-delay", settings: ["scaleDownDelay": .duration(60 * second)],
      requests: crowd(1, 0, 10), ready: 1, at: 80, desired: 1),
    // It begins in panic with three, which is over after a minute.
    State(clause: "min-scale", settings: ["min": .integer(3)], ready: 3, at: 62, desired: 3),
    State(
      clause: "max-scale", settings: ten.merging(["max": .integer(2)]) { $1 },
      requests: crowd(40, 0, 99), ready: 1, at: 6, desired: 2),
    State(clause: "active-window", ready: 1, at: 58, desired: 1),
    State(
      clause: "grace", settings: ["targetBurstCapacity": .number(0)], ready: 1, at: 88, desired: 1),
    State(clause: "to-zero", ready: 1, at: 60, desired: 0),
    State(
      clause: "scale-to-zero-off", settings: ["enableScaleToZero": .flag(false)], ready: 1,
      at: 600, desired: 1),
    // The request has gone again, and its replica does not come up.
    State(
      clause: "activating", settings: ["initial": .integer(0)], requests: crowd(1, 1.5, 1.7),
      starting: 1, at: 612, desired: 1),
    State(
      clause: "activation-timeout", settings: ["initial": .integer(0)],
      requests: crowd(1, 1.5, 1.7), starting: 1, at: 614, desired: 0),
  ]

  @Test("Of Knative", arguments: ofKnative)
  func knative(state: State) { Self.expect(KnativeScaling.self, state) }

  @Test("Of Knative: the activator's first request")
  func fromZero() {
    var policy = KnativeScaling(Self.values(KnativeScaling.self, ["initial": .integer(0)]))
    var meter = ActivityMeter(policy.metering)
    func ask(_ now: Nanoseconds, _ occasion: ScalingOccasions) -> ScalingDecision {
      var view = ScalingView(
        now: now, waiting: 0, ready: 0, starting: 0, demanded: 0, limitPerReplica: 256)
      meter.advance(to: now)
      view.activity = meter
      view.occasion = occasion
      return policy.decide(view)
    }
    meter.arrive(promptTokens: 1, at: 500_000_000)
    let decision = ask(500_000_000, .arrival)
    #expect(decision.clause.name == "from-zero" && decision.desired == 1)
  }

  private static let ofHorizontal: [State] = [
    State(clause: "metric", requests: crowd(14, 0, 99), ready: 1, at: 15, desired: 2),
    State(clause: "tolerance", requests: crowd(21, 0, 99), ready: 2, at: 15, desired: 2),
    State(clause: "stabilization", requests: crowd(2, 0, 99), ready: 4, at: 15, desired: 4),
    State(
      clause: "scale-up-rate", settings: ["max": .integer(100)],
      requests: crowd(90, 0, 99), ready: 2, at: 15, desired: 6),
    State(
      clause: "scale-down-rate",
      settings: [
        "scaleDownWindow": .duration(0), "scaleDownPercent": .integer(0),
        "scaleDownPods": .integer(1),
      ], ready: 4, at: 15, desired: 3),
    State(
      clause: "min", settings: ["min": .integer(2), "scaleDownWindow": .duration(0)], ready: 4,
      at: 15, desired: 2),
    State(
      clause: "max", settings: ["max": .integer(3)], requests: crowd(90, 0, 99), ready: 2,
      at: 15, desired: 3),
  ]

  @Test("Of the HPA", arguments: ofHorizontal)
  func horizontal(state: State) { Self.expect(HorizontalPodScaling.self, state) }

  private static let ofEvents: [State] = [
    State(clause: "idle", at: 30, desired: 0),
    // The HPA has nothing to scale, and the trigger is polled at 60 s.
    State(clause: "wait", requests: crowd(1, 31, 99), at: 45, desired: 0),
    State(clause: "activation", requests: crowd(1, 16, 99), at: 30, desired: 1),
    State(clause: "cooldown", requests: crowd(1, 0, 40), ready: 1, at: 360, desired: 0),
    State(clause: "metric", requests: crowd(14, 0, 99), ready: 1, at: 30, desired: 2),
  ]

  @Test("Of KEDA", arguments: ofEvents)
  func events(state: State) { Self.expect(EventDrivenScaling.self, state) }

  private static let ofRayServe: [State] = [
    State(clause: "steady", requests: crowd(2, 0, 99), ready: 1, at: 60, desired: 1),
    State(clause: "upscale-delay", requests: crowd(9, 0, 99), ready: 1, at: 29, desired: 1),
    State(clause: "upscale", requests: crowd(9, 0, 99), ready: 1, at: 30.1, desired: 5),
    State(clause: "downscale-delay", requests: crowd(2, 0, 999), ready: 3, at: 600, desired: 3),
    State(clause: "downscale", requests: crowd(2, 0, 999), ready: 3, at: 600.1, desired: 1),
    State(clause: "from-zero", requests: crowd(1, 0, 99), at: 0.1, desired: 1),
  ]

  @Test("Of Ray Serve", arguments: ofRayServe)
  func rayServe(state: State) { Self.expect(RayServeScaling.self, state) }

  @Test(
    "Of BlitzScale",
    arguments: [
      // Waiting tokens of which a replica should have 6,500 to 10,400.
      ("below-band", 26_000, 1, 4), ("band", 10_400, 1, 1), ("above-band", 6_500, 2, 2),
      ("max", 130_000, 7, 8), ("min", 0, 1, 2),
    ])
  func tokenDemand(clause: String, tokens: Int64, ready: Int, desired: Int) {
    var policy = TokenDemandScaling(
      Self.values(TokenDemandScaling.self, clause == "min" ? ["min": .integer(2)] : [:]))
    var view = ScalingView(
      now: 0, waiting: 0, ready: ready, starting: 0, demanded: 0, limitPerReplica: 256)
    view.waitingTokens = tokens
    let decision = policy.decide(view)
    #expect(decision.clause.name == clause && decision.desired == desired)
  }

  @Test(
    "Of Dynamo",
    arguments: [
      // Three prompt tokens a second, of which a replica takes one, and three output tokens.
      ("load", 30, 4, 1...8), ("no-traffic", 0, 5, 1...8), ("max", 30, 2, 1...2),
      ("min", 30, 5, 5...8),
    ])
  func objectives(clause: String, requests: Int, desired: Int, bounds: ClosedRange<Int>) {
    var policy = ObjectiveScaling(
      Self.values(
        ObjectiveScaling.self,
        [
          "interval": .duration(10 * Self.second), "prefillTokensPerSecond": .number(1),
          "min": .integer(Int64(bounds.lowerBound)), "max": .integer(Int64(bounds.upperBound)),
        ]))
    var meter = ActivityMeter(policy.metering)
    for _ in 0..<requests {
      meter.arrive(promptTokens: 1, at: 0)
      meter.leave(outputTokens: 1, timeToFirstToken: 1 << 50, generation: 0, at: 1)
    }
    meter.advance(to: 10 * Self.second)
    var view = ScalingView(
      now: 10 * Self.second, waiting: 0, ready: 5, starting: 0, demanded: 0, limitPerReplica: 256)
    view.activity = meter
    let decision = policy.decide(view)
    #expect(
      decision.clause.name == clause && decision.desired == desired,
      "\(decision.clause.name), \(decision.desired) replicas")
  }

  @Test("Of a time table", arguments: [("table", 60, 1), ("ahead", 70, 4), ("table", 100, 4)])
  func table(clause: String, now: Nanoseconds, desired: Int) {
    var policy = ScheduledScaling(
      Self.values(
        ScheduledScaling.self,
        ["replicas": .integers([1, 4]), "every": .duration(100), "ahead": .duration(30)]))
    let decision = policy.decide(
      ScalingView(
        now: now, waiting: 0, ready: 1, starting: 0, demanded: 0, limitPerReplica: 256))
    #expect(decision.clause.name == clause && decision.desired == desired)
  }
}
