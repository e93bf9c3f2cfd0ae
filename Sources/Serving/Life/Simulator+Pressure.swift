import EventKernel
import Inference

/// Demands that find no place: idle and sleeping replicas of other models make room for them.
extension Simulator {
  /// Replicas of other models that sleep or are idle go, sleeping ones first and those idle longest, just as
  /// many as let one of the plans be placed within its tenant's quota; whether there are as many.
  mutating func makeRoom(for shapes: [PlanShape], of model: Int, replica: Int) -> Bool {
    guard yieldsToDemands else { return false }
    let tried = (cluster.freedVersion, idleChanges)
    var idle: [Int]?
    for shape in shapes {
      guard let plan = catalogue.shapes.firstIndex(of: shape) else { continue }
      let index = model * catalogue.shapes.count + plan
      let wanted = wantedPlaces(model: model, plan: plan, for: replica)
      if placedPlans[index]?.failedWithIdle ?? (0, -1) == tried { continue }
      let candidates = idle ?? idleReplicas(besides: model)
      idle = candidates
      guard let gone = fewest(of: candidates, makingRoomFor: wanted, plan, of: model) else {
        placedPlans[index]?.failedWithIdle = tried
        continue
      }
      for other in gone {
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
      for view in models[other].views where mayGo(view.replica) { all.append(view.replica) }
      if all.count > free { all.sort(by: isIdleLonger) }
      idle += all.prefix(free)
    }
    return asleep.sorted(by: isIdleLonger) + idle.sorted(by: isIdleLonger)
  }

  private func mayGo(_ replica: Int) -> Bool {
    replicas[replica].outstanding == 0 && replicas[replica].successors.isEmpty
      && !hasPredecessor(replica)
  }

  /// The first of these replicas without which a plan has a place, as few as it takes, or nil.
  ///
  /// It is nil when the plan has no place without all of them either. Nothing changes. They are taken to
  /// be gone one by one until the plan fits, and to be there again from the last one on where it fits in
  /// spite of that.
  private mutating func fewest(
    of idle: [Int], makingRoomFor wanted: PlaceSearch.Wanted, _ plan: Int, of model: Int
  ) -> [Int]? {
    var absence = Absence()
    defer { for other in absence.replicas.reversed() { comeBack(other, &absence) } }
    for other in idle {
      leave(other, &absence)
      guard fits(wanted, plan, of: model, absence) else { continue }
      for kept in absence.replicas.reversed() {
        comeBack(kept, &absence)
        if !fits(wanted, plan, of: model, absence) { leave(kept, &absence) }
      }
      return idle.filter { absence.replicas.contains($0) }
    }
    return nil
  }

  /// Replicas that are taken to be gone.
  private struct Absence {
    var replicas: [Int] = []
    /// How many of them each GPU lacks, and the GPUs that are free for it.
    var lacking: [Int32: Int32] = [:]
    var freed = 0
  }

  private mutating func leave(_ replica: Int, _ absence: inout Absence) {
    absence.replicas.append(replica)
    for gpu in stages[replicas[replica].homes].lazy.flatMap(\.gpus) {
      absence.lacking[gpu, default: 0] += 1
      guard absence.lacking[gpu] == cluster.residents(of: gpu) else { continue }
      cluster.places.giveBack(gpu)
      absence.freed += 1
    }
  }

  private mutating func comeBack(_ replica: Int, _ absence: inout Absence) {
    absence.replicas.removeAll { $0 == replica }
    for gpu in stages[replicas[replica].homes].lazy.flatMap(\.gpus) {
      if absence.lacking[gpu] == cluster.residents(of: gpu) {
        cluster.places.take(gpu)
        absence.freed -= 1
      }
      absence.lacking[gpu, default: 0] -= 1
    }
  }

  private mutating func fits(
    _ wanted: PlaceSearch.Wanted, _ plan: Int, of model: Int, _ absence: Absence
  ) -> Bool {
    let gpus = catalogue.shapes[plan].gpuCount
    guard gpus <= quotaLeft(of: model, without: absence.replicas) else { return false }
    if sharedGroup(model: model, plan: plan, without: absence.replicas) != nil { return true }
    guard gpus <= cluster.freeGPUs + absence.freed else { return false }
    return placeSearch.find(wanted, in: &cluster.places, policy: placement) != nil
  }
}
