import EventKernel

/// What a computation of rates starts from and works with.
struct Filling: Sendable {
  /// Flows that have just started.
  var seedFlows: [Int32] = []

  /// Links that a flow has just left and that could bind until then.
  var seedLinks: [Int32] = []

  /// The component: links that can bind, and all flows that they couple to the seeds.
  var links: [Int32] = []
  var flows: [Int32] = []
  var levels = LevelHeap()

  /// Number of the computation, against which flows and links are marked as gathered.
  var round = 0
}

extension FlowNetwork {
  /// Computes the rates of the component that the seeds touch.
  ///
  /// Progressive filling, lowest level first: the link with the least to give to each of its
  /// flows settles them, and what they take is gone from the other links of their paths. Within
  /// a component the sequence is a function of its flows alone, so a component computed by
  /// itself has the bits it has in a computation of everything.
  mutating func refill(at now: Nanoseconds) {
    gather()
    filling.levels.removeAll()
    for link in filling.links {
      let record = links[Int(link)]
      links[Int(link)].remaining = record.capacity
      links[Int(link)].unsettledCount = record.flowCount
      let level = record.capacity / Double(record.flowCount)
      filling.levels.append(Level(bytesPerSecond: level, node: link))
    }
    for flow in filling.flows where flows[Int(flow)].rateLimit < .infinity {
      // A flow's limit is a private link, numbered after the links.
      let node = Int32(truncatingIfNeeded: links.count) + flow
      filling.levels.append(Level(bytesPerSecond: flows[Int(flow)].rateLimit, node: node))
    }
    filling.levels.order()
    var unsettled = filling.flows.count
    while unsettled > 0, let lowest = filling.levels.lowest {
      unsettled -= settleFlows(at: lowest, now: now)
    }
  }

  /// Settles the flows that `lowest` bounds, and returns their number.
  private mutating func settleFlows(at lowest: Level, now: Nanoseconds) -> Int {
    let node = Int(lowest.node)
    guard node < links.count else {
      filling.levels.removeLowest()
      let flow = Int32(truncatingIfNeeded: node - links.count)
      if flows[Int(flow)].isSettled { return 0 }
      settle(flow, at: FairShare(of: lowest.bytesPerSecond, among: 1), now: now)
      return 1
    }
    let count = links[node].unsettledCount
    if count == 0 {
      filling.levels.removeLowest()
      return 0
    }
    var share = FairShare(of: links[node].remaining, among: count)
    if share.bytesPerSecond > lowest.bytesPerSecond {
      // Flows settled elsewhere since have left more for the others.
      filling.levels.replaceLowest(
        with: Level(bytesPerSecond: share.bytesPerSecond, node: lowest.node))
      return 0
    }
    if share.bytesPerSecond < lowest.bytesPerSecond {
      // Levels only rise; less can come from rounding alone.
      share = FairShare(of: lowest.bytesPerSecond, among: 1)
    }
    filling.levels.removeLowest()
    var hop = links[node].firstHop
    while hop != noHop {
      let flow = hops[Int(hop)].flow
      hop = hops[Int(hop)].nextOnLink
      if !flows[Int(flow)].isSettled { settle(flow, at: share, now: now) }
    }
    return Int(count)
  }

  private mutating func settle(_ flow: Int32, at share: FairShare, now: Nanoseconds) {
    let slot = Int(flow)
    flows[slot].isSettled = true
    var hop = Int(flows[slot].firstHop)
    while hop >= 0 {
      let link = Int(hops[hop].link)
      links[link].remaining -= share.bytesPerSecond
      links[link].unsettledCount -= 1
      hop = Int(hops[hop].nextInPath)
    }
    flows[slot].run(at: share, now: now)
    queue.update(flow, time: flows[slot].segment.completion)
  }

  /// Collects the seeds and all that links which can bind connect to them.
  private mutating func gather() {
    filling.round += 1
    filling.links.removeAll(keepingCapacity: true)
    filling.flows.removeAll(keepingCapacity: true)
    for flow in filling.seedFlows where flows[Int(flow)].isActive { reach(flow: flow) }
    for link in filling.seedLinks { reach(flowsOn: link) }
    filling.seedFlows.removeAll(keepingCapacity: true)
    filling.seedLinks.removeAll(keepingCapacity: true)
    var position = 0
    while position < filling.links.count {
      reach(flowsOn: filling.links[position])
      position += 1
    }
  }

  private mutating func reach(flowsOn link: Int32) {
    var hop = links[Int(link)].firstHop
    while hop != noHop {
      reach(flow: hops[Int(hop)].flow)
      hop = hops[Int(hop)].nextOnLink
    }
  }

  private mutating func reach(flow: Int32) {
    let slot = Int(flow)
    if flows[slot].mark == filling.round { return }
    flows[slot].mark = filling.round
    flows[slot].isSettled = false
    filling.flows.append(flow)
    var hop = flows[slot].firstHop
    while hop != noHop {
      let link = hops[Int(hop)].link
      hop = hops[Int(hop)].nextInPath
      if links[Int(link)].mark != filling.round && links[Int(link)].canBind {
        links[Int(link)].mark = filling.round
        filling.links.append(link)
      }
    }
  }
}
