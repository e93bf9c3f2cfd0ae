import EventKernel

extension Simulator {
  /// The replicas that are up at the start, and demands for the floor beyond them.
  mutating func beginFleet() {
    for model in models.indices {
      let scaling = models[model].scaling
      for _ in 0..<scaling.initialReplicas { addInitialReplica(model) }
      let present = models[model].views.count + models[model].demanded
      for _ in 0..<max(0, scaling.minimumReplicas - present) { demandReplica(model) }
    }
  }

  /// A replica without a cold start; when its GPUs are taken it is demanded like any other.
  private mutating func addInitialReplica(_ model: Int) {
    demandReplica(model)
    guard var demand = demands.popLast() else { return }
    let replica = Int(demand.subject)
    for shape in scheduler.parallelism.allPlans {
      guard let plan = catalogue.shapes.firstIndex(of: shape) else { continue }
      let shared = sharedGroup(model: model, plan: plan)
      guard let gpus = shared.map({ groups[$0].stages }) ?? findPlaces(model: model, plan: plan)
      else { continue }
      demand.granted = now
      demand.gpus = gpus.flatMap { $0 }
      models[model].demanded -= 1
      models[model].starting += 1
      replicas[replica].record.initial = true
      emit(demand)
      build(replica, plan: plan, gpus: gpus, group: shared)
      becomeReady(replica)
      return
    }
    demands.append(demand)
  }

  /// Requests wait without a replica: the policy says how many replicas there should be.
  mutating func scale(_ model: Int) {
    let view = scalingView(model)
    let decision = models[model].scaling.decide(view)
    let present = view.ready + view.starting + view.demanded
    guard decision.desired > present else { return }
    decided(model, view, desired: decision.desired, clause: decision.clause)
    for _ in present..<decision.desired { demandReplica(model) }
  }

  private func scalingView(_ model: Int) -> ScalingView {
    ScalingView(
      now: now, waiting: waitingCount(model), ready: models[model].views.count,
      starting: models[model].starting, demanded: models[model].demanded,
      limitPerReplica: catalogue.leastRequestsPerReplica)
  }

  /// Requests of a model that wait: in its queue, or at replicas that have more than they run at once.
  func waitingCount(_ model: Int) -> Int {
    guard scheduler.routing.holdsAtReplica else { return models[model].queue.count }
    return models[model].views.reduce(models[model].queue.count) { count, view in
      count + max(0, view.outstanding - sequencesAtOnce(view.replica))
    }
  }

  /// Requests that a replica runs at once at most.
  func sequencesAtOnce(_ replica: Int) -> Int {
    catalogue.requestsPerReplica(stages: Int(replicas[replica].groupCount))
  }

  private mutating func decided(
    _ model: Int, _ view: ScalingView, desired: Int, clause: ScalingClause
  ) {
    var record = ScalingRecord()
    record.time = now
    record.model = Int32(model)
    record.waiting = Int64(view.waiting)
    record.ready = Int32(view.ready)
    record.starting = Int32(view.starting + view.demanded)
    record.desired = Int32(desired)
    record.clause = clause
    digest.add(record)
    records.record(record)
  }

  /// Asks for the GPUs of one more replica.
  private mutating func demandReplica(_ model: Int) {
    var record = ReplicaRecord()
    record.replicaID = Int32(replicas.count)
    record.model = Int32(model)
    record.demanded = now
    record.prefixCache = scheduler.engine.keyValue.nothingFound
    var allocation = AllocationRecord()
    allocation.subject = record.replicaID
    allocation.model = Int32(model)
    allocation.demanded = now
    allocation.gpusAsked = Int32(catalogue.shapes.first?.gpuCount ?? 0)
    models[model].demanded += 1
    replicas.append(Replica(model: Int32(model), record: record))
    demands.append(allocation)
    log?.log(
      LoggedEvent(
        now, .demand, Int64(record.replicaID), Int64(model), Int64(allocation.gpusAsked)))
    requestAllocation()
  }

  /// A replica has nothing left to do: its time starts to run out.
  mutating func becomeIdle(_ replica: Int) {
    if replicas[replica].hasWork {
      closeIdleStages(replica)
      replicas[replica].endWork(at: now)
    }
    replicas[replica].keepAliveEpoch &+= 1
    guard let keepAlive = models[Int(replicas[replica].model)].scaling.keepAlive,
      keepAlive <= Nanoseconds.max - now
    else { return }
    push(
      Event(.keepAlive, Int32(replica), replicas[replica].keepAliveEpoch), at: now + keepAlive)
  }

  /// An idle replica's time is up: it is released unless the floor needs it.
  mutating func keepAliveExpired(_ replica: Int, epoch: UInt32) {
    let model = Int(replicas[replica].model)
    guard replicas[replica].phase == .ready, replicas[replica].outstanding == 0,
      replicas[replica].keepAliveEpoch == epoch,
      models[model].views.count > models[model].scaling.minimumReplicas
    else { return }
    let view = scalingView(model)
    decided(
      model, view, desired: view.ready + view.starting + view.demanded - 1,
      clause: ScalingClause("keep-alive"))
    removeView(of: replica)
    dismantle(replica)
    requestAllocation()
  }

  private mutating func removeView(of replica: Int) {
    let model = Int(replicas[replica].model)
    models[model].views.remove(at: replicas[replica].viewIndex)
    for index in models[model].views.indices {
      replicas[models[model].views[index].replica].viewIndex = index
    }
    replicas[replica].viewIndex = -1
  }
}
