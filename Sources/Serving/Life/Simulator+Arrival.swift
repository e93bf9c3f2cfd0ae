import EventKernel
import Workload

extension Simulator {
  /// Expects the stream's next request, unless an earlier one is expected already; arrivals end at
  /// `duration` even where the source goes on.
  mutating func expectArrival() {
    guard let time = stream.nextArrival, time < scenario.duration,
      time < expectedArrivals.last ?? .max
    else { return }
    expectedArrivals.append(time)
    push(Event(.arrival, 0), at: time)
  }

  /// A request arrives: it is refused, or waits in its model's queue and is routed at once if it can.
  mutating func arrive() {
    expectedArrivals.removeLast()
    guard stream.nextArrival == now, let arriving = stream.next() else {
      expectArrival()
      return
    }
    let slot = admit(arriving)
    expectArrival()
    let index = Int(slot)
    let model = Int(requests[index].record.model)
    var reason = catalogue.refusal(
      of: model, tokens: Int64(arriving.promptTokens) + Int64(arriving.outputTokens) - 1)
    if reason == .none, asksAdmission { reason = refusal(slot, model) }
    if reason != .none {
      log?.log(LoggedEvent(now, .reject, requests[index].record.requestID, Int64(reason.rawValue)))
      requests[index].record.reason = reason
      leave(slot, as: .rejected)
      return
    }
    join(slot, model)
    if models[model].observesIdleTimes { noteUse(of: model) }
    if models[model].scalingNeeds.contains(.activity) {
      models[model].activity.arrive(promptTokens: arriving.promptTokens, at: now)
    }
    route(model)
    scaleOnArrival(model)
  }

  /// Why the admission policy refuses a request; `none` when it does not.
  private mutating func refusal(_ slot: Int32, _ model: Int) -> RequestReason {
    let record = requests[Int(slot)].record
    let objective = scenario.workloads[Int(record.workload)].objective
    var view = AdmissionView(
      now: now, tenant: Int(discipline.tenant(ofWorkload: Int(record.workload))),
      promptTokens: Int(record.promptTokens), outputTokens: Int(record.outputTokens),
      targets: ServiceTargets(ttft: objective?.ttft))
    if type(of: admission).needsPrediction {
      settleReplicas(model)
      view.predictedTTFT = predictedTTFT(slot, model)
    }
    return admission.refusal(of: view)
  }

  /// A request joins its model's queue; who was away is lifted to those who wait.
  private mutating func join(_ slot: Int32, _ model: Int) {
    let ticket = discipline.ticket(requests[Int(slot)].record)
    if models[model].counters.isUsed {
      if models[model].counters.isAway(ticket.tenant) { settleReplicas(model) }
      models[model].counters.arrive(ticket.tenant)
    }
    models[model].queue.append(slot, ticket)
    models[model].queuedTokens += Int64(requests[Int(slot)].record.promptTokens)
  }

  /// Gives a request a slot and its number.
  private mutating func admit(_ arriving: ArrivingRequest) -> Int32 {
    var record = RequestRecord()
    record.requestID = arrivedRequests
    record.workload = arriving.workload
    record.model = Int32(scenario.model(of: arriving))
    record.promptTokens = arriving.promptTokens
    record.outputTokens = arriving.outputTokens
    record.arrival = now
    record.session = arriving.session
    record.turn = arriving.turn
    arrivedRequests += 1
    metrics.arrived(at: now)
    log?.log(
      LoggedEvent(
        now, .arrive, record.requestID, Int64(record.workload), Int64(record.promptTokens),
        Int64(record.outputTokens), Int64(record.model)))
    let state = RequestState(record: record, mark: now)
    let slot = freeRequests.popLast() ?? Int32(requests.count)
    if Int(slot) < requests.count { requests[Int(slot)] = state } else { requests.append(state) }
    if scheduler.engine.keyValue.sharesPrefixes { keepContent(of: slot) }
    return slot
  }
}
