import Serving

extension ScenarioDecoding {
  /// Tells the policies of requests that ask for what no workload has.
  func checkTraffic(of schedulers: [Scheduler], _ workloads: [DecodedWorkload]) {
    for scheduler in schedulers { checkSessions(of: scheduler, workloads) }
  }

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
}
