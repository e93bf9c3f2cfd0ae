import EventKernel
import Hardware
import Workload

/// Everything a run counts about itself, whatever is recorded of it.
struct MetricsAccumulator: Sendable {
  private let scenario: Scenario
  private let warmup: Nanoseconds
  private var workloads: [WorkloadAccumulator]

  /// Requests in the system now.
  private(set) var inSystem: Int64 = 0
  /// When the last request left, in nanoseconds.
  private(set) var lastEnd: Nanoseconds = 0
  private var counted: Nanoseconds = 0
  /// Requests · ns in the system, and the same as the sum of the requests' times: Little's law.
  private(set) var inSystemTime: Int128 = 0
  private(set) var sojournTime: Int128 = 0
  /// Requests whose first step is not done, and their time in the third and in the last quarter of the
  /// arrivals, in requests · ns.
  private var waiting: Int64 = 0
  private var thirdQuarter: Int128 = 0
  private var lastQuarter: Int128 = 0
  private var waitingAtDuration: Int64?

  private(set) var arrivals: Int64 = 0
  private(set) var statusCounts: [Int64] = Array(
    repeating: 0, count: RequestStatus.allCases.count)
  private var rejections = RejectionCounts()
  var coldStarts: Int64 = 0
  var preemptions: Int64 = 0
  private(set) var granted: Int64 = 0
  private var grantWait: Int64 = 0
  private var allocationWaits = AllocationWaitCounts()
  private var tenants: Int64 = 0
  private var tenantWait: Int64 = 0
  private(set) var steps: Int64 = 0
  private var busy: Int64 = 0
  private var exposed: Int64 = 0
  private var bubble = BubbleParts()
  private var straggler: Straggler?
  private var stragglerExcess = 0.0
  private var gpuHeld: Int64 = 0
  private var gpuBusy: Int64 = 0
  private var cost = 0.0
  private var use = PeakUse()
  private var linkShare: Double?
  private var beyondPhysics: BeyondPhysics?

  init(_ scenario: Scenario) {
    self.scenario = scenario
    warmup = scenario.warmup
    workloads = scenario.workloads.map { _ in WorkloadAccumulator() }
  }

  /// The gaps between tokens of all workloads.
  var itlHistogram: LatencyHistogram {
    var all = LatencyHistogram()
    for workload in workloads { all.add(workload.itl) }
    return all
  }

  mutating func arrived(at now: Nanoseconds) {
    advance(to: now)
    inSystem += 1
    waiting += 1
    arrivals += 1
  }

  /// A request's first step is done.
  mutating func begun(at now: Nanoseconds) {
    advance(to: now)
    waiting -= 1
  }

  mutating func ended(_ record: RequestRecord, at now: Nanoseconds) {
    advance(to: now)
    inSystem -= 1
    if record.attempts == 0 { waiting -= 1 }
    lastEnd = now
    sojournTime += Int128(record.end - record.arrival)
    statusCounts[Int(record.status.rawValue)] += 1
    if record.status == .rejected { rejections[record.reason] += 1 }
    guard record.arrival >= scenario.warmup, record.arrival < scenario.duration else { return }
    let workload = Int(record.workload)
    workloads[workload].add(record, objective: scenario.workloads[workload].objective)
  }

  /// Whether a request that arrived then counts in the metrics.
  @inline(__always)
  func counts(_ arrival: Nanoseconds) -> Bool { arrival >= warmup }

  /// Equal gaps between two tokens of requests that count.
  mutating func add(_ gaps: TokenGaps) {
    if gaps.count > 0 { add(gap: gaps.gap, times: gaps.count, workload: gaps.workload) }
  }

  /// Gaps between two tokens, each of so many requests of a workload that count.
  mutating func add(gaps: ArraySlice<Nanoseconds>, times: Int64, workload: Int32) {
    workloads[Int(workload)].itl.add(gaps, times: times)
  }

  /// A gap between two tokens of so many requests of a workload that count.
  mutating func add(gap: Nanoseconds, times: Int64, workload: Int32) {
    workloads[Int(workload)].itl.add(gap, times: times)
  }

  mutating func allocated(_ record: AllocationRecord) {
    allocationWaits.add(record)
    guard record.granted != nil else { return }
    if record.kind == .replica {
      granted += 1
      grantWait += record.waited
    } else {
      tenants += 1
      tenantWait += record.waited
    }
  }

  mutating func ended(_ stage: StageRecord) {
    steps += stage.steps
    busy += stage.busy
    exposed += stage.exposedCommunication
    bubble += stage.bubbleParts
    if let found = stage.straggler {
      // What its steps took beyond the others'.
      let excess = Double(stage.stepTime) * (1 - 1 / found.ratio)
      if excess > stragglerExcess { (straggler, stragglerExcess) = (found, excess) }
    }
  }

  /// What a stage did of what its GPUs could have done.
  mutating func used(_ part: PeakUse) { use.add(part) }

  /// How much of its bandwidth a link carried.
  mutating func used(_ link: LinkRecord) {
    if let share = link.share { linkShare = max(share, linkShare ?? 0) }
  }

  /// Keeps what lies furthest beyond physics, faults of predictions before notes on given times.
  mutating func found(_ beyond: BeyondPhysics) {
    guard let known = beyondPhysics else {
      beyondPhysics = beyond
      return
    }
    if (known.isGiven ? 0 : 1, known.ratio) < (beyond.isGiven ? 0 : 1, beyond.ratio) {
      beyondPhysics = beyond
    }
  }

  mutating func ended(_ gpu: GPURecord, price: GPUSpecification) {
    let held = gpu.starting + gpu.busy + gpu.reservedIdle + gpu.sleeping
    gpuHeld += held
    gpuBusy += gpu.busy
    cost += Double(held) / 3.6e12 * price.price.dollarsPerHour
  }

  /// Requests · ns up to now, also by quarter of the arrivals.
  private mutating func advance(to now: Nanoseconds) {
    guard now > counted else { return }
    let half = scenario.duration / 2
    let threeQuarters = half + scenario.duration / 4
    inSystemTime += Int128(inSystem) * Int128(now - counted)
    thirdQuarter += Int128(waiting) * Int128(overlap(counted, now, half, threeQuarters))
    lastQuarter +=
      Int128(waiting) * Int128(overlap(counted, now, threeQuarters, scenario.duration))
    if waitingAtDuration == nil, now >= scenario.duration { waitingAtDuration = waiting }
    counted = now
  }

  private func overlap(
    _ from: Nanoseconds, _ to: Nanoseconds, _ begin: Nanoseconds, _ end: Nanoseconds
  ) -> Nanoseconds {
    max(0, min(to, end) - max(from, begin))
  }

  /// Whether the system kept up.
  ///
  /// Overloaded: requests were left over, or those whose first step was not done grew by a fifth from the
  /// third to the last quarter of the arrivals (a queue that grows steadily from empty grows by two
  /// fifths) and were more than a tenth of all when arrivals ended. Backlogged: they were more than a
  /// twentieth. Else stable.
  private var state: RunState {
    let left = statusCounts[Int(RequestStatus.unfinished.rawValue)]
    let waiting = waitingAtDuration ?? waiting
    let grew = 5 * lastQuarter > 6 * thirdQuarter
    if left > 0 || grew && waiting * 10 > arrivals { return .overloaded }
    return waiting * 20 > arrivals ? .backlogged : .stable
  }

  /// Says what was counted; it sorts the samples.
  mutating func fill(_ summary: inout RunSummary) {
    summary.requests = arrivals
    summary.completed = statusCounts[Int(RequestStatus.completed.rawValue)]
    summary.rejected = statusCounts[Int(RequestStatus.rejected.rawValue)]
    summary.rejections = rejections
    summary.failed = statusCounts[Int(RequestStatus.failed.rawValue)]
    summary.unfinished = statusCounts[Int(RequestStatus.unfinished.rawValue)]
    summary.state = state
    let window = scenario.duration - scenario.warmup
    var all = WorkloadAccumulator()
    for index in workloads.indices {
      summary.workloads.append(
        workloads[index].summary(name: scenario.workloads[index].name, window: window))
      all.add(workloads[index])
    }
    summary.overall = all.summary(name: "", window: window)
    summary.gpuHours = Double(gpuHeld) / 3.6e12
    summary.gpuUtilization = gpuHeld > 0 ? Double(gpuBusy) / Double(gpuHeld) : nil
    let active = busy + exposed + bubble.total
    summary.bubbleFraction = active > 0 ? Double(bubble.total) / Double(active) : nil
    summary.bubble = bubble
    summary.straggler = straggler
    summary.mfu = use.mfu
    summary.mbu = use.mbu
    summary.linkShare = linkShare
    summary.beyondPhysics = beyondPhysics
    summary.costUSD = cost
    summary.coldStarts = coldStarts
    summary.preemptions = preemptions
    summary.allocationsGranted = granted
    summary.meanAllocationWaitSeconds =
      granted > 0 ? Double(grantWait) / Double(granted) / 1e9 : 0
    summary.meanBackgroundWaitSeconds =
      tenants > 0 ? Double(tenantWait) / Double(tenants) / 1e9 : 0
    summary.allocationWaits = allocationWaits.summaries
    summary.steps = steps
  }
}
