import EventKernel
import Hardware
import Serving

/// Counts of the system as a whole; a new value is written once its instant is over.
struct Counters {
  struct Counts: Equatable {
    var waiting: Int64 = 0
    var requests: Int64 = 0
    var free: Int64
    var background: Int64 = 0
    /// Free GPUs that no group of 2, 4, 8 inside one NVLink domain can use.
    var stranded: [Int64]
  }

  let process: Int64
  private(set) var counts: Counts
  var shown: Counts?
  private var domainOfGPU: [Int] = []
  private var freeInDomain: [Int64] = []
  static let degrees: [Int64] = [2, 4, 8]

  init(_ cluster: ClusterSpecification, process: Int64) {
    self.process = process
    for node in cluster.nodes {
      let first = freeInDomain.count
      for gpu in 0..<node.gpuCount {
        let domain = first + node.nvlinkDomain(ofGPU: gpu)
        domainOfGPU.append(domain)
        if domain == freeInDomain.count { freeInDomain.append(0) }
        freeInDomain[domain] += 1
      }
    }
    let free = freeInDomain
    counts = Counts(
      free: Int64(domainOfGPU.count),
      stranded: Self.degrees.map { degree in free.reduce(0) { $0 + $1 % degree } })
  }

  mutating func change(waiting: Int64 = 0, requests: Int64 = 0) {
    counts.waiting += waiting
    counts.requests += requests
  }

  mutating func take(_ gpu: Int, byTenant: Bool) { move(gpu, by: -1, byTenant) }

  mutating func giveBack(_ gpu: Int, byTenant: Bool) { move(gpu, by: 1, byTenant) }

  private mutating func move(_ gpu: Int, by change: Int64, _ byTenant: Bool) {
    counts.free += change
    if byTenant { counts.background -= change }
    let domain = domainOfGPU[gpu]
    for (position, degree) in Self.degrees.enumerated() {
      counts.stranded[position] +=
        (freeInDomain[domain] + change) % degree - freeInDomain[domain] % degree
    }
    freeInDomain[domain] += change
  }
}

extension PerfettoWriter {
  /// A replica's counts have changed at this instant.
  func noteCounts(of replica: Int64) {
    guard let told = run?.replicas[replica], !told.hasNewCounts else { return }
    run?.replicas[replica]?.hasNewCounts = true
    run?.countedReplicas.append(replica)
  }

  /// Writes the counts that have changed at the instant that is over.
  func writeCounters() {
    guard let run else { return }
    for replica in run.countedReplicas { writeCounts(of: replica) }
    run.countedReplicas.removeAll(keepingCapacity: true)
    let counts = run.counters.counts
    let shown = run.counters.shown
    guard counts != shown else { return }
    run.counters.shown = counts
    let process = run.counters.process
    if counts.waiting != shown?.waiting || counts.requests != shown?.requests {
      out.counter(
        "requests", of: process, at: now,
        ["waiting": .integer(counts.waiting), "in replicas": .integer(counts.requests)])
    }
    if counts.free != shown?.free || counts.background != shown?.background {
      out.counter(
        "GPUs", of: process, at: now,
        ["free": .integer(counts.free), "background": .integer(counts.background)])
    }
    if counts.stranded != shown?.stranded {
      out.counter(
        "stranded GPUs", of: process, at: now,
        [
          "TP2": .integer(counts.stranded[0]), "TP4": .integer(counts.stranded[1]),
          "TP8": .integer(counts.stranded[2]),
        ])
    }
  }

  /// Writes a replica's counts, unless they are what was written last.
  func writeCounts(of replica: Int64) {
    guard let told = run?.replicas[replica] else { return }
    if told.requests != told.shownRequests {
      out.counter(
        "requests", of: told.process, at: now, ["in replica": .integer(told.requests)])
    }
    if told.blocksUsed != told.shownBlocks {
      out.counter("KV blocks", of: told.process, at: now, ["used": .integer(told.blocksUsed)])
    }
    run?.replicas[replica]?.shownRequests = told.requests
    run?.replicas[replica]?.shownBlocks = told.blocksUsed
    run?.replicas[replica]?.hasNewCounts = false
  }
}
