import EventKernel
import Hardware
import Inference
import Network

/// GPUs that several models share: the same cut, one queue of micro-batches per stage.
struct SharedGroup: Sendable {
  var plan: Int
  var stages: [[Int32]]
  var lanes: [Int32]
  /// Replicas on it now.
  var residents: [Int32] = []
}

extension Simulator {
  /// Asks for the demands to be tried once everything of this instant has come free.
  mutating func requestAllocation() {
    guard !isAllocatePending else { return }
    isAllocatePending = true
    push(Event(.allocate, 0), at: now)
  }

  /// Asks for the demands to be tried at a later time too, when one of them may get another plan.
  private mutating func expectAllocation(at time: Nanoseconds) {
    // Whoever is tried then asks anew.
    if allocationExpected > now, allocationExpected <= time { return }
    allocationExpected = time
    push(Event(.allocate, 0), at: time)
  }

  /// Tries the demands in the order in which they were made; whether one that does not fit holds up
  /// those behind it is the scheduler's `allocation`.
  mutating func allocate() {
    isAllocatePending = false
    var kept = 0
    var isHeldUp = false
    for position in demands.indices {
      var demand = demands[position]
      let isMet =
        demand.kind == .replica ? tryReplica(&demand, isHeldUp) : tryTenant(&demand, isHeldUp)
      if isMet { continue }
      if !isHeldUp { isHeldUp = holdsUpOthers(demand) }
      demands[kept] = demand
      kept += 1
    }
    demands.removeLast(demands.count - kept)
    cluster.meter.setWaiting(!demands.isEmpty, at: now)
  }

  /// Whether nobody may pass a demand that was not met; its tenant's quota is nobody else's matter.
  private func holdsUpOthers(_ record: AllocationRecord) -> Bool {
    if record.waits.cause == .quota { return false }
    if scheduler.allocation.order == .inOrder { return true }
    return scheduler.allocation.patience.map { now - record.demanded >= $0 } ?? false
  }

  /// Returns whether the demand is settled: granted, or no longer needed.
  private mutating func tryReplica(_ record: inout AllocationRecord, _ isHeldUp: Bool) -> Bool {
    let replica = Int(record.subject)
    let model = Int(record.model)
    if !isStillNeeded(replica, of: model) {
      withdraw(replica, &record)
      return true
    }
    if isHeldUp {
      wait(&record, for: .order)
      return false
    }
    let view = DemandView(now: now, waited: now - record.demanded)
    let wanted = plans(for: view, replica)
    let limit = quotaLeft(of: model)
    let allowed = wanted.filter { $0.gpuCount <= limit }
    if place(replica, as: allowed, &record) { return true }
    if makeRoom(for: wanted, of: model, replica: replica) {
      let limit = quotaLeft(of: model)
      if place(replica, as: wanted.filter { $0.gpuCount <= limit }, &record) { return true }
    }
    let least = wanted.lazy.map(\.gpuCount).filter { $0 <= limit }.min()
    wait(
      &record,
      for: least.map { cluster.freeGPUs < $0 ? .capacity : .contiguity } ?? .quota)
    return false
  }

  /// Grants the first of some plans that has a place, if one has.
  private mutating func place(
    _ replica: Int, as shapes: [PlanShape], _ record: inout AllocationRecord
  ) -> Bool {
    let model = Int(record.model)
    for shape in shapes {
      guard let plan = catalogue.shapes.firstIndex(of: shape) else { continue }
      if let group = sharedGroup(model: model, plan: plan) {
        grant(replica, plan: plan, gpus: groups[group].stages, group: group, &record)
        return true
      }
      if let gpus = findPlaces(model: model, plan: plan, for: replica) {
        grant(replica, plan: plan, gpus: gpus, group: nil, &record)
        return true
      }
    }
    return false
  }

  /// The plans that a demand may get now; a successor has one.
  private mutating func plans(for view: DemandView, _ replica: Int) -> [PlanShape] {
    if replicas[replica].replaces >= 0, let consolidation = scheduler.parallelism.consolidation {
      return [consolidation.end]
    }
    if let change = scheduler.parallelism.nextChange(after: view.waited) {
      expectAllocation(at: now + change)
    }
    return scheduler.parallelism.plans(for: view)
  }

  /// A demand goes on waiting, for this; the first cause is the one that its record names.
  mutating func wait(_ record: inout AllocationRecord, for cause: AllocationObstacle) {
    if record.obstacle == .none { record.obstacle = cause }
    if record.waits.cause != cause { record.waits.wait(for: cause, at: now) }
  }

  /// Under some scaling policies a demand lapses when nothing waits any more and the floor is kept
  /// without it.
  private func isStillNeeded(_ replica: Int, of model: Int) -> Bool {
    if replicas[replica].replaces >= 0 { return true }
    return !models[model].demandsLapse || replicas[replica].isPreWarmed || waitingCount(model) > 0
      || models[model].views.count + models[model].starting
        < models[model].scaling.minimumReplicas
  }

  /// A demand is given up.
  mutating func withdraw(_ replica: Int, _ record: inout AllocationRecord) {
    record.abandoned = now
    record.waits.wait(for: .none, at: now)
    if replicas[replica].replaces < 0 { models[Int(record.model)].demanded -= 1 }
    replicas[replica].phase = .ended
    replicas[replica].record.released = now
    log?.log(LoggedEvent(now, .withdraw, Int64(replica)))
    emit(record)
    emit(replicas[replica].record)
  }

  /// A group with the same cut, room for one more model, none of this one, and memory enough for it, if the
  /// replicas that are `gone` were there no more.
  func sharedGroup(model: Int, plan: Int, without gone: [Int] = []) -> Int? {
    guard scheduler.engine.residentsPerGPU > 1 else { return nil }
    return groups.firstIndex { group in
      let left = group.residents.count { !gone.contains(Int($0)) }
      return group.plan == plan && left > 0 && left < scheduler.engine.residentsPerGPU
        && !group.residents.contains { Int(replicas[Int($0)].model) == model }
        && group.stages.indices.allSatisfy { stage in
          let node = Int(cluster.gpus[Int(group.stages[stage][0])].node)
          return catalogue.blocks(model: model, plan: plan, stage: stage, node: node) > 0
        }
    }
  }

  private mutating func grant(
    _ replica: Int, plan: Int, gpus: [[Int32]], group: Int?, _ record: inout AllocationRecord
  ) {
    record.granted = now
    record.waits.wait(for: .none, at: now)
    record.tensor = Int32(catalogue.shapes[plan].tensor)
    record.stages = Int32(catalogue.shapes[plan].stages)
    record.gpus = gpus.flatMap { $0 }
    if replicas[replica].replaces < 0 {
      models[Int(record.model)].demanded -= 1
      models[Int(record.model)].starting += 1
    }
    emit(record)
    build(replica, plan: plan, gpus: gpus, group: group)
    beginColdStart(replica)
  }

  mutating func emit(_ record: AllocationRecord) {
    metrics.allocated(record)
    digest.add(record)
    records.record(record)
  }

  mutating func emit(_ record: ReplicaRecord) {
    if let found = record.prefixCache { prefixCache? += found }
    if let found = record.weights { weights? += found }
    digest.add(record)
    records.record(record)
  }
}
