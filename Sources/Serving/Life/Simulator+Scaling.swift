import EventKernel

/// How many replicas a model has: when its policy is asked, and what comes of its decisions.
extension Simulator {
  /// The replicas that are up at the start, and demands for the floor beyond them.
  mutating func beginFleet() {
    for model in models.indices {
      let scaling = models[model].scaling
      for _ in 0..<scaling.initialReplicas { addInitialReplica(model) }
      let present = models[model].views.count + models[model].demanded
      for _ in 0..<max(0, scaling.minimumReplicas - present) { demandReplica(model) }
      beginTicks(model)
    }
  }

  /// A replica without a cold start; when its GPUs are taken it is demanded like any other.
  private mutating func addInitialReplica(_ model: Int) {
    demandReplica(model)
    guard var demand = demands.popLast() else { return }
    let replica = Int(demand.subject)
    // What is up at the start has consolidated long ago.
    let end = scheduler.parallelism.consolidation.map { [$0.end] } ?? []
    for shape in end + scheduler.parallelism.allPlans {
      guard shape.gpuCount <= quotaLeft(of: model),
        let plan = catalogue.shapes.firstIndex(of: shape)
      else { continue }
      let shared = sharedGroup(model: model, plan: plan)
      guard
        let gpus = shared.map({ groups[$0].stages })
          ?? findPlaces(model: model, plan: plan, for: replica)
      else { continue }
      demand.granted = now
      demand.tensor = Int32(shape.tensor)
      demand.stages = Int32(shape.stages)
      demand.gpus = gpus.flatMap { $0 }
      models[model].demanded -= 1
      models[model].starting += 1
      replicas[replica].record.initial = true
      emit(demand)
      build(replica, plan: plan, gpus: gpus, group: shared)
      markNodesUp(of: replica)
      becomeReady(replica)
      return
    }
    demands.append(demand)
  }

  /// A request has arrived and may have been routed: the policy is asked if that is an occasion for it.
  mutating func scaleOnArrival(_ model: Int) {
    let occasions = models[model].occasions
    if occasions.contains(.arrival) { decide(model, .arrival) }
    if occasions.contains(.waiting), waitingCount(model) > 0 { decide(model, .waiting) }
    if models[model].interval != nil { expectNextTick(model) }
  }

  /// The policy says how many replicas there should be, and they come or go.
  mutating func decide(_ model: Int, _ occasion: ScalingOccasions) {
    let view = scalingView(model, occasion)
    let decision = models[model].scaling.decide(view)
    if occasion == .waiting {
      guard decision.desired > view.present else { return }
      decided(model, view, decision)
    } else if models[model].ticks.isNews(decision, view) {
      decided(model, view, decision)
      if models[model].hasClock { logDecision(model, view, decision) }
    }
    if models[model].hasClock { models[model].occasions = models[model].scaling.occasions }
    models[model].ticks.recheck = decision.recheck
    if decision.desired > view.present {
      add(decision.desired - view.present, to: model)
    } else if decision.desired < view.present, occasion != .waiting {
      remove(view.present - decision.desired, from: model)
    }
  }

  /// Draining replicas take requests again, then sleeping ones wake, before new ones are demanded.
  private mutating func add(_ count: Int, to model: Int) {
    var left = count
    while left > 0, let replica = models[model].draining.popLast() {
      resume(Int(replica))
      left -= 1
    }
    // The one that fell asleep last has had the shortest way to where its weights are.
    while left > 0, let replica = models[model].asleep.last {
      wakeUp(Int(replica))
      left -= 1
    }
    for _ in 0..<left { demandReplica(model) }
  }

  /// First demands that have not been granted, then replicas that start, the newest first; then ready
  /// ones, which finish what they have.
  private mutating func remove(_ count: Int, from model: Int) {
    for _ in 0..<count {
      if models[model].demanded > 0 {
        withdrawNewest(model)
      } else if models[model].starting > 0 {
        cancelNewestStart(model)
      } else {
        drainOne(model)
      }
    }
  }

  mutating func scalingView(_ model: Int, _ occasion: ScalingOccasions) -> ScalingView {
    var view = ScalingView(
      now: now, waiting: waitingCount(model), ready: models[model].views.count,
      starting: models[model].starting, demanded: models[model].demanded,
      limitPerReplica: catalogue.leastRequestsPerReplica)
    view.occasion = occasion
    view.draining = models[model].draining.count
    let needs = models[model].scalingNeeds
    if needs.isEmpty { return view }
    view.waitingTokens = models[model].queuedTokens
    if needs.contains(.activity) {
      models[model].activity.advance(to: now)
      view.inFlight = models[model].activity.inFlight
      view.activity = models[model].activity
    }
    if needs.contains(.blocks) { countBlocks(model, &view) }
    if needs.contains(.future) { view.future = forecast(model) }
    return view
  }

  /// KV blocks as they are now: replicas that doze catch up first.
  private mutating func countBlocks(_ model: Int, _ view: inout ScalingView) {
    for other in models[model].views {
      if replicas[other.replica].isDozing { catchUp(other.replica) }
      for engine in replicas[other.replica].engines {
        view.blocksHeld += Int64(engines[engine].totalBlocks - engines[engine].freeBlocks)
        view.waitingTokens += Int64(engines[engine].waitingPrefillTokens)
      }
    }
    view.blocksPerReplica =
      models[model].views.first.map {
        replicas[$0.replica].record.keyValueBlocks
      } ?? 0
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

  mutating func decided(
    _ model: Int, _ view: ScalingView, _ decision: ScalingDecision
  ) {
    var record = ScalingRecord()
    record.time = now
    record.model = Int32(model)
    record.waiting = Int64(view.waiting)
    record.ready = Int32(view.ready)
    record.starting = Int32(view.starting + view.demanded)
    record.draining = Int32(view.draining)
    record.desired = Int32(decision.desired)
    record.clause = decision.clause
    record.figures = decision.figures
    digest.add(record)
    records.record(record)
  }

  private func logDecision(_ model: Int, _ view: ScalingView, _ decision: ScalingDecision) {
    log?.log(
      LoggedEvent(
        now, .scale, Int64(model), Int64(view.waiting), Int64(view.ready),
        Int64(view.starting + view.demanded), Int64(view.draining), Int64(decision.desired)))
  }

  /// Asks for the GPUs of one more replica.
  mutating func demandReplica(_ model: Int) {
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
}
