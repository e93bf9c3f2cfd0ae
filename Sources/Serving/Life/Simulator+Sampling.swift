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
    record.fragmentedGPUs = cluster.meter.fragments(fragmentMeasure)
    record.largestBlock = Int32(cluster.meter.largestBlock)
    record.waitingDemands = Int32(demands.count)
    for model in models.indices {
      record.waiting += Int64(models[model].queue.count)
      record.ready += Int32(models[model].views.count)
      record.starting += Int32(models[model].starting + models[model].demanded)
      for view in models[model].views { add(view.replica, to: &record) }
      for replica in models[model].leaving { add(Int(replica), to: &record) }
    }
    records.record(record)
    push(Event(.sample, 0), at: now + scenario.sampleInterval)
  }

  private mutating func add(_ replica: Int, to record: inout SampleRecord) {
    if replicas[replica].isDozing { catchUp(replica) }
    record.inReplicas += Int64(replicas[replica].outstanding)
    record.keyValueBlocks += Int64(replicas[replica].sparedBlocks)
    for engine in replicas[replica].engines {
      record.keyValueBlocks += Int64(engines[engine].totalBlocks)
      record.keyValueBlocksUsed += Int64(engines[engine].totalBlocks - engines[engine].freeBlocks)
    }
  }
}
