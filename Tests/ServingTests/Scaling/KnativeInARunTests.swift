import EventKernel
import Serving
import Support
import Testing
import Workload

/// The whole loop through the public engine: what is measured, when, and what comes of it.
@Suite("Knative's autoscaler in a run")
struct KnativeInARunTests {
  private static let second: Nanoseconds = 1_000_000_000

  private static func knative(_ settings: [String: OptionValue]) -> KnativeScaling {
    var values = OptionValues(defaultsOf: KnativeScaling.options)
    for (key, value) in settings { values[key] = value }
    return KnativeScaling(values)
  }

  /// Requests of one model on up to eight GPUs; steps take 10 ms, so a request as many as it has tokens.
  private static func run(
    _ settings: [String: OptionValue], _ arrivals: [(at: Double, tokens: Int32)],
    duration: Nanoseconds = 200 * second
  ) -> Outcome {
    var scheduler = Schedulers.make(scaling: knative(settings))
    scheduler.coldStart = Schedulers.coldStart()
    return Scenario.small(
      duration: duration, cluster: Machines.cluster(gpus: 8),
      models: [Models.constant(base: 10_000_000)],
      workloads: [Traffic.burst(1)],
      requests: arrivals.map {
        ArrivingRequest(
          arrival: Nanoseconds($0.at * 1e9), workload: 0, promptTokens: 1, outputTokens: $0.tokens)
      }, schedulers: [scheduler]
    ).outcome()
  }

  /// Decisions as seconds, clause and number.
  private static func decisions(_ outcome: Outcome) -> [String] {
    outcome.records.scalings.map {
      "\(Double($0.time) / 1e9) \($0.clause.name) \($0.ready)+\($0.starting) \($0.desired)"
    }
  }

  @Test("A replica without traffic goes at the first tick at which a stable window is empty")
  func zero() {
    // One second of one request, from 10.0 s to 11.0 s, of which the activator tells at 10.0 s: out of a
    // window of 60 s at 70 s, not at 68 s.
    let outcome = Self.run([:], [(10, 100)])
    let replica = outcome.records.replicas[0]
    #expect(replica.released == 70 * Self.second)
    #expect(outcome.records.scalings.last?.clause.name == "to-zero")
    #expect(outcome.records.scalings.last?.figures?.longWindow == 0)
    #expect(outcome.summary.completed == 1)
  }

  @Test("Out of the activator's path it stays for the grace period more, to the nanosecond")
  func grace() {
    // Nobody tells of the request before the report at 11 s.
    let outcome = Self.run(
      ["targetBurstCapacity": .number(0), "scaleToZeroGracePeriod": .duration(31_500_000_000)],
      [(10, 100)])
    #expect(outcome.records.replicas[0].released == 103_500_000_000)
    let last = Self.decisions(outcome).suffix(2)
    #expect(last == ["72.0 grace 1+0 1", "103.5 to-zero 1+0 0"])
  }

  @Test("A request in the grace period keeps the replica")
  func kept() {
    let outcome = Self.run(["targetBurstCapacity": .number(0)], [(10, 100), (90.5, 100)])
    #expect(outcome.records.replicas.count == 1)
    // 90.5 s to 91.5 s: out of the window at 152 s, and 30 s more.
    #expect(outcome.records.replicas[0].released == 182 * Self.second)
    let decisions = Self.decisions(outcome)
    #expect(decisions.contains("90.5 from-zero 1+0 1"))
  }

  @Test("The last replica is retained when nothing is wanted")
  func retention() {
    let outcome = Self.run(
      ["scaleToZeroPodRetentionPeriod": .duration(45 * Self.second)], [(10, 100)])
    #expect(outcome.records.replicas[0].released == (70 + 45) * Self.second)
  }

  @Test("From zero the first request wakes a replica at once, and none is lost")
  func woken() {
    let outcome = Self.run([:], [(10, 100), (100.3, 50), (100.4, 50)])
    let second = outcome.records.replicas[1]
    #expect(second.demanded == 100_300_000_000)
    #expect(Self.decisions(outcome).contains("100.3 from-zero 0+0 1"))
    #expect(outcome.summary.completed == 3)
    let woken = outcome.records.requests.filter { $0.arrival > 50 * Self.second }
    #expect(woken.first.map { $0.parts.coldStart > 0 } ?? false)
    #expect(woken.allSatisfy { $0.replicaID == 1 })
  }

  @Test(
    "A burst: panic begins with the tick that sees it, holds, and ends 62 s after its last breach")
  func panic() {
    // From 20.5 s on 40 requests of 10 s each at a target of 7: in the system until 30.5 s.
    let burst = (0..<40).map { _ in (at: 20.5, tokens: Int32(1_000)) }
    let outcome = Self.run(
      ["containerConcurrency": .integer(10), "max": .integer(8)], [(1, 1)] + burst)
    let scalings = outcome.records.scalings
    let begins = scalings.first { $0.clause.name == "panic-begins" }
    // At 22 s the panic window holds 1.5 s of 40 requests in 6 s: 10 of them, 2 replicas of 7.
    #expect(begins?.time == 22 * Self.second)
    #expect(begins?.figures?.shortWindow == 10)
    #expect(begins?.figures?.target == 7)
    #expect(begins?.desired == 2)
    // Six seconds later it holds nothing else: 40 over 7 are 6, three times the two that are ready.
    let most = scalings.map(\.desired).max()
    #expect(most == 6)
    let over = scalings.first { $0.time > 40 * Self.second && $0.clause.name != "panic-hold" }
    // The threshold of twice the ready replicas is reached last while fewer than 3 are ready.
    let lastBreach = scalings.last {
      $0.figures.map { figures in
        ((figures.shortWindow ?? 0) / figures.target).rounded(.up)
      } ?? 0 >= 2 * Double(max(1, $0.ready))
    }
    #expect(over.map { $0.time - (lastBreach?.time ?? 0) } == 62 * Self.second)
    #expect(outcome.summary.completed == 41)
  }

  @Test("A replica that stays costs no ticks once its windows are empty", arguments: 0..<4)
  func quiet(seed: UInt64) {
    let random = RandomStream(seed: seed, name: "arrivals")
    var time = 0.0
    let arrivals = (0..<60).map { (index: UInt64) in
      time += 0.2 + 8 * random.uniform(at: index)
      return (at: time, tokens: Int32(2 + 300 * random.uniform(at: index, lane: 1)))
    }
    let outcome = Self.run(
      ["min": .integer(1), "initial": .integer(1), "containerConcurrency": .integer(8)], arrivals,
      duration: 86_400 * Self.second)
    // 43,200 ticks in a day; a few hundred of them while requests come, and steps of 60 requests.
    let steps = outcome.records.requests.reduce(0) { $0 + Int64($1.outputTokens) }
    #expect(outcome.summary.events - 2 * steps < 2_000)
  }

  @Test("Every decision of the log can be recomputed from its figures alone")
  func recomputed() {
    let burst = (0..<30).map { (at: 15 + Double($0) * 0.7, tokens: Int32(600)) }
    let outcome = Self.run(["containerConcurrency": .integer(4)], [(1, 1)] + burst)
    var held = 0
    var rows: [String: Int] = [:]
    for row in outcome.records.scalings {
      guard let figures = row.figures else { continue }
      #expect(
        figures.excessBurstCapacity
          == Int32((Double(row.ready) * 4 - 211 - (figures.shortWindow ?? 0)).rounded(.down)))
      rows[row.clause.name, default: 0] += 1
      let long = Int((figures.longWindow / figures.target).rounded(.up))
      let short = Int(((figures.shortWindow ?? 0) / figures.target).rounded(.up))
      let ready = max(1, Int(row.ready))
      switch row.clause.name {
      case "stable": #expect(Int(row.desired) == max(long, ready / 2))
      case "panic-begins", "panic":
        held = max(held, max(long, short), ready / 2)
        #expect(Int(row.desired) == held)
      case "panic-hold": #expect(Int(row.desired) >= held)
      default: continue
      }
    }
    #expect(held > 3)
    for clause in ["stable", "panic-begins", "panic", "panic-hold"] {
      #expect(rows[clause, default: 0] > 0, "\(clause): \(rows)")
    }
  }
}
