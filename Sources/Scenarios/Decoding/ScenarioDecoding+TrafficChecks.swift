import Serving
import Workload

extension ScenarioDecoding {
  /// Tells the policies of requests that ask for what no workload has.
  func checkTraffic(of schedulers: [Scheduler], _ workloads: [DecodedWorkload]) {
    for scheduler in schedulers {
      checkSessions(of: scheduler, workloads)
      checkTargets(of: scheduler, workloads)
      checkTenants(scheduler.admission?.policy, scheduler.admission?.choice, workloads)
      checkTenants(scheduler.queue?.policy, scheduler.queue?.choice, workloads)
    }
  }

  /// Sticky routing without anything to stick to.
  private func checkSessions(of scheduler: Scheduler, _ workloads: [DecodedWorkload]) {
    guard let (policy, choice) = scheduler.routing, type(of: policy).needs.contains(.sessions),
      !workloads.contains(where: \.hasSessions)
    else { return }
    let others = catalogue.routing.filter { !$0.needs.contains(.sessions) }.map { $0.name }
    choice.reader.fault(
      "policy",
      .unfit(
        found: "\"\(type(of: policy).name)\", and no workload with sessions",
        needed: "\"sessions\", a closed loop or a trace with a column session in some workload, "
          + "or one of " + others.joined(separator: ", ")))
  }

  /// Admission by a target that no workload has.
  private func checkTargets(of scheduler: Scheduler, _ workloads: [DecodedWorkload]) {
    guard let (policy, choice) = scheduler.admission,
      !workloads.contains(where: { workload in
        let ttft = workload.specification.objective?.ttft
        return policy.concerns(ServiceTargets(ttft: ttft))
      })
    else { return }
    choice.reader.fault(
      "policy",
      .unfit(
        found: "\"\(type(of: policy).name)\", and no workload with a TTFT target",
        needed: "\"slo\": { \"ttft\": … } in some workload, or \"ttft\" here"))
  }

  /// Numbers for tenants that no workload has.
  private func checkTenants(
    _ policy: (any Policy)?, _ choice: PolicyChoice?, _ workloads: [DecodedWorkload]
  ) {
    guard let policy, let choice else { return }
    let known = workloads.reduce(into: [String]()) { names, workload in
      let tenant = workload.specification.tenant
      if !names.contains(tenant) { names.append(tenant) }
    }
    for option in type(of: policy).options {
      guard case .tenants = option.kind, let object = choice.reader.object(option.key, .optional)
      else { continue }
      for name in object.memberNames where !known.contains(name) {
        object.fault(
          name,
          .unknownName(
            found: name, kind: "a tenant of the workloads",
            suggestion: suggestion(for: name, among: known), known: known))
      }
    }
  }
}
