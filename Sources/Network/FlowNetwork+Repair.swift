/// Repairing rates where they change, and only there.
///
/// Filling everything settles flows in the order of their keys: the level at which a flow is settled and
/// the link that settles it. Keys are those of filling everything when each link is right, which can be
/// told link by link, exactly: before the flows of a key are settled, the level that all lower ones leave
/// is above that key, or is that key where this very link settles them, and then all that are left.
///
/// So the flows of the seeds are filled beside all others, and where a link of their paths is not right,
/// the flows that cannot stay are taken too, until all links are right.
extension FlowNetwork {
  /// Returns whether it came to an end; if not, the flows taken so far are part of what must be filled.
  mutating func repair() -> Bool {
    // Work on half of all flows may be in vain before everything is filled at once.
    var budget = max(8, flowCount / 2)
    while filling.flows.count <= budget {
      budget -= filling.flows.count
      fill()
      let taken = filling.flows.count
      for position in filling.links.indices { takeWrongFlows(on: filling.links[position]) }
      if filling.flows.count == taken { return true }
    }
    return false
  }

  /// Takes the flows that cannot keep their keys because of a link.
  private mutating func takeWrongFlows(on link: Int32) {
    var bound = Level(bytesPerSecond: .infinity, node: link)
    var highest = Level(bytesPerSecond: -1, node: -1)
    var hop = links[Int(link)].firstHop
    while hop != noHop {
      let key = flows[Int(hops[Int(hop)].flow)].key
      hop = hops[Int(hop)].nextOnLink
      if key.node == link && key < bound { bound = key }
      if highest < key { highest = key }
    }
    let isBound = bound.bytesPerSecond < .infinity
    let top = isBound ? bound : highest
    let level = Level(bytesPerSecond: level(of: link, above: top), node: link)
    let isRight =
      isBound
      ? !(bound < highest) && level.bytesPerSecond == bound.bytesPerSecond : highest < level
    if !isRight {
      takeFlows(on: link, from: level < top ? level : top)
    } else if let wrong = tie(below: top, level: level.bytesPerSecond, on: link) {
      takeFlows(on: link, from: wrong)
    }
  }

  /// The level of a link that would have come before flows settled elsewhere at nearly the same, nil
  /// when none would have.
  ///
  /// Farther below its level than all grains together, rounding decides nothing.
  private mutating func tie(below top: Level, level: Double, on link: Int32) -> Level? {
    let least = level - Double(links[Int(link)].flowCount + 3) * grain
    filling.ties.removeAll(keepingCapacity: true)
    var remaining = links[Int(link)].capacity
    var count = 0
    var hop = links[Int(link)].firstHop
    while hop != noHop {
      let key = flows[Int(hops[Int(hop)].flow)].key
      hop = hops[Int(hop)].nextOnLink
      if key.bytesPerSecond < least {
        remaining -= taken(key)
      } else {
        count += 1
        if key < top { filling.ties.append(key) }
      }
    }
    if filling.ties.isEmpty { return nil }
    filling.ties.sort { $0 < $1 }
    var previous: Level?
    for key in filling.ties {
      let reached = Level(bytesPerSecond: remaining / Double(count), node: link)
      let isNew = previous.map { $0 < key } ?? true
      if isNew, reached < key { return reached }
      previous = key
      remaining -= taken(key)
      count -= 1
    }
    return nil
  }

  /// Bytes per second that a link gives to each flow with a key not below `key`.
  private func level(of link: Int32, above key: Level) -> Double {
    var remaining = links[Int(link)].capacity
    var count = 0
    var hop = links[Int(link)].firstHop
    while hop != noHop {
      let other = flows[Int(hops[Int(hop)].flow)].key
      hop = hops[Int(hop)].nextOnLink
      if other < key {
        remaining -= taken(other)
      } else {
        count += 1
      }
    }
    return remaining / Double(count)
  }

  private mutating func takeFlows(on link: Int32, from key: Level) {
    var hop = links[Int(link)].firstHop
    while hop != noHop {
      let flow = hops[Int(hop)].flow
      hop = hops[Int(hop)].nextOnLink
      if !(flows[Int(flow)].key < key) { take(flow) }
    }
  }
}
