import EventKernel

/// A background tenant: a demand for some GPUs of one node for a time.
struct Tenant: Sendable {
  var slot: Int32
  var size: Int32
  var lifetime: Nanoseconds
  var gpus: [Int32] = []
}

/// A line of background tenants of one size, each following the one before.
struct TenantSlot: Sendable {
  var size: Int32
  var stream: RandomStream
  /// The next draw of the stream.
  var drawn: UInt64 = 0
}

/// Other tenants of the cluster.
///
/// Demands (time, size, lifetime) are drawn without looking at the cluster, so that every scheduler
/// meets the same ones: the successor of a tenant asks when the tenant would have left had it never
/// waited. Where a tenant lands, and whether it waits, depends on who else is there.
extension Simulator {
  /// Draws the tenants of the steady state and places them as their own history would have.
  mutating func beginBackground() {
    guard let background = scenario.background else { return }
    tenantDemands = background.demands
    if tenantDemands == nil, !background.schedule.isEmpty {
      scheduledTenants = ScheduledTenants(background, gpus: cluster.gpus.count, seed: runSeed)
      tenantDemands = scheduledTenants?.next()
    }
    if tenantDemands != nil {
      beginDemands()
      return
    }
    if background.arrangement == .independent {
      beginIndependent(background)
      return
    }
    makeSlots(background)
    warmBackground(background)
  }

  /// Each GPU is held for the whole run with the given probability.
  private mutating func beginIndependent(_ background: BackgroundSpecification) {
    let stream = RandomStream(seed: runSeed, name: "background/independent")
    for gpu in cluster.gpus.indices
    where stream.uniform(at: UInt64(gpu)) < background.occupancy {
      let tenant = tenants.count
      tenants.append(Tenant(slot: -1, size: 1, lifetime: .max))
      seat(tenant, [Int32(gpu)])
      log?.log(LoggedEvent(now, .tenantDemand, Int64(tenant), 1, .max))
      log?.log(LoggedEvent(now, .tenantDevice, Int64(tenant), Int64(gpu)))
    }
  }

  /// As many tenants as ask for `occupancy` of the GPUs; sizes are drawn by their shares, and what
  /// the last draw leaves over is filled by the largest sizes that fit.
  private mutating func makeSlots(_ background: BackgroundSpecification) {
    let target = Int((background.occupancy * Double(cluster.gpus.count)).rounded())
    let total = background.sizes.reduce(0.0) { $0 + $1.share }
    let sizes = RandomStream(seed: runSeed, name: "background/sizes")
    var held = 0
    while held < target {
      var size = background.sizes[background.sizes.count - 1].gpus
      var threshold = sizes.uniform(at: UInt64(tenantSlots.count)) * total
      for candidate in background.sizes {
        threshold -= candidate.share
        if threshold < 0 {
          size = candidate.gpus
          break
        }
      }
      if held + size > target {
        guard let filler = background.sizes.last(where: { held + $0.gpus <= target }) else { break }
        size = filler.gpus
      }
      held += size
      tenantSlots.append(
        TenantSlot(
          size: Int32(size),
          stream: RandomStream(
            seed: runSeed, name: "background/slot/\(tenantSlots.count)")))
    }
  }

  /// Runs the tenants alone for three mean lifetimes before t = 0, so that their places at the start
  /// are those of the steady state and not of an empty cluster being filled.
  private mutating func warmBackground(_ background: BackgroundSpecification) {
    let mean = nanoseconds(fromSeconds: background.lifetimeSeconds.mean)
    let length = 3 * mean
    var history = EventQueue()
    var unplaced: [Int] = []
    // Largest first, so that on an empty cluster every size finds its place if it can.
    let order = tenantSlots.indices.sorted {
      (tenantSlots[$1].size, $0) < (tenantSlots[$0].size, $1)
    }
    for slot in order {
      let residual = background.lifetimeSeconds.sampleResidual(tenantSlots[slot].stream, at: 0)
      tenantSlots[slot].drawn = 1
      addTenant(slot, lifetime: nanoseconds(fromSeconds: residual))
      guard let gpus = tenantPlace(tenants.count - 1) else {
        // Sizes that leave gaps on every node: this one waits from the start, like any demand.
        unplaced.append(slot)
        continue
      }
      seat(tenants.count - 1, gpus)
      history.push(UInt64(tenants.count - 1), at: tenants[tenants.count - 1].lifetime)
    }
    while let time = history.nextTime(), time < length, let (now, payload) = history.pop() {
      let leaving = Int(payload)
      let slot = Int(tenants[leaving].slot)
      vacate(leaving)
      addTenant(slot, lifetime: drawLifetime(slot))
      let arriving = tenants.count - 1
      // The one that left had the same size, so there is room at least where it was.
      guard let gpus = tenantPlace(arriving) else { preconditionFailure("a place just freed") }
      seat(arriving, gpus)
      history.push(UInt64(arriving), at: now + max(1, tenants[arriving].lifetime))
    }
    adoptHistory(&history, length: length)
    for slot in unplaced { push(Event(.tenantDemand, Int32(slot)), at: 0) }
  }

  /// What is left of the history becomes the state at t = 0.
  private mutating func adoptHistory(_ history: inout EventQueue, length: Nanoseconds) {
    var present: [Tenant] = []
    var leaving: [Nanoseconds] = []
    while let (time, payload) = history.pop() {
      present.append(tenants[Int(payload)])
      leaving.append(time - length)
    }
    tenants = present
    for index in tenants.indices {
      push(Event(.tenantLeave, Int32(index)), at: leaving[index])
      scheduleSuccessor(of: index, at: leaving[index])
      log?.log(
        LoggedEvent(
          0, .tenantDemand, Int64(index), Int64(tenants[index].size), leaving[index]))
      for gpu in tenants[index].gpus {
        log?.log(LoggedEvent(0, .tenantDevice, Int64(index), Int64(gpu)))
      }
    }
    cluster.resetLedgers(at: 0)
  }

  private mutating func addTenant(_ slot: Int, lifetime: Nanoseconds) {
    tenants.append(
      Tenant(slot: Int32(slot), size: tenantSlots[slot].size, lifetime: max(1, lifetime)))
  }

  private mutating func drawLifetime(_ slot: Int) -> Nanoseconds {
    guard let background = scenario.background else { return 1 }
    let seconds = background.lifetimeSeconds.sample(
      tenantSlots[slot].stream, at: tenantSlots[slot].drawn)
    tenantSlots[slot].drawn += 1
    return max(1, nanoseconds(fromSeconds: seconds))
  }

  /// A tenant's successor asks the moment it should leave.
  private mutating func scheduleSuccessor(of tenant: Int, at time: Nanoseconds) {
    let slot = Int(tenants[tenant].slot)
    push(Event(.tenantDemand, Int32(slot)), at: time)
  }

  /// The next tenant of a slot asks for GPUs; its own successor is already known.
  mutating func tenantAsks(_ slot: Int) {
    if tenantDemands != nil {
      askDemand(slot)
      return
    }
    addTenant(slot, lifetime: drawLifetime(slot))
    let tenant = tenants.count - 1
    scheduleSuccessor(of: tenant, at: now + tenants[tenant].lifetime)
    demandGPUs(for: tenant)
  }

  /// A tenant asks for GPUs now.
  mutating func demandGPUs(for tenant: Int) {
    var record = AllocationRecord()
    record.kind = .background
    record.subject = Int32(tenant)
    record.gpusAsked = tenants[tenant].size
    record.demanded = now
    demands.append(record)
    log?.log(
      LoggedEvent(
        now, .tenantDemand, Int64(tenant), Int64(tenants[tenant].size),
        tenants[tenant].lifetime))
    requestAllocation()
  }

  /// Returns whether the tenant has its GPUs.
  mutating func tryTenant(_ record: inout AllocationRecord, _ isHeldUp: Bool) -> Bool {
    let tenant = Int(record.subject)
    let size = Int(record.gpusAsked)
    if isHeldUp {
      wait(&record, for: .order)
      return false
    }
    while tenantFailed.count <= size { tenantFailed.append(0) }
    guard tenantFailed[size] != cluster.freedVersion, let gpus = tenantPlace(tenant) else {
      tenantFailed[size] = cluster.freedVersion
      wait(&record, for: cluster.freeGPUs < size ? .capacity : .contiguity)
      return false
    }
    seat(tenant, gpus)
    record.granted = now
    record.waits.wait(for: .none, at: now)
    record.gpus = gpus
    emit(record)
    for gpu in gpus { log?.log(LoggedEvent(now, .tenantDevice, Int64(tenant), Int64(gpu))) }
    push(Event(.tenantLeave, Int32(tenant)), at: now + tenants[tenant].lifetime)
    return true
  }

  /// A tenant leaves; whoever waits for GPUs is tried again.
  mutating func tenantLeaves(_ tenant: Int) {
    vacate(tenant)
    log?.log(LoggedEvent(now, .tenantLeave, Int64(tenant)))
    requestAllocation()
  }

  /// A node with room: by the policy that the scenario names, else drawn evenly, as other people's
  /// schedulers pack by rules we do not know.
  mutating func tenantPlace(_ tenant: Int) -> [Int32]? {
    guard let tenantPlacement else { return randomPlace(tenant) }
    return placeSearch.findNode(
      for: Int(tenants[tenant].size), demand: tenant, in: &cluster.places, policy: tenantPlacement)
  }

  private func randomPlace(_ tenant: Int) -> [Int32]? {
    let size = tenants[tenant].size
    let first = cluster.places.columns.firstNode
    var able = 0
    for node in cluster.nodes.indices where cluster.places.free(first + node) >= size { able += 1 }
    guard able > 0 else { return nil }
    let slot = Int(tenants[tenant].slot)
    // Tenants of a trace share one stream and draw by their own number.
    let number = tenantDemands == nil ? tenantSlots[slot].drawn : UInt64(tenant)
    let draw = tenantSlots[slot].stream.bits(at: number, lane: 1 << 32)
    var left = Int(draw % UInt64(able))
    for node in cluster.nodes.indices where cluster.places.free(first + node) >= size {
      if left == 0 {
        let own = cluster.nodes[node]
        let range = own.firstGPU..<own.firstGPU + own.gpuCount
        return Array(range.filter { cluster.isFree($0) }.prefix(Int(size)))
      }
      left -= 1
    }
    return nil
  }

  mutating func seat(_ tenant: Int, _ gpus: [Int32]) {
    tenants[tenant].gpus = gpus
    for gpu in gpus { cluster.takeForTenant(gpu, at: now) }
  }

  private mutating func vacate(_ tenant: Int) {
    for gpu in tenants[tenant].gpus { cluster.freeFromTenant(gpu, at: now) }
    tenants[tenant].gpus = []
  }
}
