import EventKernel
import Inference
import Network

/// From stage to stage: a micro-batch leaves, crosses the links and arrives.
///
/// A hop is priced at the share of the links that bulk flows leave (`Simulator+Links.swift`), or, as the
/// exact reference, it is a flow for each rank of the stage. In both the messages of one pipeline follow
/// one another over the links, and latency overlaps with the message before.
extension Simulator {
  /// The micro-batch's activations travel to the next stage.
  mutating func sendOn(_ batch: Int, from stage: Int) {
    if isFlow(stages[stage].hop) {
      startHop(batch, from: stage, until: nil, bytes: hopBytes(batch, from: stage))
      stages[stage].hop.leaving.append(Int32(batch))
      if stages[stage].hop.leaving.count == 1 { sendNext(from: stage) }
      scheduleFlows()
      return
    }
    priceHop(stage)
    let tokens = batches[batch].shape.tokens
    let way = Int(stages[stage].way)
    let arrival = clocks[way].send(at: now, hopPrice(stage, tokens: tokens))
    clocks[stage].hopTokens += Int64(tokens)
    startHop(batch, from: stage, until: arrival, bytes: hopBytes(batch, from: stage))
    push(Event(.hopArrival, Int32(stage + 1)), at: arrival)
  }

  /// The sampled tokens go back to the engine: a few bytes, so only the latency counts.
  mutating func sendBack(_ batch: Int, from stage: Int) {
    let arrival = now + (stages[stage].hop.terms?.latencyNanoseconds ?? 0)
    startHop(batch, from: stage, until: arrival, bytes: 0)
    push(Event(.batchReturn, Int32(stage)), at: arrival)
  }

  private mutating func startHop(
    _ batch: Int, from stage: Int, until arrival: Nanoseconds?, bytes: Int64
  ) {
    stages[stage].hop.travelling.append(Int32(batch))
    batches[batch].since = now
    batches[batch].state = .hopping
    log?.log(
      LoggedEvent(
        now, .hop, batches[batch].number, Int64(stages[stage].index),
        arrival.map { $0 - now } ?? -1, bytes))
  }

  /// The oldest micro-batch on its way to a stage arrives.
  mutating func arriveAtStage(_ stage: Int) {
    guard let slot = stages[stage - 1].hop.travelling.popFirst() else { return }
    let batch = Int(slot)
    batches[batch].sums.commPipeline += now - batches[batch].since
    endHop(batch)
    if !scheduler.engine.asynchronousHops { freeLane(ofStage: stage - 1) }
    enterStage(stage, batch: batch)
  }
}

/// Hops as flows.
extension Simulator {
  /// Whether a hop is a flow; where times were measured, links do not decide.
  private func isFlow(_ hop: Hop) -> Bool {
    scheduler.engine.simulatedHops && hop.terms.map { !$0.isMeasured } ?? false
  }

  private func hopBytes(_ batch: Int, from stage: Int) -> Int64 {
    Int64(batches[batch].shape.tokens) * (stages[stage].hop.terms?.bytesPerToken ?? 0)
  }

  /// The bytes that a rank sends of a hop; together they are all.
  private func rankBytes(_ rank: Int, of bytes: Int64, ranks: Int) -> Int64 {
    bytes * Int64(rank + 1) / Int64(ranks) - bytes * Int64(rank) / Int64(ranks)
  }

  /// The mark of a hop's flow among the tags; then follow its stage and its rank, in 16 bits.
  static var hopTag: UInt64 { 1 << 63 }

  /// The first micro-batch in line sets out: each rank of the stage sends its part over its own links.
  private mutating func sendNext(from stage: Int) {
    guard let slot = stages[stage].hop.leaving.first else { return }
    let bytes = hopBytes(Int(slot), from: stage)
    let limit = stages[stage].hop.terms?.localBandwidthBytesPerSecond
    let paths = stages[stage].hop.rankPaths
    let parts = paths.indices.map { rankBytes($0, of: bytes, ranks: paths.count) }
    stages[stage].hop.flows = network.batch(at: now) { [now] network in
      paths.indices.map { rank in
        network.start(
          bytes: parts[rank], over: paths[rank], rateLimit: limit,
          tag: Self.hopTag | UInt64(stage) << 16 | UInt64(rank), at: now)
      }
    }
    stages[stage].hop.ranksLeaving = Int32(paths.count)
  }

  /// A rank's part is through; with the last one the micro-batch arrives after the latency, and the
  /// next in line sets out.
  mutating func endHopFlow(tag: UInt64) {
    let stage = Int((tag & ~Self.hopTag) >> 16)
    let rank = Int(tag & 0xffff)
    guard let slot = stages[stage].hop.leaving.first else { return }
    let paths = stages[stage].hop.rankPaths
    credit(
      rankBytes(rank, of: hopBytes(Int(slot), from: stage), ranks: paths.count), over: paths[rank])
    stages[stage].hop.flows[rank] = nil
    stages[stage].hop.ranksLeaving -= 1
    if stages[stage].hop.ranksLeaving > 0 { return }
    _ = stages[stage].hop.leaving.popFirst()
    let latency = stages[stage].hop.terms?.latencyNanoseconds ?? 0
    let batch = batches[Int(slot)]
    log?.log(
      LoggedEvent(
        now, .sent, batch.number, Int64(stages[stage].index), latency, now - batch.since))
    push(Event(.hopArrival, Int32(stage + 1)), at: now + latency)
    sendNext(from: stage)
  }

  /// At the end of the run: what hops under way have sent so far.
  mutating func creditHopsUnderWay() {
    for stage in stages.indices {
      for (rank, flow) in stages[stage].hop.flows.enumerated() {
        guard let flow else { continue }
        credit(network.sentBytes(by: flow, at: now), over: stages[stage].hop.rankPaths[rank])
      }
    }
  }

  private mutating func credit(_ bytes: Int64, over path: [LinkID]) {
    for link in path { topology.creditHop(bytes, on: link, isFlow: true) }
  }
}
