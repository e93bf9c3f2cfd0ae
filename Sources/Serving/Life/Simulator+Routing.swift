import EventKernel
import Workload

extension Simulator {
  /// Sends waiting requests of a model to replicas, first come first served, while one has room.
  mutating func route(_ model: Int) {
    while let slot = models[model].queue.first {
      let record = requests[Int(slot)].record
      let view = RoutedRequestView(
        workload: Int(record.workload), promptTokens: Int(record.promptTokens))
      guard !models[model].views.isEmpty,
        let choice = models[model].routing.route(view, among: models[model].views)
      else { return }
      precondition(models[model].views[choice].hasRoom, "routing chose a full replica")
      _ = models[model].queue.popFirst()
      assign(slot, to: models[model].views[choice].replica)
    }
  }

  /// A request enters a replica's engine.
  private mutating func assign(_ slot: Int32, to replica: Int) {
    if replicas[replica].isDozing { awaken(replica) }
    let record = requests[Int(slot)].record
    requests[Int(slot)].record.replicaID = Int32(replica)
    log?.log(LoggedEvent(now, .assign, record.requestID, Int64(replica)))
    let engine = leastLoadedEngine(replica)
    engines[engine].enqueue(
      request: slot, prompt: record.promptTokens, output: record.outputTokens)
    changeOutstanding(of: replica, by: 1)
    if !replicas[replica].hasWork {
      replicas[replica].beginWork(at: now)
      replicas[replica].keepAliveEpoch &+= 1
    }
    if engines[engine].microbatchesInFlight == 0 || !batching[engine].waitsForOldest {
      requestDispatch(replica)
    }
  }

  /// The engine of a replica with the fewest requests; the first of several.
  private func leastLoadedEngine(_ replica: Int) -> Int {
    let all = replicas[replica].engines
    return all.min { engines[$0].unfinished < engines[$1].unfinished } ?? all.lowerBound
  }

  /// Keeps the replica's count and the routing policy's view of it in step.
  mutating func changeOutstanding(of replica: Int, by change: Int32) {
    replicas[replica].outstanding += change
    let model = Int(replicas[replica].model)
    models[model].views[replicas[replica].viewIndex].outstanding += Int(change)
  }

  /// Asks for a batch to be formed once everything of this instant has happened.
  mutating func requestDispatch(_ replica: Int) {
    guard !replicas[replica].isDispatchPending else { return }
    replicas[replica].isDispatchPending = true
    if nextDispatch < 0 {
      nextDispatch = Int32(replica)
    } else {
      push(Event(.dispatch, Int32(replica)), at: now)
    }
  }
}
