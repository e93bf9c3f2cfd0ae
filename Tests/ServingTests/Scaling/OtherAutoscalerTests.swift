import EventKernel
import Support
import Testing
import Workload

@testable import Serving

@Suite("Ray Serve, BlitzScale, Dynamo, time tables and HydraServe")
struct OtherAutoscalerTests {
  private static let second: Nanoseconds = 1_000_000_000

  private static func values(
    _ options: [OptionDescription], _ settings: [String: OptionValue]
  ) -> OptionValues {
    var values = OptionValues(defaultsOf: options)
    for (key, value) in settings { values[key] = value }
    return values
  }

  private func view(
    _ now: Nanoseconds, ready: Int, demanded: Int = 0, inFlight: Int = 0,
    meter: ActivityMeter? = nil
  ) -> ScalingView {
    var view = ScalingView(
      now: now, waiting: 0, ready: ready, starting: 0, demanded: demanded, limitPerReplica: 256)
    view.inFlight = inFlight
    if let meter { view.activity = meter }
    return view
  }

  /// A meter with so many requests in the system all the time up to `now`.
  private func meter(_ metering: ActivityMetering, _ count: Int, now: Nanoseconds) -> ActivityMeter
  {
    var meter = ActivityMeter(metering)
    for _ in 0..<count { meter.arrive(promptTokens: 100, at: 0) }
    meter.advance(to: now)
    return meter
  }

  @Test("Ray Serve: more after 300 agreeing turns, fewer after 6,000, one at once from zero")
  func rayServe() {
    var policy = RayServeScaling(Self.values(RayServeScaling.options, [:]))
    let turn = Self.second / 10
    #expect(policy.interval == turn)
    let busy = meter(policy.metering, 9, now: 60 * Self.second)
    var asked = 0
    while policy.decide(view(0, ready: 1, meter: busy)).desired == 1 { asked += 1 }
    // 9 requests at 2 for each are 4.5, that is 5 replicas.
    #expect(asked == 300)
    let idle = meter(policy.metering, 0, now: 60 * Self.second)
    asked = 0
    while policy.decide(view(0, ready: 5, meter: idle)).desired == 5 { asked += 1 }
    #expect(asked == 6_000)
    let none = policy.decide(view(0, ready: 0, inFlight: 3, meter: idle))
    #expect(none.desired == 1 && none.clause.name == "from-zero")
    // One turn the other way begins the count anew.
    for _ in 0..<299 { _ = policy.decide(view(0, ready: 1, meter: busy)) }
    _ = policy.decide(view(0, ready: 8, meter: busy))
    #expect(policy.decide(view(0, ready: 1, meter: busy)).desired == 1)
  }

  @Test("Ray Serve: factors smooth steps, and a step down is one at least")
  func rayServeFactors() {
    let settings: [String: OptionValue] = [
      "upscaleDelay": .duration(0), "downscaleDelay": .duration(0),
      "upscalingFactor": .number(0.5), "downscalingFactor": .number(0.1),
    ]
    var policy = RayServeScaling(Self.values(RayServeScaling.options, settings))
    let busy = meter(policy.metering, 20, now: 60 * Self.second)
    // 10 wanted, 2 there: half of the step.
    #expect(policy.decide(view(0, ready: 2, meter: busy)).desired == 6)
    let little = meter(policy.metering, 2, now: 60 * Self.second)
    // 1 wanted, 4 there: 4 - 0.3 rounds up to 4, so one goes.
    #expect(policy.decide(view(0, ready: 4, meter: little)).desired == 3)
  }

  @Test("Ray Serve goes to zero only from one")
  func rayServeZero() {
    let settings: [String: OptionValue] = [
      "min": .integer(0), "downscaleDelay": .duration(0),
      "downscaleToZeroDelay": .duration(500_000_000),
    ]
    var policy = RayServeScaling(Self.values(RayServeScaling.options, settings))
    let idle = meter(policy.metering, 0, now: 60 * Self.second)
    #expect(policy.decide(view(0, ready: 3, meter: idle)).desired == 1)
    for _ in 0..<5 { #expect(policy.decide(view(0, ready: 1, meter: idle)).desired == 1) }
    #expect(policy.decide(view(0, ready: 1, meter: idle)).desired == 0)
  }

  @Test(
    "BlitzScale: below the band to its middle, above it one goes after 333 ms",
    arguments: [
      // Waiting tokens over 0.8 and 0.5 of 13,000 a second.
      (0.0, 1, 1), (10_400.0, 1, 1), (10_401.0, 1, 2), (26_000.0, 1, 4), (26_000.0, 3, 3),
      (26_000.0, 5, 5),
    ])
  func band(tokens: Double, present: Int, desired: Int) {
    var policy = TokenDemandScaling(Self.values(TokenDemandScaling.options, [:]))
    var seen = view(0, ready: present)
    seen.waitingTokens = Int64(tokens)
    let decision = policy.decide(seen)
    #expect(decision.desired == desired)
    if present == 5 {
      #expect(decision.clause.name == "above-band")
      seen.now = 300_000_000
      #expect(policy.decide(seen).desired == 5)
      seen.now = 333_000_000
      #expect(policy.decide(seen).desired == 4)
    }
  }

  @Test("BlitzScale: KV blocks in use between 0.75 and 0.95 of the pool")
  func blocks() {
    var policy = TokenDemandScaling(Self.values(TokenDemandScaling.options, [:]))
    var seen = view(0, ready: 2)
    seen.blocksPerReplica = 1_000
    seen.blocksHeld = 1_900
    #expect(policy.decide(seen).desired == 2)
    seen.blocksHeld = 1_901
    #expect(policy.decide(seen).desired == 3)
  }

  @Test("Dynamo: prompt and output tokens of the last interval over what a replica does")
  func objectives() {
    let settings: [String: OptionValue] = [
      "interval": .duration(10 * Self.second), "max": .integer(50),
      "prefillTokensPerSecond": .number(1_000), "decodeTokensPerSecond": .number(100),
      "expectedTTFT": .duration(1_000_000_000), "expectedITL": .duration(10_000_000),
    ]
    var policy = ObjectiveScaling(Self.values(ObjectiveScaling.options, settings))
    var meter = ActivityMeter(policy.metering)
    for _ in 0..<20 { meter.arrive(promptTokens: 500, at: 0) }
    for _ in 0..<20 {
      // TTFT half of what is expected, ITL twice.
      meter.leave(
        outputTokens: 101, timeToFirstToken: 500_000_000,
        generation: 100 * 20_000_000, at: 5 * Self.second)
    }
    meter.advance(to: 10 * Self.second)
    let decision = policy.decide(view(10 * Self.second, ready: 1, meter: meter))
    // 1,000 prompt tokens a second, half of them count: 0.5; 202 output tokens at half the speed: 4.04.
    #expect(decision.desired == 5)
    #expect(decision.figures?.longWindow == 500 && decision.figures?.shortWindow == 404)
    meter.advance(to: 20 * Self.second)
    let idle = policy.decide(view(20 * Self.second, ready: 5, meter: meter))
    #expect(idle.desired == 5 && idle.clause.name == "no-traffic")
    #expect(idle.recheck == .arrival)
  }

  @Test("A time table repeats, and begins what is more ahead of time")
  func table() {
    let settings: [String: OptionValue] = [
      "replicas": .integers([1, 4, 0]), "every": .duration(100), "ahead": .duration(30),
    ]
    var policy = ScheduledScaling(Self.values(ScheduledScaling.options, settings))
    #expect(policy.initialReplicas == 1 && policy.maximumReplicas == 4)
    var now: Nanoseconds = 0
    var rows: [String] = []
    while now < 400 {
      let decision = policy.decide(view(now, ready: 0))
      rows.append("\(now) \(decision.desired)")
      guard case .instant(let next) = decision.recheck else { break }
      now = next
    }
    #expect(rows == ["0 1", "70 4", "100 4", "200 0", "270 1", "300 1", "370 4"])
  }

  @Test("HydraServe starts at most so many replicas together")
  func together() {
    var values = OptionValues(defaultsOf: QueueScaling.options)
    values["requestsPerReplica"] = .integer(1)
    values["mostAtOnce"] = .integer(4)
    var policy = QueueScaling(values)
    var seen = view(0, ready: 1)
    seen.waiting = 7
    #expect(policy.decide(seen).desired == 5)
    seen.demanded = 4
    #expect(policy.decide(seen).desired == 8)
  }
}
