import EventKernel
import Testing

@testable import Serving

/// The tables of knative/serving, pkg/autoscaler/scaling/autoscaler_test.go.
///
/// Pods exactly, excess burst capacity within one request as there. Rates are 10 or as told, the panic
/// threshold is 2, and a pod's target is three quarters of what it can have.
@Suite("Knative's decider, by the tables of its own tests")
struct KnativeDeciderTests {
  private static let second: Nanoseconds = 1_000_000_000
  private static let window = 60 * second
  private static let tick = 2 * second

  /// A decider, what it was asked last and what it said.
  private struct Trial {
    var decider: KnativeDecider
    let target: Double
    let burst: Double
    var ready: Int

    init(
      target: Double, burst: Double, ready: Int = 1, panickingSince: Nanoseconds? = nil,
      panicPods: Int = 0, change: (inout KnativeSpecification) -> Void = { _ in }
    ) {
      var specification = KnativeSpecification(target: target, total: target / 0.75)
      specification.targetBurstCapacity = burst
      specification.maxScaleUpRate = 10
      specification.maxScaleDownRate = 10
      change(&specification)
      decider = KnativeDecider(
        specification, ready: panickingSince == nil ? 1 : panicPods, at: panickingSince ?? 0)
      self.target = target
      self.burst = burst
      self.ready = ready
    }

    /// Decides and compares pods and, where a burst is prepared for, the capacity left.
    mutating func expect(
      _ pods: Int, stable: Double, panic: Double, at now: Nanoseconds = 0,
      _ location: SourceLocation = #_sourceLocation
    ) {
      let outcome = decider.decide(stable: stable, panic: panic, ready: ready, at: now)
      #expect(outcome.desired == pods, sourceLocation: location)
      let capacity = (target / 0.75 * Double(ready) - burst - panic).rounded(.down)
      if burst > 0 {
        #expect(
          abs(outcome.excessBurstCapacity - Int(capacity)) <= 1, sourceLocation: location)
      }
    }
  }

  @Test("Nothing measured: no pods")
  func noTraffic() {
    var trial = Trial(target: 10, burst: 100)
    trial.expect(0, stable: 0, panic: 0)
  }

  @Test("An unlimited burst keeps the activator in the path, none takes it out")
  func burstExtremes() {
    var unlimited = Trial(target: 181, burst: -1)
    #expect(
      unlimited.decider.decide(stable: 21, panic: 26, ready: 1, at: 0)
        == KnativeDecider.Outcome(
          desired: 1, excessBurstCapacity: -1, unlimited: 1, clause: "stable"))
    var none = Trial(target: 10, burst: 0)
    let outcome = none.decider.decide(stable: 50, panic: 49, ready: 1, at: 0)
    #expect(outcome.desired == 5 && outcome.excessBurstCapacity == 0)
  }

  @Test("Stable mode: as many pods as share the average at the target")
  func stable() {
    var trial = Trial(target: 10, burst: 101)
    trial.expect(5, stable: 50, panic: 10)
    trial.expect(10, stable: 100, panic: 10)
    var same = Trial(target: 10, burst: 100)
    same.expect(5, stable: 50, panic: 50)
    var scaled = Trial(target: 10, burst: 100, ready: 5)
    scaled.expect(5, stable: 50, panic: 50)
    var fewer = Trial(target: 10, burst: 98, ready: 8)
    fewer.expect(10, stable: 100, panic: 100)
    fewer.expect(5, stable: 50, panic: 50)
  }

  @Test("The same with requests per second")
  func rate() {
    var trial = Trial(target: 10, burst: 101)
    trial.expect(5, stable: 50, panic: 50)
    trial.expect(10, stable: 100, panic: 99)
    var late = Trial(target: 10, burst: 100)
    late.expect(10, stable: 100, panic: 99, at: 61 * Self.second)
  }

  @Test("Without traffic over the stable window there are no pods")
  func zero() {
    var trial = Trial(target: 10, burst: 75)
    trial.expect(1, stable: 1, panic: 0)
    trial.expect(0, stable: 0, panic: 0)
  }

  @Test("An activation scale holds once there is traffic")
  func activation() {
    var trial = Trial(target: 10, burst: 75) { $0.activationScale = 2 }
    trial.expect(0, stable: 0, panic: 0)
    trial.expect(2, stable: 1, panic: 0)
    #expect(
      trial.decider.decide(stable: 1, panic: 0, ready: 1, at: 0).clause == "activation-scale")
  }

  @Test("In panic the larger of both windows counts, whichever it is")
  func panicWindows() {
    let since = -5 * Self.second
    var stable = Trial(target: 1, burst: 100, ready: 5, panickingSince: since, panicPods: 5)
    stable.expect(50, stable: 50, panic: 30)
    var panic = Trial(target: 1, burst: 100, ready: 5, panickingSince: since, panicPods: 5)
    panic.expect(30, stable: 20, panic: 30)
    var doubled = Trial(target: 10, burst: 84)
    doubled.expect(10, stable: 50, panic: 100)
  }

  @Test("Small rates still let the number of pods change by one")
  func smallRates() {
    var up = Trial(target: 1, burst: 1_982, ready: 2) { $0.maxScaleUpRate = 1.1 }
    up.expect(3, stable: 3, panic: 3.1)
    var down = Trial(target: 10, burst: 1_982, ready: 100) { $0.maxScaleDownRate = 1.1 }
    down.expect(90, stable: 1, panic: 1)
    #expect(
      down.decider.decide(stable: 1, panic: 1, ready: 100, at: 0).clause == "max-scale-down-rate")
    var unreachable = Trial(target: 10, burst: 1_982, ready: 100) {
      $0.maxScaleDownRate = 1.1
      $0.isReachable = false
    }
    unreachable.expect(1, stable: 1, panic: 1)
  }

  @Test("Rates bound how many pods come and go at once")
  func rates() {
    var up = Trial(target: 10, burst: 61)
    up.expect(10, stable: 1_000, panic: 1_001)
    up.ready = 10
    up.expect(100, stable: 1_000, panic: 1_001)
    var down = Trial(target: 10, burst: 61, ready: 100)
    down.expect(10, stable: 1, panic: 1)
    down.ready = 10
    down.expect(1, stable: 1, panic: 1)
    var none = Trial(target: 10, burst: 81, ready: 0)
    none.expect(10, stable: 1_000, panic: 888)
  }

  @Test("Panic that is not fed ends one tick after the stable window, with the stable number")
  func unpanic() {
    var trial = Trial(target: 1, burst: 98, ready: 10)
    trial.expect(25, stable: 11, panic: 25)
    #expect(trial.decider.panicTime == 0)
    trial.ready = 40
    trial.expect(41, stable: 30, panic: 41, at: Self.window / 2)
    #expect(trial.decider.panicTime == 0)
    trial.ready = 55
    trial.expect(50, stable: 50, panic: 56, at: Self.window + Self.tick)
    #expect(trial.decider.panicTime == nil)
  }

  @Test("At exactly one stable window after the last breach panic still holds")
  func panicHolds() {
    var trial = Trial(target: 1, burst: 98, ready: 10)
    trial.expect(25, stable: 11, panic: 25)
    trial.expect(25, stable: 11, panic: 11, at: Self.window)
    trial.expect(11, stable: 11, panic: 11, at: Self.window + 1)
  }

  @Test("A further breach extends panic")
  func extended() {
    var trial = Trial(target: 1, burst: 98, ready: 10)
    trial.expect(25, stable: 11, panic: 25)
    trial.ready = 40
    trial.expect(80, stable: 30, panic: 80, at: Self.window / 2)
    #expect(trial.decider.panicTime == Self.window / 2)
  }

  @Test("Exponential growth is followed step by step")
  func exponential() {
    var trial = Trial(target: 1, burst: 101)
    trial.expect(6, stable: 6, panic: 6)
    for (step, pods) in [36, 216, 1_296].enumerated() {
      trial.ready = pods / 6
      let now = Nanoseconds(step) * Self.second
      trial.expect(pods, stable: Double(pods), panic: Double(pods), at: now)
      #expect(trial.decider.panicTime == now)
    }
    trial.ready = 1_296
    trial.expect(1_296, stable: 1_296, panic: 1_296, at: 3 * Self.second)
  }

  @Test("After a burst pods stay for the stable window and then go")
  func burst() {
    var trial = Trial(target: 10, burst: 93)
    trial.expect(10, stable: 100, panic: 100)
    trial.ready = 10
    trial.expect(100, stable: 100, panic: 1_000)
    trial.expect(100, stable: 1, panic: 1, at: 30 * Self.second)
    trial.expect(1, stable: 1, panic: 1, at: 61 * Self.second)
  }

  @Test("Another target counts from the next decision on")
  func target() {
    var trial = Trial(target: 10, burst: 77)
    trial.expect(10, stable: 100, panic: 101)
    trial.ready = 10
    var other = KnativeSpecification(target: 1, total: 1 / 0.75)
    other.targetBurstCapacity = 71
    other.maxScaleUpRate = 10
    other.maxScaleDownRate = 10
    trial.decider.specification = other
    let outcome = trial.decider.decide(stable: 100, panic: 101, ready: 10, at: 0)
    #expect(outcome.desired == 100)
    #expect(abs(outcome.excessBurstCapacity - Int((10 / 0.75 - 71 - 101).rounded(.down))) <= 1)
  }

  @Test("It begins in panic with more than one pod, and keeps them")
  func begins() {
    let specification = KnativeSpecification(target: 100, total: 120)
    for ready in 0...1 {
      let decider = KnativeDecider(specification, ready: ready)
      #expect(decider.panicTime == nil && decider.mostPanicPods == ready)
    }
    let decider = KnativeDecider(specification, ready: 2)
    #expect(decider.panicTime == 0 && decider.mostPanicPods == 2)
  }

  // Scaling down is delayed: a threshold of 100 keeps panic away.
  private func delayed(_ delay: Nanoseconds, isReachable: Bool = true) -> Trial {
    Trial(target: 10, burst: 0, ready: 0) {
      $0.panicThreshold = 100
      $0.scaleDownDelay = delay
      $0.isReachable = isReachable
    }
  }

  @Test("A delay holds what was wanted until it has passed at fewer")
  func delay() {
    let minute = 60 * Self.second
    var trial = delayed(5 * minute)
    trial.expect(4, stable: 40, panic: 40, at: 2 * Self.second)
    trial.expect(4, stable: 0, panic: 0, at: 5 * minute)
    trial.expect(0, stable: 0, panic: 0, at: 5 * minute + 2 * Self.second)
    trial.expect(4, stable: 40, panic: 40, at: 9 * minute)
    trial.expect(4, stable: 30, panic: 30, at: 10 * minute)
    trial.expect(4, stable: 0, panic: 0, at: 11 * minute)
    trial.expect(3, stable: 0, panic: 0, at: 14 * minute)
    trial.expect(0, stable: 0, panic: 0, at: 15 * minute)
  }

  @Test("A revision that no route leads to goes without delay")
  func delayUnreachable() {
    var trial = delayed(300 * Self.second)
    trial.expect(4, stable: 40, panic: 40, at: 2 * Self.second)
    trial.expect(4, stable: 0, panic: 0, at: 60 * Self.second)
    trial.decider.specification.isReachable = false
    trial.expect(0, stable: 0, panic: 0, at: 62 * Self.second)
  }

  @Test("Without a delay fewer are wanted within the same tick")
  func noDelay() {
    var trial = delayed(0)
    trial.expect(4, stable: 40, panic: 40)
    trial.expect(2, stable: 20, panic: 20, at: Self.second / 2)
  }
}

/// As pkg/autoscaler/aggregation/bucketing.go averages.
@Suite("Knative's windows")
struct KnativeWindowTests {
  @Test("The average is over the buckets written so far, then over the window")
  func partial() {
    var window = KnativeWindow(buckets: 3)
    #expect(window.isEmpty(at: 0))
    window.record(3, bucket: 5)
    #expect(window.average(at: 5) == 3)
    window.record(1, bucket: 6)
    #expect(window.average(at: 6) == 2)
    window.record(2, bucket: 7)
    window.record(9, bucket: 8)
    #expect(window.average(at: 8) == 4)
  }

  @Test("Several reports of one bucket add up")
  func sums() {
    var window = KnativeWindow(buckets: 4)
    window.record(1, bucket: 9)
    window.record(2, bucket: 9)
    #expect(window.average(at: 9) == 3)
  }

  @Test("A short silence counts as nothing, a recent one not at all")
  func silence() {
    var window = KnativeWindow(buckets: 4)
    window.record(8, bucket: 0)
    window.record(4, bucket: 3)
    #expect(window.average(at: 3) == 3)
    // One bucket later the 8 is out, and three buckets have been heard of.
    #expect(window.average(at: 4) == 1.333333)
    #expect(window.average(at: 6) == 4)
    #expect(window.average(at: 7) == 0)
    #expect(!window.isEmpty(at: 7) && window.isEmpty(at: 8))
  }

  @Test("A silence as long as the window begins anew")
  func anew() {
    var window = KnativeWindow(buckets: 4)
    window.record(8, bucket: 0)
    window.record(2, bucket: 4)
    #expect(window.average(at: 4) == 2)
  }

  @Test("Once every bucket is empty the average is 0 exactly, whatever roundings have left")
  func residue() {
    // 0.3 + 0.2 + 0.1 less 0.3 less 0.2 less 0.1 is -2.7e-17, which cut off is a millionth below 0.
    var window = KnativeWindow(buckets: 4)
    for (bucket, value) in [0.3, 0.2, 0.1].enumerated() {
      window.record(value, bucket: Int64(bucket))
    }
    var silent = window
    silent.record(0, bucket: 3)
    #expect(silent.average(at: 6) == 0, "buckets that nobody has written since")
    for bucket in 3...6 { window.record(0, bucket: Int64(bucket)) }
    #expect(window.average(at: 6) == 0, "buckets written as 0")
    window.record(2, bucket: 7)
    #expect(window.average(at: 7) == 0.5)
  }

  @Test("The greatest of a span leaves it with its tick")
  func maximum() {
    var maximum = KnativeMaximum(ticks: 3)
    #expect([5, 3, 4].enumerated().map { maximum.record($1, tick: Int64($0)) } == [5, 5, 5])
    #expect(!maximum.isFlat)
    #expect(maximum.record(1, tick: 3) == 4)
    #expect(maximum.record(2, tick: 3) == 4)
    #expect(maximum.record(0, tick: 5) == 2)
    #expect(maximum.record(0, tick: 6) == 0)
    #expect(maximum.isFlat)
  }
}
