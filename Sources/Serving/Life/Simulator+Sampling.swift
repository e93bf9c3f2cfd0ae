import EventKernel

extension Simulator {
  /// The state of the system at a fixed interval, until arrivals end and every request has left.
  mutating func sample() {
    if now >= scenario.duration, isDrained { return }
    var record = SampleRecord()
    record.time = now
    record.freeGPUs = Int32(cluster.freeGPUs)
    record.backgroundGPUs = Int32(cluster.backgroundGPUs)
    record.strandedTP2 = cluster.strandedGPUs(degree: 2)
    record.strandedTP4 = cluster.strandedGPUs(degree: 4)
    record.strandedTP8 = cluster.strandedGPUs(degree: 8)
    for model in models.indices {
      record.waiting += Int64(models[model].queue.count)
      record.ready += Int32(models[model].views.count)
      record.starting += Int32(models[model].starting + models[model].demanded)
      for view in models[model].views {
        if replicas[view.replica].isDozing { catchUp(view.replica) }
        record.inReplicas += Int64(view.outstanding)
        for engine in replicas[view.replica].engines {
          record.keyValueBlocks += Int64(engines[engine].totalBlocks)
          record.keyValueBlocksUsed += Int64(
            engines[engine].totalBlocks - engines[engine].freeBlocks)
        }
      }
    }
    records.record(record)
    push(Event(.sample, 0), at: now + scenario.sampleInterval)
  }
}
