import EventKernel
import Workload

extension Simulator {
  /// Sends waiting requests of a model to replicas, in the order of the queue, while one has room.
  mutating func route(_ model: Int) {
    if models[model].queue.hasChoice { settleReplicas(model) }
    while let slot = models[model].queue.first(models[model].counters.claimed) {
      guard !models[model].views.isEmpty else { return }
      if models[model].completesViews { completeViews(model, for: slot) }
      let record = requests[Int(slot)].record
      let view = RoutedRequestView(
        workload: Int(record.workload), promptTokens: Int(record.promptTokens),
        priorityClass: discipline.rank(ofWorkload: Int(record.workload)),
        number: record.requestID, session: record.session, draws: models[model].routingDraws)
      guard let choice = models[model].routing.route(view, among: models[model].views)
      else { return }
      precondition(models[model].views[choice].hasRoom, "routing chose a full replica")
      models[model].queue.removeFirst(slot)
      models[model].queuedTokens -= Int64(record.promptTokens)
      assign(slot, to: models[model].views[choice].replica)
    }
  }

  /// What only some routing policies ask about replicas, as it is now: those that doze catch up first.
  private mutating func completeViews(_ model: Int, for slot: Int32) {
    let own = discipline.priorityClass(ofWorkload: Int(requests[Int(slot)].record.workload))
    for index in models[model].views.indices {
      let replica = models[model].views[index].replica
      if discipline.preempts, !scheduler.routing.holdsAtReplica {
        let lower = replicas[replica].outstandingByClass.dropFirst(Int(own) + 1).reduce(0, +)
        models[model].views[index].limit = sequencesAtOnce(replica) + Int(lower)
      }
      if models[model].needs.isEmpty { continue }
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

  /// Tokens of a request's prompt in the prefix cache of the engine that it would go to.
  private func cachedTokens(of slot: Int32, in replica: Int) -> Int {
    guard scheduler.engine.keyValue.sharesPrefixes else { return 0 }
    return engines[leastLoadedEngine(replica)].cachedTokens(
      of: contents[Int(slot)], promptTokens: Int(requests[Int(slot)].record.promptTokens))
  }

  /// A request enters a replica's engine.
  private mutating func assign(_ slot: Int32, to replica: Int) {
    if replicas[replica].isDozing { awaken(replica) }
    let record = requests[Int(slot)].record
    requests[Int(slot)].record.replicaID = Int32(replica)
    log?.log(LoggedEvent(now, .assign, record.requestID, Int64(replica)))
    let ticket = discipline.ticket(record)
    let model = Int(replicas[replica].model)
    if models[model].counters.isUsed {
      models[model].counters.handOver(ticket.tenant, prompt: record.promptTokens)
    }
    let engine = leastLoadedEngine(replica)
    engines[engine].enqueue(
      request: slot, prompt: record.promptTokens, output: record.outputTokens,
      content: scheduler.engine.keyValue.sharesPrefixes ? contents[Int(slot)] : .unknown,
      ticket: ticket)
    changeOutstanding(of: replica, by: 1, workload: Int(record.workload))
    if !replicas[replica].hasWork {
      replicas[replica].beginWork(at: now)
      replicas[replica].keepAliveEpoch &+= 1
    }
    if engines[engine].microbatchesInFlight == 0 || !batching[engine].waitsForOldest {
      requestDispatch(replica)
    }
  }

  /// The engine of a replica with the fewest requests; the first of several.
  func leastLoadedEngine(_ replica: Int) -> Int {
    let all = replicas[replica].engines
    return all.min { engines[$0].unfinished < engines[$1].unfinished } ?? all.lowerBound
  }

  /// Keeps the replica's count and the routing policy's view of it in step.
  mutating func changeOutstanding(of replica: Int, by change: Int32, workload: Int) {
    replicas[replica].outstanding += change
    if discipline.preempts {
      let own = Int(discipline.priorityClass(ofWorkload: workload))
      replicas[replica].outstandingByClass[own] += change
    }
    let model = Int(replicas[replica].model)
    if replicas[replica].viewIndex >= 0 {
      models[model].views[replicas[replica].viewIndex].outstanding += Int(change)
    }
  }

  /// Brings what is known of a model's sequences up to now: replicas that doze have been serving them.
  mutating func settleReplicas(_ model: Int) {
    for view in models[model].views where replicas[view.replica].isDozing {
      catchUp(view.replica)
    }
    for replica in models[model].leaving where replicas[Int(replica)].isDozing {
      catchUp(Int(replica))
    }
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
