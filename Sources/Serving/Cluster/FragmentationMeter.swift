import EventKernel

/// How the free GPUs lie, integrated over time: exact, as nothing changes between two changes.
struct FragmentationMeter: Sendable {
  /// NVLink domains, or nodes, with so many free GPUs, and how long there were how many.
  private struct Bin: Sendable {
    var count: Int32 = 0
    var since: Nanoseconds = 0
    /// Count · ns.
    var time: Int128 = 0

    mutating func change(by change: Int32, at now: Nanoseconds) {
      accrue(at: now)
      count += change
    }

    mutating func accrue(at now: Nanoseconds) {
      time += Int128(count) * Int128(now - since)
      since = now
    }
  }

  private var domains: [Bin]
  private var nodes: [Bin]
  private var largest: Int
  private var largestSince: Nanoseconds = 0
  private var largestTime: Int128 = 0
  /// Free GPUs while some demand waits.
  private var free: Int
  private var isWaiting = false
  private var waitingSince: Nanoseconds = 0
  private var waitingTime: Nanoseconds = 0
  private var freeWhileWaiting: Int128 = 0
  private var begun: Nanoseconds = 0

  /// Everything free.
  init(domains sizes: [Int32], nodes nodeSizes: [Int32]) {
    domains = Array(repeating: Bin(), count: Int(sizes.max() ?? 0) + 1)
    nodes = Array(repeating: Bin(), count: Int(nodeSizes.max() ?? 0) + 1)
    for size in sizes { domains[Int(size)].count += 1 }
    for size in nodeSizes { nodes[Int(size)].count += 1 }
    largest = Int(sizes.max() ?? 0)
    free = nodeSizes.reduce(0) { $0 + Int($1) }
  }

  /// The most free GPUs that lie in one NVLink domain.
  var largestBlock: Int { largest }

  /// A GPU was taken (-1) or given back (+1) where a domain and a node then have so many free.
  mutating func changed(by change: Int, domain: Int, node: Int, at now: Nanoseconds) {
    domains[domain - change].change(by: -1, at: now)
    domains[domain].change(by: 1, at: now)
    nodes[node - change].change(by: -1, at: now)
    nodes[node].change(by: 1, at: now)
    accrueWaiting(at: now)
    free += change
    if domain > largest || domains[largest].count == 0 {
      largestTime += Int128(largest) * Int128(now - largestSince)
      largestSince = now
      largest = max(largest, domain)
      while largest > 0, domains[largest].count == 0 { largest -= 1 }
    }
  }

  /// Some demand waits, or none does any more.
  mutating func setWaiting(_ isWaiting: Bool, at now: Nanoseconds) {
    guard isWaiting != self.isWaiting else { return }
    accrueWaiting(at: now)
    self.isWaiting = isWaiting
  }

  private mutating func accrueWaiting(at now: Nanoseconds) {
    if isWaiting {
      waitingTime += now - waitingSince
      freeWhileWaiting += Int128(free) * Int128(now - waitingSince)
    }
    waitingSince = now
  }

  /// Forgets the past.
  mutating func reset(at now: Nanoseconds) {
    accrue(at: now)
    for index in domains.indices { domains[index].time = 0 }
    for index in nodes.indices { nodes[index].time = 0 }
    (largestTime, waitingTime, freeWhileWaiting, begun) = (0, 0, 0, now)
  }

  private mutating func accrue(at now: Nanoseconds) {
    for index in domains.indices { domains[index].accrue(at: now) }
    for index in nodes.indices { nodes[index].accrue(at: now) }
    largestTime += Int128(largest) * Int128(now - largestSince)
    largestSince = now
    accrueWaiting(at: now)
  }

  /// Free GPUs that are fragments for a mix of groups, now.
  func fragments(_ measure: FragmentMeasure) -> Double {
    var sum = 0.0
    for free in domains.indices where domains[free].count > 0 {
      sum += Double(domains[free].count) * measure.fragments(ofDomain: free)
    }
    for free in nodes.indices where nodes[free].count > 0 {
      sum += Double(nodes[free].count) * measure.fragments(ofNode: free)
    }
    return sum
  }

  /// The means from the beginning until now.
  mutating func summary(_ measure: FragmentMeasure, at now: Nanoseconds) -> FragmentationSummary {
    accrue(at: now)
    var summary = FragmentationSummary()
    let length = Double(now - begun)
    guard length > 0 else { return summary }
    func mean(_ value: (Int) -> Int) -> Double {
      let sum = domains.indices.reduce(Int128(0)) { $0 + Int128(value($1)) * domains[$1].time }
      return Double(sum) / length
    }
    summary.freeGPUs = mean { $0 }
    summary.strandedTP2 = mean { $0 % 2 }
    summary.strandedTP4 = mean { $0 % 4 }
    summary.strandedTP8 = mean { $0 % 8 }
    summary.largestBlock = Double(largestTime) / length
    summary.blocks = domains.map { Double($0.time) / length }
    for free in domains.indices {
      summary.fragmentedGPUs += summary.blocks[free] * measure.fragments(ofDomain: free)
    }
    for free in nodes.indices {
      let mean = Double(nodes[free].time) / length
      summary.fragmentedGPUs += mean * measure.fragments(ofNode: free)
    }
    summary.freeWhileWaiting = Double(freeWhileWaiting) / length
    summary.waitingShare = Double(waitingTime) / length
    return summary
  }
}
