/// The digest of a run, from its records alone: the simulator adds them as they become final,
/// `verify` adds the stored rows again.
///
/// Ids and orders are left out; workloads, tenants and models go by name.
public struct RunDigest: Sendable {
  private var sum = DigestSum()
  private let workloadNames: [String]
  private let asksSeveralModels: [Bool]
  private let modelNames: [String]

  /// Starts a digest for a scenario's workloads and models, by name in scenario order; requests of
  /// workloads that ask for several models go by their model too.
  public init(workloadNames: [String], asksSeveralModels: [Bool], modelNames: [String]) {
    self.workloadNames = workloadNames
    self.asksSeveralModels = asksSeveralModels
    self.modelNames = modelNames
  }

  /// 32 hexadecimal digits.
  public var text: String { sum.text }

  /// Adds a request.
  public mutating func add(_ request: RequestRecord) {
    var item = DigestItem(kind: 1)
    item.append(workloadNames[Int(request.workload)])
    if asksSeveralModels[Int(request.workload)] { item.append(modelNames[Int(request.model)]) }
    for word in [request.promptTokens, request.cachedTokens, request.outputTokens] {
      item.append(Int64(word))
    }
    item.append(Int64(request.status.rawValue))
    item.append(Int64(request.reason.rawValue))
    item.append(Int64(request.attempts))
    item.append(request.arrival)
    item.append(request.firstToken)
    item.append(request.finish)
    item.append(request.end)
    Self.append(request.parts, to: &item)
    Self.append(request.firstTokenParts, to: &item)
    item.append(request.batchInterference)
    // A session's number is the source's, the same in every run; most requests have none.
    if request.session >= 0 { item.append(request.session) }
    sum.add(item)
  }

  /// Adds a replica.
  public mutating func add(_ replica: ReplicaRecord) {
    var item = DigestItem(kind: 2)
    item.append(modelNames[Int(replica.model)])
    item.append(Int64(replica.tensor))
    item.append(Int64(replica.stages))
    item.append(replica.demanded)
    for instant in [
      replica.granted, replica.containerEnd, replica.runtimeEnd, replica.fetchEnd, replica.loadEnd,
      replica.ready,
    ] { item.append(instant) }
    item.append(replica.released)
    item.append(Int64(replica.initial ? 1 : 0))
    item.append(replica.requestsCompleted)
    item.append(replica.tokensGenerated)
    item.append(replica.keyValueBlocks)
    item.append(replica.keyValueBlocksPeak)
    item.append(replica.preemptions)
    // Most cold starts have none of these phases.
    for phase in ColdStartMarks.phases {
      guard let end = replica.coldStart[phase] else { continue }
      item.append(phase.rawValue)
      item.append(end)
    }
    if replica.replaces >= 0 { item.append(Int64(1)) }
    if let weights = replica.weights {
      for tier in WeightTier.allCases {
        item.append(weights[tier].lookups)
        item.append(weights[tier].hits)
        item.append(weights[tier].bytes)
      }
    }
    sum.add(item)
  }

  /// Adds an allocation.
  public mutating func add(_ allocation: AllocationRecord) {
    var item = DigestItem(kind: 3)
    item.append(Int64(allocation.kind.rawValue))
    item.append(allocation.model < 0 ? "" : modelNames[Int(allocation.model)])
    item.append(Int64(allocation.gpusAsked))
    item.append(allocation.demanded)
    item.append(allocation.granted)
    item.append(allocation.abandoned)
    item.append(Int64(allocation.obstacle.rawValue))
    item.append(Int64(allocation.gpus.count))
    for gpu in allocation.gpus { item.append(Int64(gpu)) }
    sum.add(item)
  }

  /// Adds a scaling decision.
  public mutating func add(_ scaling: ScalingRecord) {
    var item = DigestItem(kind: 4)
    item.append(scaling.time)
    item.append(modelNames[Int(scaling.model)])
    item.append(scaling.waiting)
    item.append(Int64(scaling.ready))
    item.append(Int64(scaling.starting))
    item.append(Int64(scaling.desired))
    item.append(scaling.clause.name)
    // Rows of policies that only count have neither.
    if scaling.draining > 0 { item.append(Int64(scaling.draining)) }
    if let figures = scaling.figures { Self.append(figures, to: &item) }
    sum.add(item)
  }

  /// Adds the histogram of the gaps between tokens over all workloads; once, at the end.
  public mutating func add(itl histogram: LatencyHistogram) {
    for (bucket, count) in histogram.buckets {
      var item = DigestItem(kind: 5)
      item.append(Int64(bucket))
      item.append(count)
      sum.add(item)
    }
    var item = DigestItem(kind: 6)
    item.append(histogram.sum)
    item.append(histogram.maximum)
    sum.add(item)
  }

  private static func append(_ figures: ScalingFigures, to item: inout DigestItem) {
    for value in [figures.longWindow, figures.shortWindow, figures.target] {
      item.append(value.map { Int64(bitPattern: $0.bitPattern) })
    }
    item.append(Int64(figures.unlimited))
    item.append(figures.excessBurstCapacity.map(Int64.init))
  }

  private static func append(_ parts: LatencyParts, to item: inout DigestItem) {
    item.append(parts.allocationWait)
    item.append(parts.coldStart)
    item.append(parts.queue)
    item.append(parts.pipelineWait)
    item.append(parts.compute)
    item.append(parts.commTensor)
    item.append(parts.commPipeline)
    item.append(parts.commExpert)
    item.append(parts.commKV)
    item.append(parts.preemption)
    item.append(parts.host)
  }
}
