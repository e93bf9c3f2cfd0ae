import EventKernel

/// Other tenants whose demands a trace or a schedule brings.
extension Simulator {
  /// Tenants that are there at the start take their places, the largest first, so that on an empty
  /// cluster every one finds room if it can; the others ask when their time comes.
  mutating func beginDemands() {
    let demands = tenantDemands ?? []
    tenantSlots = [
      TenantSlot(size: 0, stream: RandomStream(seed: runSeed, name: "background/trace"))
    ]
    let present = demands.prefix { $0.time <= 0 }.count
    let order = (0..<present).sorted { (demands[$1].gpus, $0) < (demands[$0].gpus, $1) }
    for index in order {
      let tenant = addTenant(demands[index])
      guard let gpus = tenantPlace(tenant) else {
        demandGPUs(for: tenant)
        continue
      }
      seat(tenant, gpus)
      push(Event(.tenantLeave, Int32(tenant)), at: tenants[tenant].lifetime)
      log?.log(
        LoggedEvent(
          0, .tenantDemand, Int64(tenant), Int64(tenants[tenant].size), tenants[tenant].lifetime))
      for gpu in gpus { log?.log(LoggedEvent(0, .tenantDevice, Int64(tenant), Int64(gpu))) }
    }
    expectDemand(present)
  }

  /// A tenant of a trace asks; the next one is expected.
  mutating func askDemand(_ index: Int) {
    guard let demands = tenantDemands else { return }
    demandGPUs(for: addTenant(demands[index]))
    expectDemand(index + 1)
  }

  private mutating func expectDemand(_ index: Int) {
    if index == tenantDemands?.count, let more = scheduledTenants?.next() { tenantDemands? += more }
    guard let demands = tenantDemands, index < demands.count else { return }
    push(Event(.tenantDemand, Int32(index)), at: max(now, demands[index].time))
  }

  private mutating func addTenant(_ demand: BackgroundDemand) -> Int {
    tenants.append(Tenant(slot: 0, size: demand.gpus, lifetime: max(1, demand.lifetime)))
    return tenants.count - 1
  }
}
