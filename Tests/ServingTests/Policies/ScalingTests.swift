import EventKernel
import Support
import Testing

@testable import Serving

@Suite("How many replicas are wanted")
struct ScalingTests {
  private func view(
    waiting: Int, ready: Int = 0, starting: Int = 0, demanded: Int = 0
  ) -> ScalingView {
    ScalingView(
      now: 0, waiting: waiting, ready: ready, starting: starting, demanded: demanded,
      limitPerReplica: 256)
  }

  private func queueOptions(_ given: [String: Int64]) -> OptionValues {
    var values = OptionValues(defaultsOf: QueueScaling.options)
    for (key, value) in given { values[key] = .integer(value) }
    return values
  }

  @Test(
    "One replica for every four waiting requests, or part of four",
    arguments: [(0, 0), (1, 1), (3, 1), (4, 1), (5, 2), (8, 2), (9, 3), (17, 5)])
  func ceiling(waiting: Int, desired: Int) {
    var policy = Schedulers.queue(max: 8, requestsPerReplica: 4)
    let decision = policy.decide(view(waiting: waiting))
    #expect(decision.desired == desired)
    #expect(decision.clause.name == "queue")
  }

  @Test("Replicas that are starting or demanded cover four requests each, ready ones none")
  func covered() {
    var policy = Schedulers.queue(max: 8, requestsPerReplica: 4)
    #expect(policy.decide(view(waiting: 1, ready: 2)).desired == 3)
    #expect(policy.decide(view(waiting: 4, starting: 1)).desired == 1)
    #expect(policy.decide(view(waiting: 5, starting: 1)).desired == 2)
    #expect(policy.decide(view(waiting: 4, demanded: 1)).desired == 1)
    #expect(policy.decide(view(waiting: 9, ready: 1, starting: 1, demanded: 1)).desired == 4)
    #expect(policy.decide(view(waiting: 1, starting: 3)).desired == 3)
    #expect(policy.decide(view(waiting: 1, demanded: 3)).desired == 3)
  }

  @Test("More than max is max, and the clause says so; max itself is not cut")
  func maximum() {
    var policy = Schedulers.queue(max: 3, requestsPerReplica: 4)
    let most = policy.decide(view(waiting: 12))
    #expect(most.desired == 3 && most.clause.name == "queue")
    let cut = policy.decide(view(waiting: 13))
    #expect(cut.desired == 3 && cut.clause.name == "max")
    let beside = policy.decide(view(waiting: 1, ready: 3))
    #expect(beside.desired == 3 && beside.clause.name == "max")
  }

  @Test("Never fewer than min")
  func minimum() {
    var policy = Schedulers.queue(min: 2, max: 4)
    let decision = policy.decide(view(waiting: 1))
    #expect(decision.desired == 2 && decision.clause.name == "queue")
    #expect(policy.minimumReplicas == 2 && policy.maximumReplicas == 4)
  }

  @Test("As many as min are up at the start unless initial says otherwise")
  func initial() {
    #expect(Schedulers.queue(min: 2).initialReplicas == 2)
    #expect(Schedulers.queue(min: 2, initial: 3).initialReplicas == 3)
    #expect(Schedulers.queue(min: 2, initial: 0).initialReplicas == 0)
  }

  @Test("By default: down to zero after a minute, up to eight, one for every sixteen")
  func defaults() {
    var policy = QueueScaling()
    #expect(policy.initialReplicas == 0 && policy.minimumReplicas == 0)
    #expect(policy.maximumReplicas == 8)
    #expect(policy.keepAlive == 60_000_000_000)
    #expect(policy.decide(view(waiting: 16)).desired == 1)
    #expect(policy.decide(view(waiting: 17)).desired == 2)
  }

  @Test("min and initial above max are faults, each told at its own key")
  func faults() {
    let low = OptionFault(key: "min", found: "5", expected: "at most max, 4")
    let start = OptionFault(key: "initial", found: "6", expected: "at most max, 4")
    #expect(QueueScaling.faults(in: queueOptions(["min": 5, "max": 4])) == [low])
    #expect(QueueScaling.faults(in: queueOptions(["initial": 6, "max": 4])) == [start])
    #expect(
      QueueScaling.faults(in: queueOptions(["min": 5, "initial": 6, "max": 4])) == [low, start])
    #expect(QueueScaling.faults(in: queueOptions(["min": 4, "initial": 4, "max": 4])) == [])
    #expect(QueueScaling.faults(in: queueOptions(["min": 3, "initial": 1, "max": 4])) == [])
  }

  @Test("Fixed scaling wants the same number, whatever waits, for ever")
  func fixed() {
    var policy = Schedulers.fixed(3)
    #expect(policy.initialReplicas == 3)
    #expect(policy.minimumReplicas == 3 && policy.maximumReplicas == 3)
    #expect(policy.keepAlive == nil)
    for seen in [view(waiting: 0), view(waiting: 1_000, ready: 2, demanded: 1)] {
      let decision = policy.decide(seen)
      #expect(decision.desired == 3 && decision.clause.name == "fixed")
    }
    #expect(FixedScaling().initialReplicas == 1)
  }
}
