import EventKernel
import Serving

/// Demands for GPUs and samples: whether the records say what the event log says.
extension Accountant {
  func compareAllocations(_ records: MemorySink, same: (Int64, Int64, String) -> Void) {
    let ours = records.allocations.filter { $0.kind == .replica }
    // Who takes over on GPUs that are there asks for none.
    let demanding = Int64(replicas.count { !$0.isInPlace })
    same(Int64(ours.count), demanding, "number of demands")
    for record in ours where replicas.indices.contains(Int(record.subject)) {
      let told = replicas[Int(record.subject)]
      let name = "demand of replica \(told.number)"
      same(Int64(record.model), told.model, "\(name) model")
      same(Int64(record.gpusAsked), told.gpusAsked, "\(name) GPUs asked")
      same(record.demanded, told.demanded, "\(name) demanded")
      same(record.granted ?? -1, told.granted ?? -1, "\(name) granted")
      let abandoned = told.granted == nil ? told.withdrawn ?? end ?? -1 : -1
      same(record.abandoned ?? -1, abandoned, "\(name) abandoned")
      same(record.waits.total, record.waited, "\(name) wait by cause")
      same(Int64(record.tensor), told.granted == nil ? 0 : told.tensor, "\(name) tensor")
      same(Int64(record.stages), told.granted == nil ? 0 : told.stages, "\(name) stages")
      let gpus = told.stageAccounts.flatMap(\.gpus)
      same(record.gpus.map(Int64.init) == gpus ? 1 : 0, 1, "\(name) GPUs")
    }
    // Tenants of the steady state have no demand of their own; they are told at time zero.
    let asking = tenants.filter { $0.value.demanded > 0 }
    let theirs = records.allocations.filter { $0.kind == .background && $0.demanded > 0 }
    same(Int64(theirs.count), Int64(asking.count), "number of tenants' demands")
    for record in theirs {
      guard let told = asking[Int64(record.subject)] else {
        same(0, 1, "tenant \(record.subject) is told")
        continue
      }
      let name = "demand of tenant \(record.subject)"
      same(Int64(record.gpusAsked), told.gpusAsked, "\(name) GPUs asked")
      same(record.demanded, told.demanded, "\(name) demanded")
      same(record.granted ?? -1, told.granted ?? -1, "\(name) granted")
      same(record.waits.total, record.waited, "\(name) wait by cause")
      same(
        record.abandoned ?? -1, told.granted == nil ? end ?? -1 : -1, "\(name) abandoned")
      same(record.gpus.map(Int64.init) == told.gpus ? 1 : 0, 1, "\(name) GPUs")
    }
  }

  func compareSamples(_ records: MemorySink, same: (Int64, Int64, String) -> Void) {
    same(Int64(records.samples.count), Int64(samples.count), "number of samples")
    for (record, told) in zip(records.samples, samples) {
      let name = "sample at \(record.time)"
      same(record.time, told.time, "\(name) time")
      same(record.waiting, told.waiting, "\(name) waiting")
      same(record.inReplicas, told.inReplicas, "\(name) in replicas")
      same(Int64(record.ready), told.ready, "\(name) ready")
      same(Int64(record.starting), told.coming, "\(name) starting")
      same(Int64(record.freeGPUs), told.freeGPUs, "\(name) free")
      same(Int64(record.backgroundGPUs), told.backgroundGPUs, "\(name) background")
      same(Int64(record.strandedTP2), told.stranded[0], "\(name) stranded TP2")
      same(Int64(record.strandedTP4), told.stranded[1], "\(name) stranded TP4")
      same(Int64(record.strandedTP8), told.stranded[2], "\(name) stranded TP8")
      same(Int64(record.largestBlock ?? -1), told.largestBlock, "\(name) largest block")
      same(Int64(record.waitingDemands ?? -1), told.waitingDemands, "\(name) waiting demands")
      same(record.keyValueBlocks, told.blocks, "\(name) blocks")
      let isUseTold =
        sharesPrefixes
        ? record.keyValueBlocksUsed <= told.blocksUsed
        : record.keyValueBlocksUsed == told.blocksUsed
      same(isUseTold ? 1 : 0, 1, "\(name) blocks used \(record.keyValueBlocksUsed)")
    }
  }
}
