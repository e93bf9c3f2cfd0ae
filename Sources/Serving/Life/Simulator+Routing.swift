import EventKernel
import Workload

extension Simulator {
  /// Sends waiting requests of a model to replicas, first come first served, while one has room.
  mutating func route(_ model: Int) {
    while let slot = models[model].queue.first {
      guard !models[model].views.isEmpty else { return }
      if !models[model].needs.isEmpty { completeViews(model, for: slot) }
      let record = requests[Int(slot)].record
      let view = RoutedRequestView(
        workload: Int(record.workload), promptTokens: Int(record.promptTokens),
        number: record.requestID, session: record.session, draws: models[model].routingDraws)
      guard let choice = models[model].routing.route(view, among: models[model].views)
      else { return }
      precondition(models[model].views[choice].hasRoom, "routing chose a full replica")
      _ = models[model].queue.popFirst()
      assign(slot, to: models[model].views[choice].replica)
    }
  }

  /// What only some routing policies ask about replicas, as it is now: those that doze catch up first.
  private mutating func completeViews(_ model: Int, for slot: Int32) {
    for index in models[model].views.indices {
      let replica = models[model].views[index].replica
      if replicas[replica].isDozing { catchUp(replica) }
      var (free, waiting) = (0, 0)
      for engine in replicas[replica].engines {
        free += engines[engine].freeBlocks
        waiting += Int(engines[engine].waitingPrefillTokens)
      }
      models[model].views[index].freeBlocks = free
      models[model].views[index].waitingTokens = waiting
      models[model].views[index].cachedTokens = cachedTokens(of: slot, in: replica)
    }
  }

  /// Tokens of a request's prompt that a replica's prefix cache holds.
  private func cachedTokens(of slot: Int32, in replica: Int) -> Int { 0 }

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
