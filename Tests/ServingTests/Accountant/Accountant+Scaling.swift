import EventKernel
import Serving

/// A scaling decision as the event log tells it.
struct ScalingAccount {
  let time: Nanoseconds
  let model: Int64
  let waiting: Int64
  let ready: Int64
  let coming: Int64
  var desired: Int64
  var isRelease: Bool
  /// Replicas that finish what they have.
  var draining: Int64 = 0
  /// Whether a replica is asked for before a request waits for it.
  var isPreWarming = false
  var isSleep = false
  /// What the log says instead of leaving it to be found out; nil where the policy has no clock.
  var logged: LoggedEvent?
}

/// Scaling decisions: of a policy with a clock the log has them; of others they are demands that follow an
/// arrival, and releases before the end.
extension Accountant {
  /// A policy with a clock decides.
  func readDecision(_ event: LoggedEvent) {
    expect(hasClock, "a decision without a clock")
    var account = scalingAccount(of: event.a, at: event.time, change: 0)
    account.desired = event.f
    account.logged = event
    scalings.append(account)
  }

  /// A demand for a replica: the first after an arrival is a decision, further ones belong to it,
  /// and those before every arrival keep the floor.
  func noteDemand(of model: Int64, at now: Nanoseconds) {
    if let preWarming {
      expect(preWarming.a == model, "another model is pre-warmed: \(preWarming.text)")
      let isThere = replicas.contains { $0.model == model && $0.isUnderWay }
      let isAsked = requests.contains { $0.model == model && $0.end == nil }
      expect(!isThere && !isAsked, "pre-warmed for nothing: \(preWarming.text)")
      var account = scalingAccount(of: model, at: now, change: 1)
      account.isPreWarming = true
      scalings.append(account)
      return
    }
    guard !hasClock, let arrival = lastArrival else { return }
    if decidedArrival == arrival {
      scalings[scalings.count - 1].desired += 1
      return
    }
    decidedArrival = arrival
    scalings.append(scalingAccount(of: model, at: now, change: 1))
  }

  /// A replica is about to go.
  func noteRelease(of model: Int64, isAsleep: Bool, at now: Nanoseconds) {
    if hasClock { return }
    var account = scalingAccount(of: model, at: now, change: isAsleep ? 0 : -1)
    account.isRelease = true
    scalings.append(account)
  }

  /// A replica is about to fall asleep.
  func noteSleep(of model: Int64, at now: Nanoseconds) {
    var account = scalingAccount(of: model, at: now, change: -1)
    account.isRelease = false
    account.isSleep = true
    scalings.append(account)
  }

  private func scalingAccount(
    of model: Int64, at now: Nanoseconds, change: Int64
  ) -> ScalingAccount {
    let ours = replicas.filter { $0.model == model }
    let up = ours.filter { $0.isUp && !$0.isRetired }
    let ready = Int64(up.count { !$0.isDraining })
    let coming = Int64(ours.count { $0.isComing })
    let waiting = Int64(
      requests.count {
        $0.end == nil && $0.replica < 0 && $0.model == model
      })
    return ScalingAccount(
      time: now, model: model, waiting: waiting, ready: ready, coming: coming,
      desired: ready + coming + change, isRelease: change < 0,
      draining: Int64(up.count { $0.isDraining }))
  }

  func compareScalings(_ records: MemorySink, same: (Int64, Int64, String) -> Void) {
    // What is released at the very end goes because the run ends.
    let told = scalings.filter { !$0.isRelease || $0.time < end ?? 0 }
    same(Int64(records.scalings.count), Int64(told.count), "number of scaling decisions")
    for (record, told) in zip(records.scalings, told) {
      let name = "scaling at \(record.time)"
      same(record.time, told.time, "\(name) time")
      same(Int64(record.model), told.model, "\(name) model")
      same(record.waiting, told.waiting, "\(name) waiting")
      same(Int64(record.ready), told.ready, "\(name) ready")
      same(Int64(record.starting), told.coming, "\(name) starting")
      same(Int64(record.desired), told.desired, "\(name) desired")
      same(Int64(record.draining), told.draining, "\(name) draining")
      if let logged = told.logged {
        let figures = [told.model, told.waiting, told.ready, told.coming, told.draining]
        let said = [logged.a, logged.b, logged.c, logged.d, logged.e]
        same(figures == said ? 1 : 0, 1, "\(name) in the log")
        continue
      }
      let isRelease = ["keep-alive", "pressure"].contains(record.clause.name)
      same(isRelease ? 1 : 0, told.isRelease ? 1 : 0, "\(name) clause")
      same(record.clause.name == "sleep" ? 1 : 0, told.isSleep ? 1 : 0, "\(name) sleep")
      same(
        record.clause.name == "pre-warm" ? 1 : 0, told.isPreWarming ? 1 : 0, "\(name) pre-warming")
    }
  }
}
