import EventKernel

/// Fewer replicas: demands taken back, starts given up, ready replicas that finish what they have.
extension Simulator {
  /// A model's newest demand that has not been granted is taken back.
  mutating func withdrawNewest(_ model: Int) {
    guard
      let position = demands.lastIndex(where: {
        $0.kind == .replica && Int($0.model) == model
          && replicas[Int($0.subject)].replaces < 0
      })
    else { preconditionFailure("demands are counted") }
    var record = demands.remove(at: position)
    withdraw(Int(record.subject), &record)
    cluster.meter.setWaiting(!demands.isEmpty, at: now)
    // It may have held up those behind it.
    if scheduler.allocation != AllocationSpecification() { requestAllocation() }
  }

  /// A model's newest replica that starts is given up; what was on its way to it stops there.
  mutating func cancelNewestStart(_ model: Int) {
    guard
      let replica = replicas.lastIndex(where: {
        $0.phase == .starting && Int($0.model) == model && $0.replaces < 0
      })
    else { preconditionFailure("starting replicas are counted") }
    models[model].starting -= 1
    dismantle(replica)
    requestAllocation()
  }

  /// A model's ready replica with the fewest requests, the newest of several, takes no new ones; if
  /// requests are about to move to all of them, none goes.
  mutating func drainOne(_ model: Int) {
    var chosen: (replica: Int, outstanding: Int)?
    for view in models[model].views where view.outstanding <= chosen?.outstanding ?? .max {
      if isAwaited(view.replica) { continue }
      chosen = (view.replica, view.outstanding)
    }
    guard let replica = chosen?.replica else { return }
    removeView(of: replica)
    if replicas[replica].outstanding == 0 {
      dismantle(replica)
      requestAllocation()
      return
    }
    if replicas[replica].isDozing { awaken(replica) }
    replicas[replica].isDraining = true
    models[model].draining.append(Int32(replica))
    log?.log(LoggedEvent(now, .drain, Int64(replica)))
    endSuccession(of: replica)
  }

  /// A draining replica takes requests again.
  mutating func resume(_ replica: Int) {
    let model = Int(replicas[replica].model)
    replicas[replica].isDraining = false
    log?.log(LoggedEvent(now, .resume, Int64(replica)))
    addView(of: replica)
    beginConsolidation(replica)
    route(model)
  }

  /// A draining replica has done what it had.
  mutating func endDraining(_ replica: Int) {
    let model = Int(replicas[replica].model)
    models[model].draining.removeAll { $0 == Int32(replica) }
    models[model].retiring.removeAll { $0 == Int32(replica) }
    dismantle(replica)
    requestAllocation()
  }

  /// A replica takes requests from now on.
  mutating func addView(of replica: Int) {
    let model = Int(replicas[replica].model)
    replicas[replica].viewIndex = models[model].views.count
    models[model].views.append(
      ReplicaView(
        replica: replica, outstanding: Int(replicas[replica].outstanding),
        limit: scheduler.routing.holdsAtReplica ? .max : sequencesAtOnce(replica),
        blockTokens: scheduler.engine.blockTokens))
    // The floor may do without another one now.
    if yieldsToDemands { idleChanges += 1 }
    noteReady(model)
  }

  /// A replica takes no more requests.
  mutating func removeView(of replica: Int) {
    let model = Int(replicas[replica].model)
    models[model].views.remove(at: replicas[replica].viewIndex)
    for index in models[model].views.indices {
      replicas[models[model].views[index].replica].viewIndex = index
    }
    replicas[replica].viewIndex = -1
    noteReady(model)
  }
}
