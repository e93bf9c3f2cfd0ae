import EventKernel
import Inference

/// Replicas that have nothing to do: how long they are kept, and when a model is pre-warmed.
extension Simulator {
  /// Beyond every replica's number: what it names is a model.
  static var preWarmEntity: Int { 1 << 27 }

  /// A replica has nothing left to do: its time starts to run out, or is over when it drains.
  mutating func becomeIdle(_ replica: Int) {
    let model = Int(replicas[replica].model)
    let hadWork = replicas[replica].hasWork
    if hadWork {
      closeIdleStages(replica)
      replicas[replica].endWork(at: now)
    }
    replicas[replica].idleSince = now
    if yieldsToDemands {
      idleChanges += 1
      if !demands.isEmpty { requestAllocation() }
    }
    if replicas[replica].isDraining {
      expectExpiry(of: replica, after: 0)
    } else if hadWork, models[model].observesIdleTimes, isUnused(model) {
      models[model].idleSince = now
      // Those that were idle before are kept by what holds from now on.
      for view in models[model].views { planIdleness(of: view.replica) }
    } else {
      planIdleness(of: replica)
    }
  }

  /// Whether a model has no request in the system.
  private func isUnused(_ model: Int) -> Bool {
    models[model].queue.count == 0
      && models[model].views.allSatisfy { replicas[$0.replica].outstanding == 0 }
      && models[model].leaving.allSatisfy { replicas[Int($0)].outstanding == 0 }
  }

  /// The keep-alive policy says what becomes of an idle replica.
  private mutating func planIdleness(of replica: Int) {
    let model = Int(replicas[replica].model)
    guard let policy = models[model].keepAlive else {
      replicas[replica].keepAliveEpoch &+= 1
      return
    }
    let since = models[model].idleSince
    var view = IdleView(now: now, lastUse: since < 0 ? now : since)
    view.isModelInUse = models[model].observesIdleTimes && !isUnused(model)
    let plan = policy.plan(view)
    expectExpiry(of: replica, after: plan.keep)
    guard let time = plan.preWarm, time > now else { return }
    models[model].preWarmEpoch &+= 1
    push(
      Event(.keepAlive, Int32(Self.preWarmEntity + model), models[model].preWarmEpoch), at: time)
  }

  mutating func expectExpiry(of replica: Int, after kept: Nanoseconds?) {
    replicas[replica].keepAliveEpoch &+= 1
    guard let kept, kept <= Nanoseconds.max - now else { return }
    push(Event(.keepAlive, Int32(replica), replicas[replica].keepAliveEpoch), at: now + kept)
  }

  /// A request has come to a model whose idle times are observed.
  mutating func noteUse(of model: Int) {
    guard models[model].idleSince >= 0 else { return }
    let idleTime = now - models[model].idleSince
    models[model].keepAlive?.observe(idleTime: idleTime)
    models[model].idleSince = -1
    models[model].preWarmEpoch &+= 1
  }

  /// An idle replica's time is up: it is released unless the floor needs it.
  mutating func keepAliveExpired(_ replica: Int, epoch: UInt32) {
    if replica >= Self.preWarmEntity {
      preWarm(replica - Self.preWarmEntity, epoch: epoch)
      return
    }
    guard replicas[replica].keepAliveEpoch == epoch else { return }
    if replicas[replica].phase == .asleep || replicas[replica].sleep.isUnderWay {
      endSleepStep(replica)
      return
    }
    guard replicas[replica].phase == .ready, replicas[replica].outstanding == 0 else { return }
    if replicas[replica].isDraining {
      endDraining(replica)
      return
    }
    let model = Int(replicas[replica].model)
    guard models[model].views.count > models[model].scaling.minimumReplicas else { return }
    if let tiers = models[model].keepAlive?.tiers, fallAsleep(replica, tiers) { return }
    releaseIdle(replica, clause: "keep-alive")
    requestAllocation()
  }

  /// An idle replica goes, and the decision is recorded.
  private mutating func releaseIdle(_ replica: Int, clause: String) {
    let model = Int(replicas[replica].model)
    let view = scalingView(model, [])
    decided(
      model, view, ScalingDecision(desired: view.present - 1, clause: ScalingClause(clause)))
    removeView(of: replica)
    dismantle(replica)
  }

  /// A request is expected soon: a replica is asked for, if none is there or on its way.
  private mutating func preWarm(_ model: Int, epoch: UInt32) {
    guard models[model].preWarmEpoch == epoch, models[model].draining.isEmpty else { return }
    let view = scalingView(model, [])
    guard view.present == 0, models[model].scaling.maximumReplicas > 0 else { return }
    decided(model, view, ScalingDecision(desired: 1, clause: ScalingClause("pre-warm")))
    log?.log(LoggedEvent(now, .preWarm, Int64(model)))
    demandReplica(model)
    replicas[replicas.count - 1].isPreWarmed = true
  }

  // MARK: Under pressure

  /// A demand finds no place: replicas of other models that sleep or are idle go, sleeping ones first and
  /// those idle longest, just as many as let one of the plans be placed; whether there are as many.
  mutating func makeRoom(for shapes: [PlanShape], of model: Int, replica: Int) -> Bool {
    guard yieldsToDemands else { return false }
    let idle = idleReplicas(besides: model)
    guard !idle.isEmpty else { return false }
    for shape in shapes {
      guard let plan = catalogue.shapes.firstIndex(of: shape) else { continue }
      let index = model * catalogue.shapes.count + plan
      let tried = (cluster.freedVersion, idleChanges)
      if let failed = placedPlans.isEmpty ? nil : placedPlans[index]?.failedWithIdle,
        failed == tried
      {
        continue
      }
      guard fits(plan, of: model, replica, without: idle) else {
        if !placedPlans.isEmpty { placedPlans[index]?.failedWithIdle = tried }
        continue
      }
      var needed = idle
      for place in idle.indices.reversed() {
        let kept = needed.remove(at: place)
        if !fits(plan, of: model, replica, without: needed) { needed.insert(kept, at: place) }
      }
      for other in needed {
        if replicas[other].phase == .asleep {
          releaseAsleep(other, clause: "pressure")
        } else {
          releaseIdle(other, clause: "pressure")
        }
      }
      requestAllocation()
      return true
    }
    return false
  }

  /// Sleeping replicas of other models, and then idle ones above their floors, those idle longest first.
  private func idleReplicas(besides model: Int) -> [Int] {
    // A closure over self, kept by whoever sorts, would copy the whole simulator each time.
    let replicas = replicas
    let isIdleLonger = { (one: Int, other: Int) in
      (replicas[one].idleSince, one) < (replicas[other].idleSince, other)
    }
    var (asleep, idle): ([Int], [Int]) = ([], [])
    for other in models.indices where other != model {
      for replica in models[other].asleep { asleep.append(Int(replica)) }
      let free = models[other].views.count - models[other].scaling.minimumReplicas
      guard free > 0 else { continue }
      var all: [Int] = []
      for view in models[other].views {
        let replica = replicas[view.replica]
        if replica.outstanding == 0 && replica.successors.isEmpty && replica.replaces < 0 {
          all.append(view.replica)
        }
      }
      if all.count > free { all.sort(by: isIdleLonger) }
      idle += all.prefix(free)
    }
    return asleep.sorted(by: isIdleLonger) + idle.sorted(by: isIdleLonger)
  }

  /// Whether a plan would find a place if some replicas were gone; nothing changes.
  private mutating func fits(
    _ plan: Int, of model: Int, _ replica: Int, without gone: [Int]
  ) -> Bool {
    let (before, plansBefore) = (cluster, placedPlans)
    for other in gone {
      for stage in replicas[other].homes {
        for gpu in stages[stage].gpus { cluster.leave(gpu, from: replicas[other].phase, at: now) }
      }
    }
    let gpus = findPlaces(model: model, plan: plan, for: replica)
    (cluster, placedPlans) = (before, plansBefore)
    return gpus != nil
  }
}
