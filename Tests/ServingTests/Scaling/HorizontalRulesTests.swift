import EventKernel
import Support
import Testing

@testable import Serving

@Suite("Kubernetes' HPA and KEDA")
struct HorizontalRulesTests {
  private static let second: Nanoseconds = 1_000_000_000

  private static func values(
    _ options: [OptionDescription], _ settings: [String: OptionValue]
  ) -> OptionValues {
    var values = OptionValues(defaultsOf: options)
    for (key, value) in settings { values[key] = value }
    return values
  }

  private static func rules(_ settings: [String: OptionValue] = [:]) -> HorizontalRules {
    HorizontalRules(values(HorizontalRules.options, settings))
  }

  @Test(
    "As many pods as share the metric at its target, unless that is within a tenth",
    arguments: [
      (30.0, 3, 3, "tolerance"), (32.9, 3, 3, "tolerance"), (27.1, 3, 3, "tolerance"),
      (33.1, 3, 4, "metric"), (44.0, 3, 5, "metric"), (0.1, 1, 1, "metric"),
    ])
  func metric(total: Double, present: Int, desired: Int, clause: String) {
    var rules = Self.rules()
    let outcome = rules.decide(
      total: total, target: 10, present: present, bounds: 1...100, at: 0)
    #expect(outcome.desired == desired && outcome.clause == clause)
  }

  @Test("In fifteen seconds they double or four come, whichever is more")
  func up() {
    var rules = Self.rules()
    func decide(_ present: Int, at seconds: Int64) -> Int {
      rules.decide(
        total: 1_000, target: 1, present: present, bounds: 1...500, at: seconds * Self.second
      ).desired
    }
    #expect(decide(1, at: 0) == 5)
    // Within the same period nothing more comes.
    #expect(decide(5, at: 10) == 5)
    #expect(decide(5, at: 15) == 10)
    #expect(decide(10, at: 30) == 20)
    #expect(decide(20, at: 45) == 40)
    #expect(decide(300, at: 60) == 500)
  }

  @Test("Fewer only once the most of five minutes is fewer, strictly after")
  func down() {
    var rules = Self.rules()
    func decide(_ total: Double, at seconds: Int64, _ present: Int = 8) -> HorizontalRules.Outcome {
      rules.decide(
        total: total, target: 10, present: present, bounds: 1...100, at: seconds * Self.second)
    }
    #expect(decide(80, at: 0).desired == 8)
    #expect(decide(30, at: 15) == .init(desired: 8, unlimited: 3, clause: "stabilization"))
    #expect(decide(20, at: 285).desired == 8)
    // The 8 of time 0 is out, the 3 of second 15 is in.
    #expect(decide(20, at: 300) == .init(desired: 3, unlimited: 2, clause: "stabilization"))
    #expect(decide(20, at: 315, 3) == .init(desired: 2, unlimited: 2, clause: "metric"))
  }

  @Test("Pods found at the first decision stay for the stabilization window")
  func initial() {
    var rules = Self.rules()
    func decide(at seconds: Int64, _ present: Int = 8) -> HorizontalRules.Outcome {
      rules.decide(
        total: 5, target: 10, present: present, bounds: 1...100, at: seconds * Self.second)
    }
    #expect(decide(at: 15) == .init(desired: 8, unlimited: 1, clause: "stabilization"))
    #expect(!rules.isSettled(at: 15 * Self.second, 1))
    #expect(decide(at: 300).desired == 8)
    #expect(decide(at: 315) == .init(desired: 1, unlimited: 1, clause: "metric"))
    #expect(rules.isSettled(at: 315 * Self.second, 1))
  }

  @Test("Replicas up at the start of a run outlive its first sync")
  func initialInARun() {
    let second = Self.second
    let policy = HorizontalPodScaling(
      Self.values(HorizontalPodScaling.options, ["initial": .integer(4)]))
    let outcome = Scenario.small(
      duration: 600 * second, cluster: Machines.cluster(gpus: 4),
      workloads: [Traffic.burst(1, at: 10 * second)],
      schedulers: [Schedulers.make(scaling: policy)]
    ).outcome()
    #expect(outcome.records.replicas.prefix(3).allSatisfy { $0.released == 315 * second })
  }

  @Test("A window up takes the fewest wanted, rates down bound how many go")
  func behaviours() {
    var slow = Self.rules(["scaleUpWindow": .duration(60 * Self.second)])
    func more(_ total: Double, at seconds: Int64, _ present: Int = 4) -> HorizontalRules.Outcome {
      slow.decide(
        total: total, target: 10, present: present, bounds: 1...9, at: seconds * Self.second)
    }
    // The four that it found count as wanted at first.
    #expect(more(90, at: 0) == .init(desired: 4, unlimited: 9, clause: "stabilization"))
    #expect(more(90, at: 59).desired == 4)
    #expect(
      more(90, at: 60) == .init(desired: 8, unlimited: 9, clause: "scale-up-rate"),
      "four more at most")
    _ = more(50, at: 75, 8)
    #expect(more(90, at: 90) == .init(desired: 5, unlimited: 9, clause: "stabilization"))
    var careful = Self.rules([
      "scaleDownWindow": .duration(0), "scaleDownPercent": .integer(10),
      "scaleDownPods": .integer(2),
    ])
    let down = careful.decide(total: 0, target: 10, present: 50, bounds: 1...100, at: 0)
    #expect(down.desired == 45 && down.clause == "scale-down-rate")
    let few = careful.decide(
      total: 0, target: 10, present: 8, bounds: 1...100, at: 60 * Self.second)
    #expect(few.desired == 6)
  }

  @Test("Bounds come first where pods are outside them")
  func bounds() {
    var rules = Self.rules()
    #expect(
      rules.decide(total: 1, target: 1, present: 9, bounds: 2...5, at: 0).clause == "max")
    #expect(rules.decide(total: 1, target: 1, present: 1, bounds: 2...5, at: 0).desired == 2)
    #expect(
      rules.decide(total: 50, target: 1, present: 4, bounds: 2...5, at: 0)
        == .init(desired: 5, unlimited: 50, clause: "max"))
  }

  private func view(
    _ seconds: Int64, waiting: Int, ready: Int, demanded: Int = 0
  ) -> ScalingView {
    ScalingView(
      now: seconds * Self.second, waiting: waiting, ready: ready, starting: 0, demanded: demanded,
      limitPerReplica: 256)
  }

  @Test("KEDA wakes at a poll, and goes to zero at the poll after the cooldown")
  func keda() {
    var policy = EventDrivenScaling(
      Self.values(EventDrivenScaling.options, ["metric": .choice("waiting")]))
    #expect(policy.interval == 30 * Self.second && policy.secondInterval == 15 * Self.second)
    // At 15 s it is only the HPA's turn, which has nothing to do without a replica.
    #expect(policy.decide(view(15, waiting: 30, ready: 0)).desired == 0)
    let woken = policy.decide(view(30, waiting: 30, ready: 0))
    #expect(woken.desired == 1 && woken.clause.name == "activation")
    // From one on the HPA decides: three times the target.
    #expect(policy.decide(view(45, waiting: 30, ready: 1)).desired == 3)
    // Inactive since the poll at 60 s: the last active one was at 30 s.
    #expect(policy.decide(view(60, waiting: 0, ready: 1)).desired == 1)
    #expect(policy.decide(view(330, waiting: 0, ready: 1)).desired == 1)
    let gone = policy.decide(view(360, waiting: 0, ready: 1))
    #expect(gone.desired == 0 && gone.clause.name == "cooldown")
    #expect(policy.decide(view(390, waiting: 0, ready: 0)).recheck == .arrival)
  }

  @Test(
    "KEDA polls at multiples of one time and syncs at multiples of the other, and is not asked between"
  )
  func clocks() {
    let second = Self.second
    let policy = EventDrivenScaling(
      Self.values(
        EventDrivenScaling.options,
        [
          "pollingInterval": .duration(7_001_000_000), "syncPeriod": .duration(15 * second),
          "cooldownPeriod": .duration(30 * second),
        ]))
    // Requests of ten seconds each, at 3 s and at 40 s.
    let outcome = Scenario.small(
      duration: 3_600 * second, models: [Models.constant(base: 10_000_000)],
      workloads: [3, 40].map {
        Traffic.burst(2, at: $0 * second, prompt: 1, output: 1_000, name: "at \($0)")
      },
      schedulers: [Schedulers.make(scaling: policy)]
    ).outcome()
    let scalings = outcome.records.scalings
    #expect(scalings.first?.time == 7_001_000_000)
    #expect(scalings.first?.clause.name == "activation")
    #expect(scalings.contains { $0.clause.name == "metric" && $0.time == 15 * second })
    #expect(scalings.contains { $0.clause.name == "cooldown" && $0.time % 7_001_000_000 == 0 })
    for row in scalings {
      #expect(row.time % 7_001_000_000 == 0 || row.time % (15 * second) == 0)
    }
    // Two thousand steps; their common measure is a millisecond, of which there are eighty thousand before
    // it goes to zero.
    #expect(outcome.summary.events < 5_000)
  }

  @Test("KEDA's floor keeps it from zero")
  func floor() {
    var policy = EventDrivenScaling(
      Self.values(EventDrivenScaling.options, ["min": .integer(2), "metric": .choice("waiting")]))
    #expect(policy.decide(view(600, waiting: 0, ready: 2)).desired == 2)
  }
}
