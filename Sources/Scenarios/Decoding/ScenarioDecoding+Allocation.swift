import EventKernel
import JSON
import Serving

extension ScenarioDecoding {
  /// In which order demands for GPUs are met; nil when it is unfit.
  func allocation(_ parent: ObjectReader) -> AllocationSpecification? {
    guard parent.has("allocation") else { return AllocationSpecification() }
    guard let reader = parent.object("allocation") else { return nil }
    let order: AllocationSpecification.Order? = reader.choice(
      "order", .standard(.backfill), kind: "an order of demands")
    let patience = reader.time("patience", .optional)
    reader.finish()
    if order != .backfill || patience != nil {
      parent.keep("allocation", .object(reader.canonical))
    }
    guard let order, patience != nil || !reader.has("patience") else { return nil }
    if order == .inOrder, patience != nil {
      reader.fault(
        "patience",
        .unfit(
          found: "a patience with \"order\": \"in-order\"",
          needed: "\"order\": \"backfill\", or to be left out: nobody passes anyway"))
      return nil
    }
    return AllocationSpecification(order: order, patience: patience)
  }

  /// A quota as it was read, and where it stands.
  struct Quota {
    var quota: TenantQuota
    var reader: ObjectReader
  }

  /// How many GPUs the models of tenants may hold: an object of tenants and GPUs.
  func quotas(_ cluster: ObjectReader, gpus: Int) -> [Quota]? {
    guard cluster.has("quotas") else { return [] }
    guard let reader = cluster.object("quotas") else { return nil }
    var quotas: [Quota] = []
    for name in reader.memberNames {
      guard let count = reader.integer(name, in: 1...Int64(max(1, gpus))) else { return nil }
      quotas.append(Quota(quota: TenantQuota(tenant: name, gpus: Int(count)), reader: reader))
    }
    cluster.keep("quotas", .object(reader.canonical))
    return quotas
  }

  /// Refuses quotas of tenants that no model has, and those too small for every plan of a model or for the
  /// replicas that are there from the start.
  func checkQuotas(_ quotas: [Quota], models: [Model], of schedulers: [Scheduler]) {
    let known = models.compactMap(\.model?.tenant).filter { !$0.isEmpty }
    for (quota, reader) in quotas.map({ ($0.quota, $0.reader) }) {
      guard known.contains(quota.tenant) else {
        reader.fault(
          quota.tenant,
          .unknownName(
            found: quota.tenant, kind: "a tenant of the models",
            suggestion: suggestion(for: quota.tenant, among: known), known: known))
        continue
      }
      let smallest = schedulers.compactMap { scheduler in
        scheduler.parallelism?.policy.allPlans.map(\.gpuCount).min()
      }.max()
      if let smallest, quota.gpus < smallest {
        reader.fault(
          quota.tenant,
          .unfit(
            found: counted(quota.gpus, "GPU"),
            needed: "at least \(grouped(smallest)), those of the smallest plan of a scheduler"))
        continue
      }
      let models = models.filter { $0.model?.tenant == quota.tenant }.reduce(0) { $0 + $1.count }
      let needed = schedulers.compactMap { floorGPUs(of: $0, models: models) }.max() ?? 0
      if quota.gpus < needed {
        reader.fault(
          quota.tenant,
          .unfit(
            found: counted(quota.gpus, "GPU"),
            needed:
              "at least \(grouped(needed)), those of the replicas that a scheduler has from the "
              + "start (scaling)"))
      }
    }
  }

  /// GPUs of the replicas that so many models have from the start, each as the smallest plan; nil when models
  /// share GPUs, which are then of several tenants.
  private func floorGPUs(of scheduler: Scheduler, models: Int) -> Int? {
    guard let parallelism = scheduler.parallelism?.policy, let scaling = scheduler.scaling?.policy,
      let smallest = parallelism.allPlans.map(\.gpuCount).min(),
      scheduler.engine?.residentsPerGPU == 1
    else { return nil }
    return max(scaling.initialReplicas, scaling.minimumReplicas) * models * smallest
  }
}
