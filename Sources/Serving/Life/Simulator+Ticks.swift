import EventKernel
import Workload

/// When a model's scaling policy is asked next.
struct ScalingTicks: Sendable {
  /// What the last decision asked for.
  var recheck = ScalingDecision.Recheck.arrival
  /// Expectations of a tick with an older epoch are void.
  var epoch: UInt32 = 0
  /// When the tick that is expected comes, and when the last one came; -1: none.
  var expected: Nanoseconds = -1
  var last: Nanoseconds = -1
  /// What was recorded last; a decision that says the same again is no news.
  private var desired = -1
  private var clause = ScalingClause("")

  /// Whether a decision differs from the one before, or from what there is; the next one is compared with it.
  mutating func isNews(_ decision: ScalingDecision, _ view: ScalingView) -> Bool {
    let isNews =
      decision.desired != view.present || decision.desired != desired || decision.clause != clause
    desired = decision.desired
    clause = decision.clause
    return isNews
  }
}

extension Simulator {
  /// The first tick of a model that has replicas at the start; others wait for a request.
  mutating func beginTicks(_ model: Int) {
    noteReady(model)
    models[model].ticks.last = now
    if models[model].scaling.asksAtStart {
      decide(model, [])
      expectTick(model)
    } else if models[model].scaling.initialReplicas + models[model].scaling.minimumReplicas > 0 {
      models[model].ticks.recheck = .tick
      expectTick(model)
    }
  }

  /// The clock of a model's autoscaler strikes.
  mutating func tick(_ model: Int, epoch: UInt32) {
    guard models[model].ticks.epoch == epoch else { return }
    models[model].ticks.expected = -1
    models[model].ticks.last = now
    decide(model, [])
    expectTick(model)
  }

  /// Expects the tick that the last decision asked for.
  private mutating func expectTick(_ model: Int) {
    switch models[model].ticks.recheck {
    case .instant(let time) where time > now: expectTick(model, at: time)
    case .arrival where isAtRest(model): return
    case .tick, .arrival, .instant: expectNextTick(model)
    }
  }

  /// Expects a tick at the next point of the clock's grid, or of the second clock's, unless one is
  /// expected before; once an instant.
  mutating func expectNextTick(_ model: Int) {
    guard let interval = models[model].interval else { return }
    let earliest = max(now, models[model].ticks.last + 1)
    var time = (earliest + interval - 1) / interval * interval
    if let second = models[model].secondInterval {
      time = min(time, (earliest + second - 1) / second * second)
    }
    let expected = models[model].ticks.expected
    if expected < 0 || expected > time { expectTick(model, at: time) }
  }

  private mutating func expectTick(_ model: Int, at time: Nanoseconds) {
    models[model].ticks.epoch &+= 1
    models[model].ticks.expected = time
    push(Event(.tick, Int32(model), models[model].ticks.epoch), at: time)
  }

  /// Whether nothing of a model is in the system, starting, demanded or draining.
  private func isAtRest(_ model: Int) -> Bool {
    models[model].starting == 0 && models[model].demanded == 0 && models[model].draining.isEmpty
      && models[model].activity.inFlight == 0
  }

  /// Tells the meter of a model whether there is a ready replica.
  mutating func noteReady(_ model: Int) {
    guard models[model].scalingNeeds.contains(.activity) else { return }
    models[model].activity.setReplica(!models[model].views.isEmpty, at: now)
  }

  /// A request of a model leaves.
  mutating func noteLeaving(_ model: Int, _ record: RequestRecord) {
    guard record.status != .rejected else { return }
    models[model].activity.leave(
      outputTokens: record.outputTokens,
      timeToFirstToken: record.firstToken.map { $0 - record.arrival } ?? 0,
      generation: record.finish.flatMap { end in record.firstToken.map { end - $0 } }, at: now)
  }
}

/// For policies that know what comes.
extension Simulator {
  /// The arrivals of a model up to its policy's horizon.
  mutating func forecast(_ model: Int) -> ArrivalForecast {
    if foresight == nil { foresight = Foresight(scenario.source.open(seed: runSeed), scenario) }
    foresight?.look(from: now, to: now + models[model].scaling.foresight, model: model)
    return foresight?.forecasts[model] ?? ArrivalForecast()
  }
}
