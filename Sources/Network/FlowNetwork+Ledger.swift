public import EventKernel

extension FlowNetwork {
  /// A running flow's present rate in bytes/s; 0 for a flow of no bytes.
  public func rate(of flow: FlowID) -> Double {
    precondition(isRunning(flow), "the flow has ended")
    return flows[Int(flow.index)].segment.rate
  }

  /// Whole bytes that a running flow has sent by `now`.
  public func sentBytes(by flow: FlowID, at now: Nanoseconds) -> Int64 {
    precondition(isRunning(flow), "the flow has ended")
    return flows[Int(flow.index)].sentBytes(at: now)
  }

  /// Number of flows that run over `link`.
  public func activeFlows(on link: LinkID) -> Int {
    Int(links[Int(link.index)].flowCount)
  }

  /// Capacity of `link` in bytes/s.
  public func capacity(of link: LinkID) -> Double { links[Int(link.index)].capacity }

  /// What one more transfer would get on `link`, bytes/s.
  ///
  /// It is what the flows leave, or an equal part if that is more, and prices hops and
  /// collectives beside the bulk flows.
  public func share(on link: LinkID) -> Double {
    let record = links[Int(link.index)]
    let equalPart = record.capacity / Double(record.flowCount + 1)
    return max(record.capacity - bulkRate(on: link), equalPart)
  }

  /// Sum of the rates over `link`, bytes/s.
  ///
  /// Each is taken to the nearest 1/1024, which makes the sum exact below 8 TB/s and so free of
  /// the order of starts.
  public func bulkRate(on link: LinkID) -> Double {
    var sum = 0.0
    var hop = links[Int(link.index)].firstHop
    while hop != noHop {
      sum += Double(Int64(flows[Int(hops[Int(hop)].flow)].segment.rate * 1_024 + 0.5))
      hop = hops[Int(hop)].nextOnLink
    }
    return sum / 1_024
  }

  /// Bulk bytes that `link` has carried by `now`, those of running flows included.
  public func bytesCarried(on link: LinkID, at now: Nanoseconds) -> Int64 {
    precondition(now >= clock, "time does not go back")
    var bytes = links[Int(link.index)].creditedBytes
    var hop = links[Int(link.index)].firstHop
    while hop != noHop {
      bytes += flows[Int(hops[Int(hop)].flow)].sentBytes(at: now)
      hop = hops[Int(hop)].nextOnLink
    }
    return bytes
  }

  /// Time by `now` during which at least one flow ran over `link`, ns.
  public func busyNanoseconds(on link: LinkID, at now: Nanoseconds) -> Nanoseconds {
    precondition(now >= clock, "time does not go back")
    let record = links[Int(link.index)]
    return record.busyBefore + (record.flowCount > 0 ? now - record.busySince : 0)
  }
}
