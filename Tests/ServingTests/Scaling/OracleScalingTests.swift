import EventKernel
import Support
import Testing
import Workload

@testable import Serving

@Suite("The perfect system")
struct OracleScalingTests {
  private static let second: Nanoseconds = 1_000_000_000

  private static func policy(_ settings: [String: OptionValue]) -> OracleScaling {
    var values = OptionValues(defaultsOf: OracleScaling.options)
    for (key, value) in settings { values[key] = value }
    return OracleScaling(values)
  }

  /// Requests of one token on up to four GPUs; a cold start takes 35 s and a little.
  private static func run(
    _ settings: [String: OptionValue], _ arrivals: [Nanoseconds],
    duration: Nanoseconds = 3_600 * second, engineInit: Nanoseconds = 35 * second
  ) -> Outcome {
    var scheduler = Schedulers.make(scaling: policy(settings))
    scheduler.coldStart = Schedulers.coldStart(engineInit: engineInit)
    return Scenario.small(
      duration: duration, cluster: Machines.cluster(gpus: 4),
      requests: arrivals.map {
        ArrivingRequest(arrival: $0, workload: 0, promptTokens: 1, outputTokens: 1)
      }, schedulers: [scheduler]
    ).outcome()
  }

  private func view(_ seconds: Int64, _ arrivals: [Nanoseconds], known: Nanoseconds) -> ScalingView
  {
    var view = ScalingView(
      now: seconds * Self.second, waiting: 0, ready: 0, starting: 0, demanded: 0,
      limitPerReplica: 256)
    for arrival in arrivals { view.future.append(arrival) }
    view.future.knownUntil = known
    return view
  }

  @Test("It has ceil(lambda / mu) replicas at the beginning of every window")
  func windows() {
    // 30, 0, 41, 1 requests in four windows: 2, 0, 3, 1 replicas.
    let counts = [30, 0, 41, 1]
    let arrivals = counts.enumerated().flatMap { window, count in
      (0..<count).map { Nanoseconds(window) * 10 * Self.second + Nanoseconds($0) * 200_000_000 }
    }
    let outcome = Self.run(
      ["requestsPerSecond": .number(2)], arrivals, duration: 40 * Self.second, engineInit: 3_000)
    let rows = outcome.records.scalings.map { "\($0.time / Self.second) \($0.desired)" }
    #expect(rows.prefix(4) == ["0 2", "10 0", "20 3", "30 1"])
    #expect(
      outcome.records.scalings.prefix(4).compactMap(\.figures?.longWindow) == [3, 0, 4.1, 0.1])
    #expect(outcome.summary.completed == 72)
  }

  @Test("A window's replicas are wanted from `lead` before it to its end, and the neediest counts")
  func lead() {
    var policy = Self.policy(["requestsPerSecond": .number(1), "lead": .duration(30_000_000_000)])
    // 25 requests in the window from 40 s on, 12 in the next one.
    let arrivals =
      (0..<25).map { 40 * Self.second + Nanoseconds($0) }
      + (0..<12).map {
        50 * Self.second + Nanoseconds($0)
      }
    let desired = (0..<8).map { tick in
      policy.decide(view(Int64(tick) * 10, arrivals, known: 10_000 * Self.second)).desired
    }
    #expect(desired == [0, 3, 3, 3, 3, 2, 0, 0])
  }

  @Test(
    "Every tick agrees with a count of all windows that are not over",
    arguments: [(10, 0), (10, 10), (10, 35), (7, 40), (10, 3)] as [(Int64, Int64)])
  func recomputed(window: Int64, lead: Int64) {
    let random = RandomStream(seed: 7, name: "arrivals \(window) \(lead)")
    var time: Nanoseconds = 0
    let arrivals = (0..<300).map { index in
      // Gaps of 0.5 s in the mean, and now and then a long one.
      let gap = index % 40 == 39 ? 90.0 : random.uniform(at: UInt64(index))
      time += Nanoseconds(gap * 1e9)
      return time
    }
    var policy = Self.policy([
      "requestsPerSecond": .number(0.3), "window": .duration(window * Self.second),
      "lead": .duration(lead * Self.second),
    ])
    // Windows begin `lead` after ticks, the first ones before the run.
    let begins = (-60..<400).map { (Int64($0) * window + lead) * Self.second }
    let counts = begins.map { begin in
      arrivals.count { begin <= $0 && $0 < begin + window * Self.second }
    }
    for tick in 0..<(arrivals[299] / Self.second / window + 5) {
      let now = tick * window * Self.second
      let most =
        begins.indices.filter {
          begins[$0] + window * Self.second > now && begins[$0] <= now + lead * Self.second
        }.map { counts[$0] }.max() ?? 0
      let decision = policy.decide(view(tick * window, arrivals, known: 10_000 * Self.second))
      #expect(decision.desired == Int((Double(most) / Double(window) / 0.3).rounded(.up)))
    }
  }

  @Test("While requests wait nothing that starts is given up, and all in the system fit at once")
  func backlog() {
    var policy = Self.policy(["min": .integer(0), "max": .integer(5)])
    func decide(waiting: Int, ready: Int, starting: Int, demanded: Int, inFlight: Int)
      -> ScalingDecision
    {
      var seen = view(0, [], known: 10_000 * Self.second)
      (seen.waiting, seen.ready, seen.inFlight) = (waiting, ready, inFlight)
      (seen.starting, seen.demanded) = (starting, demanded)
      return policy.decide(seen)
    }
    let kept = decide(waiting: 1, ready: 1, starting: 1, demanded: 2, inFlight: 3)
    #expect(kept.desired == 4 && kept.clause.name == "starting")
    let more = decide(waiting: 257, ready: 1, starting: 1, demanded: 0, inFlight: 513)
    #expect(more.desired == 3 && more.clause.name == "backlog")
    #expect(more.figures?.unlimited == 3 && more.recheck == .tick)
    let most = decide(waiting: 2_000, ready: 0, starting: 0, demanded: 0, inFlight: 2_000)
    #expect(most.desired == 5 && most.clause.name == "max")
    // Nothing waits any more: what no window needs goes.
    let gone = decide(waiting: 0, ready: 2, starting: 0, demanded: 0, inFlight: 9)
    #expect(gone.desired == 0 && gone.clause.name == "perfect" && gone.recheck == .tick)
  }

  @Test("Windows shorter than a cold start: no request waits for more than one and a window")
  func coldStarts() {
    let arrivals = (0..<90).map { Nanoseconds($0) * 37_300_000_000 + 4_000_000_000 }
    for record in Self.run([:], arrivals).records.requests {
      let wait = (record.firstToken ?? .max) - record.arrival
      #expect(wait < 46 * Self.second, "request \(record.requestID)")
    }
  }

  @Test("With a lead as long as a cold start every request finds its replica ready")
  func ready() {
    let arrivals = (1..<90).map { Nanoseconds($0) * 47_300_000_000 }
    let outcome = Self.run(["lead": .duration(36 * Self.second)], arrivals)
    #expect(outcome.records.requests.allSatisfy { $0.parts.coldStart == 0 && $0.parts.queue == 0 })
    #expect(outcome.summary.completed == Int64(outcome.records.requests.count))
  }

  @Test("A quiet model is asked again at its next window, once an hour at least")
  func quiet() {
    let day = 86_400 * Self.second
    let arrivals = [10 * Self.second, 40_000 * Self.second + 5]
    let outcome = Self.run(["lead": .duration(40 * Self.second)], arrivals, duration: day)
    // Ticks of ten seconds would be 8,640.
    #expect(outcome.summary.events < 150)
    let rows = outcome.records.scalings.map { "\($0.time / Self.second) \($0.desired)" }
    #expect(rows.contains("39960 1"), "\(rows)")
    let wait = outcome.records.requests.map { ($0.firstToken ?? .max) - $0.arrival }
    #expect(wait[1] < Self.second)
  }
}
