import GRDB
import Serving

/// How free GPUs lay, and how long demands for GPUs waited, in the tables.
extension ResultsStore {
  func insertPlacement(_ run: Int64, _ summary: RunSummary, _ db: Database) throws {
    if let found = summary.fragmentation {
      var row = try RowWriter(db, .fragmentation)
      row.bind(run)
      row.bind(found.freeGPUs)
      row.bind(found.strandedTP2)
      row.bind(found.strandedTP4)
      row.bind(found.strandedTP8)
      row.bind(found.fragmentedGPUs)
      row.bind(found.largestBlock)
      row.bind(found.freeWhileWaiting)
      row.bind(found.waitingShare)
      try row.insert()
      row = try RowWriter(db, .freeBlock)
      for (gpus, domains) in found.blocks.enumerated() {
        row.bind(run)
        row.bind(Int64(gpus))
        row.bind(domains)
        try row.insert()
      }
    }
    var row = try RowWriter(db, .allocationWait)
    for (position, waits) in summary.allocationWaits.enumerated() {
      row.bind(run)
      row.bind(Int64(position))
      row.bind(waits.plan)
      row.bind(waits.granted)
      row.bind(waits.abandoned)
      row.bind(waits.wait.mean)
      row.bind(waits.wait.p50)
      row.bind(waits.wait.p90)
      row.bind(waits.wait.p95)
      row.bind(waits.wait.p99)
      row.bind(waits.wait.max)
      for cause in AllocationWaits.causes { row.bind(waits.causes[cause]) }
      try row.insert()
    }
  }

  func readPlacement(_ run: Int64, into summary: inout RunSummary, _ db: Database) throws {
    var row = try RowReader(db, .fragmentation, path: path, run: run)
    if try row.next() {
      var found = FragmentationSummary()
      row.skip()
      found.freeGPUs = try row.real()
      found.strandedTP2 = try row.real()
      found.strandedTP4 = try row.real()
      found.strandedTP8 = try row.real()
      found.fragmentedGPUs = try row.real()
      found.largestBlock = try row.real()
      found.freeWhileWaiting = try row.real()
      found.waitingShare = try row.real()
      row = try RowReader(db, .freeBlock, path: path, run: run)
      while try row.next() {
        row.skip()
        row.skip()
        found.blocks.append(try row.real())
      }
      summary.fragmentation = found
    }
    row = try RowReader(db, .allocationWait, path: path, run: run)
    while try row.next() {
      var waits = AllocationWaitSummary()
      row.skip()
      row.skip()
      waits.plan = try row.text()
      waits.granted = try row.int64()
      waits.abandoned = try row.int64()
      waits.wait.count = waits.granted + waits.abandoned
      waits.wait.mean = try row.optionalReal()
      waits.wait.p50 = try row.optionalReal()
      waits.wait.p90 = try row.optionalReal()
      waits.wait.p95 = try row.optionalReal()
      waits.wait.p99 = try row.optionalReal()
      waits.wait.max = try row.optionalReal()
      for cause in AllocationWaits.causes { waits.causes[cause] = try row.int64() }
      summary.allocationWaits.append(waits)
    }
  }
}
