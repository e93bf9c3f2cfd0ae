import EventKernel

/// What a computation of rates starts from and works with.
struct Filling: Sendable {
  /// Flows that have just started.
  var seedFlows: [Int32] = []

  /// Links that a flow has just left and that could bind until then.
  var seedLinks: [Int32] = []

  /// The flows whose rates are computed, and the links of their paths that can bind.
  var flows: [Int32] = []
  var links: [Int32] = []
  var levels = LevelHeap()

  /// Keys of a link that lie so near to its level that rounding could decide.
  var ties: [Level] = []

  /// Number of the computation, against which flows and links are marked as taken.
  var round = 0
}

extension FlowNetwork {
  /// Computes the rates that the seeds change: of a few flows if that can be, else of all that
  /// links which can bind couple to them.
  ///
  /// The bits are the same (`FlowNetwork+Repair.swift`).
  mutating func refill(at now: Nanoseconds) {
    takeSeeds()
    if !repair() {
      takeComponent()
      fill()
    }
    for flow in filling.flows {
      flows[Int(flow)].run(at: flows[Int(flow)].share, now: now)
      queue.update(flow, time: flows[Int(flow)].segment.completion)
    }
  }

  /// Progressive filling of the flows taken, beside all others as they are.
  ///
  /// Lowest level first: the link with the least to give to each of its flows settles them, and
  /// what they take, in whole grains, is gone from the other links of their paths. Sums of grains
  /// are exact, so what a link has left does not depend on the order of its flows, and levels only
  /// rise.
  mutating func fill() {
    refilledFlows += filling.flows.count
    for flow in filling.flows { flows[Int(flow)].isSettled = false }
    filling.levels.removeAll()
    for link in filling.links { prepare(link) }
    for flow in filling.flows where flows[Int(flow)].rateLimit < .infinity {
      // A flow's limit is a private link, numbered after the links.
      let node = Int32(truncatingIfNeeded: links.count) + flow
      filling.levels.append(Level(bytesPerSecond: flows[Int(flow)].rateLimit, node: node))
    }
    filling.levels.order()
    var unsettled = filling.flows.count
    while unsettled > 0, let lowest = filling.levels.lowest {
      unsettled -= settleFlows(at: lowest)
    }
  }

  /// What a link has for the flows taken, and their number.
  private mutating func prepare(_ link: Int32) {
    var remaining = links[Int(link)].capacity
    var count: Int32 = 0
    var hop = links[Int(link)].firstHop
    while hop != noHop {
      let flow = Int(hops[Int(hop)].flow)
      hop = hops[Int(hop)].nextOnLink
      if flows[flow].mark == filling.round {
        count += 1
      } else {
        remaining -= taken(flows[flow].key)
      }
    }
    links[Int(link)].remaining = remaining
    links[Int(link)].unsettledCount = count
    filling.levels.append(Level(bytesPerSecond: remaining / Double(count), node: link))
  }

  /// Settles the flows that `lowest` bounds, and returns their number.
  private mutating func settleFlows(at lowest: Level) -> Int {
    let node = Int(lowest.node)
    guard node < links.count else {
      filling.levels.removeLowest()
      let flow = Int32(truncatingIfNeeded: node - links.count)
      if flows[Int(flow)].isSettled { return 0 }
      let key = Level(bytesPerSecond: lowest.bytesPerSecond, node: .max)
      settle(flow, at: FairShare(of: lowest.bytesPerSecond, among: 1), key: key)
      return 1
    }
    let count = links[node].unsettledCount
    if count == 0 {
      filling.levels.removeLowest()
      return 0
    }
    let share = FairShare(of: links[node].remaining, among: count)
    if share.bytesPerSecond > lowest.bytesPerSecond {
      // Flows settled elsewhere since have left more for the others.
      filling.levels.replaceLowest(
        with: Level(bytesPerSecond: share.bytesPerSecond, node: lowest.node))
      return 0
    }
    filling.levels.removeLowest()
    var hop = links[node].firstHop
    while hop != noHop {
      let flow = hops[Int(hop)].flow
      hop = hops[Int(hop)].nextOnLink
      if flows[Int(flow)].mark == filling.round && !flows[Int(flow)].isSettled {
        settle(flow, at: share, key: lowest)
      }
    }
    return Int(count)
  }

  private mutating func settle(_ flow: Int32, at share: FairShare, key: Level) {
    let slot = Int(flow)
    flows[slot].isSettled = true
    flows[slot].share = share
    flows[slot].key = key
    var hop = Int(flows[slot].firstHop)
    guard hop >= 0 else { return }
    let rate = taken(key)
    while hop >= 0 {
      let link = Int(hops[hop].link)
      links[link].remaining -= rate
      links[link].unsettledCount -= 1
      hop = Int(hops[hop].nextInPath)
    }
  }
}

extension FlowNetwork {
  /// Takes the flows that started, and those that links of the seeds bound until now.
  private mutating func takeSeeds() {
    filling.round += 1
    filling.links.removeAll(keepingCapacity: true)
    filling.flows.removeAll(keepingCapacity: true)
    for flow in filling.seedFlows where flows[Int(flow)].isActive { take(flow) }
    for position in filling.links.indices { takeFlows(boundBy: filling.links[position]) }
    for link in filling.seedLinks { takeFlows(boundBy: link) }
    filling.seedFlows.removeAll(keepingCapacity: true)
    filling.seedLinks.removeAll(keepingCapacity: true)
  }

  private mutating func takeFlows(boundBy link: Int32) {
    var hop = links[Int(link)].firstHop
    while hop != noHop {
      let flow = hops[Int(hop)].flow
      hop = hops[Int(hop)].nextOnLink
      if flows[Int(flow)].key.node == link { take(flow) }
    }
  }

  /// Takes all flows that links which can bind couple to those taken so far.
  private mutating func takeComponent() {
    var position = 0
    while position < filling.links.count {
      var hop = links[Int(filling.links[position])].firstHop
      while hop != noHop {
        take(hops[Int(hop)].flow)
        hop = hops[Int(hop)].nextOnLink
      }
      position += 1
    }
  }

  /// Takes a flow, and the links of its path that can bind.
  mutating func take(_ flow: Int32) {
    let slot = Int(flow)
    if flows[slot].mark == filling.round { return }
    flows[slot].mark = filling.round
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
