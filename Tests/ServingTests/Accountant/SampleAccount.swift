import EventKernel
import Hardware
import Serving

/// The state of the system at one instant, as the event log tells it.
struct SampleAccount {
  var time: Nanoseconds
  var waiting: Int64 = 0
  var inReplicas: Int64 = 0
  var ready: Int64 = 0
  var coming: Int64 = 0
  var freeGPUs: Int64 = 0
  var backgroundGPUs: Int64 = 0
  /// Free GPUs that no group of 2, 4, 8 inside one NVLink domain can use.
  var stranded: [Int64] = [0, 0, 0]
  /// The most free GPUs in one NVLink domain.
  var largestBlock: Int64 = 0
  /// Demands without GPUs, of replicas and of tenants.
  var waitingDemands: Int64 = 0
  var blocks: Int64 = 0
  var blocksUsed: Int64 = 0
}

extension Accountant {
  /// The state after everything told so far.
  func sampleAccount() -> SampleAccount {
    var sample = SampleAccount(time: nextSample)
    for request in requests where request.end == nil && request.replica < 0 { sample.waiting += 1 }
    for replica in replicas {
      if replica.isComing { sample.coming += 1 }
      if replica.isComing, replica.granted == nil { sample.waitingDemands += 1 }
      if replica.isUp {
        if !replica.isDraining { sample.ready += 1 }
        sample.inReplicas += replica.outstanding
        sample.blocks += replica.usableBlocks
        sample.blocksUsed += replica.blocksHeld
      }
    }
    sample.waitingDemands += Int64(tenants.count { $0.value.granted == nil })
    var first = 0
    for node in cluster.nodes {
      var freeInDomain: [Int: Int64] = [:]
      for offset in 0..<node.gpuCount {
        let gpu = gpus[first + offset]
        if gpu.tenant != nil { sample.backgroundGPUs += 1 }
        if gpu.isFree {
          sample.freeGPUs += 1
          freeInDomain[node.nvlinkDomain(ofGPU: offset), default: 0] += 1
        }
      }
      for (position, degree) in [Int64(2), 4, 8].enumerated() {
        sample.stranded[position] += freeInDomain.values.reduce(0) { $0 + $1 % degree }
      }
      sample.largestBlock = max(sample.largestBlock, freeInDomain.values.max() ?? 0)
      first += node.gpuCount
    }
    return sample
  }
}
