public import EventKernel

/// Bulk transfers over shared links, max-min fair at every instant.
///
/// Max-min fair: no flow can have more without another, which has no more than it, having less.
/// Rates depend only on which flows run: not on the order of calls within an instant, and not on
/// which slots the flows have. A flow whose rate does not change is not touched.
public struct FlowNetwork: Sendable {
  var links: [Link] = []
  var flows: [Flow] = []
  var hops: [Hop] = []
  var queue = CompletionQueue()
  private var freeFlows: [Int32] = []
  private var freeHop = noHop
  private var startCount: Int64 = 0
  private var isBatching = false

  /// Time of the last change, ns; time does not go back.
  private(set) var clock: Nanoseconds = .min

  /// The rates that links are charged with are multiples of it, bytes/s: the last digit of the widest
  /// link's capacity, so that their sums are exact on every link.
  private(set) var grain = 0.0

  // Scratch of the filling, kept so that the steady state allocates nothing.
  var filling = Filling()

  /// Increases with every change of rates.
  public private(set) var changeCount = 0

  /// Rates computed so far, over all changes: how much work the changes were.
  public internal(set) var refilledFlows = 0

  /// A network without links.
  public init() {}

  /// Number of links added so far.
  public var linkCount: Int { links.count }

  /// Number of flows that run.
  public var flowCount: Int { flows.count - freeFlows.count }

  /// Adds a link that carries `capacityBytesPerSecond`, positive and below 10^15, before flows start.
  public mutating func addLink(capacityBytesPerSecond capacity: Double) -> LinkID {
    precondition(capacity > 0 && capacity < 1e15, "a link's capacity is positive and finite")
    precondition(startCount == 0, "links are added before flows start")
    grain = max(grain, capacity.ulp)
    links.append(Link(capacity: capacity))
    return LinkID(links.count - 1)
  }

  /// Starts a bulk transfer over the links of `path` at `now`.
  ///
  /// `rateLimit` (bytes/s) caps the flow itself, and a path may be empty only with one. `tag`
  /// comes back at completion.
  public mutating func start(
    bytes: Int64, over path: [LinkID], rateLimit: Double?, tag: UInt64, at now: Nanoseconds
  ) -> FlowID {
    precondition(bytes >= 0 && bytes <= 1 << 53, "a flow's size is countable")
    precondition(!path.isEmpty || rateLimit != nil, "a flow needs a link or a limit")
    if let rateLimit {
      precondition(rateLimit > 0 && rateLimit < 1e15, "a rate limit is positive and finite")
    }
    advance(to: now)
    startCount += 1
    let slot = takeSlot(Flow(tag: tag, bytes: bytes, order: startCount, at: now))
    queue.insert(slot, order: startCount, time: flows[Int(slot)].segment.completion)
    if bytes > 0 {
      attach(slot, to: path, rateLimit: rateLimit ?? .infinity)
      filling.seedFlows.append(slot)
      recompute()
    }
    return FlowID(slot)
  }

  /// Ends a flow before its completion; the bytes sent so far stay credited to its links.
  public mutating func cancel(_ flow: FlowID, at now: Nanoseconds) {
    precondition(isRunning(flow), "the flow has ended")
    advance(to: now)
    let changesRates = flows[Int(flow.index)].bytes > 0
    remove(flow.index)
    if changesRates { recompute() }
  }

  /// Makes the starts and cancels of `body`, all at `now`, one change with one computation.
  ///
  /// The outcome is the same as without; rates and completions must not be read inside.
  public mutating func batch<Result>(
    at now: Nanoseconds, _ body: (inout FlowNetwork) throws -> Result
  ) rethrows -> Result {
    precondition(!isBatching, "batches do not nest")
    advance(to: now)
    let countBefore = changeCount
    isBatching = true
    defer {
      isBatching = false
      if changeCount > countBefore { refill(at: clock) }
    }
    return try body(&self)
  }

  /// Earliest time at which a flow ends, nil when none runs; rates are constant until then.
  public var nextCompletion: Nanoseconds? { queue.first?.time }

  /// Advances to `now`, at most `nextCompletion`, removes every flow that is complete then and
  /// appends their tags to `ended` in the order of their starts.
  public mutating func complete(at now: Nanoseconds, into ended: inout [UInt64]) {
    advance(to: now)
    var changesRates = false
    while let first = queue.first, first.time <= now {
      let flow = flows[Int(first.flow)]
      changesRates = changesRates || flow.bytes > 0
      ended.append(flow.tag)
      remove(first.flow)
    }
    if changesRates { recompute() }
  }
}

extension FlowNetwork {
  /// Bytes per second that a flow of this key takes from its links: its rate in whole grains.
  @inline(__always)
  func taken(_ key: Level) -> Double { Double(Int64(key.bytesPerSecond / grain)) * grain }

  func isRunning(_ flow: FlowID) -> Bool {
    Int(flow.index) < flows.count && flows[Int(flow.index)].isActive
  }

  private mutating func advance(to now: Nanoseconds) {
    precondition(now >= clock, "time does not go back")
    precondition(!isBatching || now == clock, "a batch is one instant")
    if let first = queue.first {
      precondition(now <= first.time, "a flow has ended before this time; complete it first")
    }
    clock = now
  }

  /// Counts the change and computes the rates that it touches, unless a batch goes on.
  private mutating func recompute() {
    changeCount += 1
    if !isBatching { refill(at: clock) }
  }

  private mutating func takeSlot(_ flow: Flow) -> Int32 {
    if let slot = freeFlows.popLast() {
      flows[Int(slot)] = flow
      return slot
    }
    flows.append(flow)
    return Int32(truncatingIfNeeded: flows.count - 1)
  }

  private mutating func attach(_ slot: Int32, to path: [LinkID], rateLimit: Double) {
    var narrowest = Double.infinity
    for link in path { narrowest = min(narrowest, links[Int(link.index)].capacity) }
    let bound = Flow.demandBound(min(narrowest, rateLimit))
    flows[Int(slot)].demandBound = bound
    flows[Int(slot)].rateLimit = rateLimit < narrowest ? rateLimit : .infinity
    for link in path.reversed() {
      let hop = takeHop(flow: slot, link: link.index, before: flows[Int(slot)].firstHop)
      flows[Int(slot)].firstHop = hop
      join(hop, Int(link.index), bound: bound)
    }
  }

  private mutating func join(_ hop: Int32, _ link: Int, bound: Int64) {
    let last = links[link].lastHop
    if last == noHop {
      links[link].firstHop = hop
      links[link].busySince = clock
    } else {
      precondition(hops[Int(last)].flow != hops[Int(hop)].flow, "a path names a link twice")
      hops[Int(last)].nextOnLink = hop
      hops[Int(hop)].previousOnLink = last
    }
    links[link].lastHop = hop
    links[link].flowCount += 1
    links[link].demandBound += bound
  }

  private mutating func takeHop(flow: Int32, link: Int32, before next: Int32) -> Int32 {
    let hop = Hop(
      flow: flow, link: link, nextInPath: next, previousOnLink: noHop, nextOnLink: noHop)
    let slot = freeHop
    guard slot != noHop else {
      hops.append(hop)
      return Int32(truncatingIfNeeded: hops.count - 1)
    }
    freeHop = hops[Int(slot)].nextInPath
    hops[Int(slot)] = hop
    return slot
  }

  /// Takes a flow out, credits what it sent, and notes the links whose other flows may gain.
  private mutating func remove(_ slot: Int32) {
    let flow = flows[Int(slot)]
    let sent = flow.sentBytes(at: clock)
    var hop = flow.firstHop
    while hop != noHop {
      let next = hops[Int(hop)].nextInPath
      let link = Int(hops[Int(hop)].link)
      if links[link].canBind { filling.seedLinks.append(hops[Int(hop)].link) }
      leave(hop, link)
      links[link].demandBound -= flow.demandBound
      links[link].creditedBytes += sent
      hops[Int(hop)].nextInPath = freeHop
      freeHop = hop
      hop = next
    }
    queue.remove(slot)
    flows[Int(slot)].isActive = false
    freeFlows.append(slot)
  }

  private mutating func leave(_ hop: Int32, _ link: Int) {
    let previous = hops[Int(hop)].previousOnLink
    let next = hops[Int(hop)].nextOnLink
    if previous == noHop {
      links[link].firstHop = next
    } else {
      hops[Int(previous)].nextOnLink = next
    }
    if next == noHop {
      links[link].lastHop = previous
    } else {
      hops[Int(next)].previousOnLink = previous
    }
    links[link].flowCount -= 1
    if links[link].flowCount == 0 {
      links[link].busyBefore += clock - links[link].busySince
    }
  }
}
