import EventKernel
import Results
import Serving

extension ExampleRun {
  /// Fills the summary from the records, the plain way: sort and count.
  mutating func summarize() {
    let requests = sink.requests
    summary.requests = Int64(requests.count)
    summary.completed = count(.completed, in: requests)
    summary.rejected = count(.rejected, in: requests)
    summary.rejections = rejections(requests)
    summary.failed = count(.failed, in: requests)
    summary.unfinished = count(.unfinished, in: requests)
    summary.state = .backlogged
    summary.overall = workload("", requests)
    summary.workloads = names.workloads.indices.map { index in
      workload(names.workloads[index].name, requests.filter { $0.workload == Int32(index) })
    }
    summary.gpuHours = 1.0 / 3
    summary.gpuUtilization = 0.625
    summary.bubbleFraction = nil
    var bubble = BubbleParts()
    for stage in sink.stages { bubble += stage.bubbleParts }
    summary.bubble = bubble
    summary.straggler = Straggler(replicaID: 1, stage: 0, ratio: 7.0 / 6, cause: .sampling)
    summary.mfu = 1.0 / 3
    summary.mbu = nil
    summary.linkShare = 0.125
    summary.costUSD = 12.34
    summary.coldStarts = 1
    summary.preemptions = 6
    let found = sink.replicas.compactMap(\.prefixCache)
    summary.prefixCache = found.first
    for part in found.dropFirst() { summary.prefixCache? += part }
    summary.weights = sink.replicas.compactMap(\.weights).first
    summary.allocationsGranted = 1
    summary.meanAllocationWaitSeconds = 1.5e-7
    summary.meanBackgroundWaitSeconds = 0.1
    addPlacement()
    summary.events = 123_456
    summary.steps = 42
    summary.digest = digest()
  }

  private mutating func addPlacement() {
    var found = FragmentationSummary()
    found.freeGPUs = 2.0 / 3
    found.strandedTP2 = 2.0 / 7
    found.strandedTP4 = 3.0 / 7
    found.strandedTP8 = 4.0 / 7
    found.fragmentedGPUs = 5.0 / 7
    found.largestBlock = 6.0 / 7
    found.blocks = [0.5, 0, 1.0 / 3]
    found.freeWhileWaiting = 8.0 / 7
    found.waitingShare = 0.25
    summary.fragmentation = found
    summary.allocationWaits = []
    for plan in ["TP2xPP2", "background"] {
      let made = sink.allocations.filter { ($0.granted == nil) == (plan == "background") }
      guard let longest = made.map(\.waited).max() else { continue }
      var waits = AllocationWaitSummary()
      waits.plan = plan
      waits.granted = Int64(made.count { $0.granted != nil })
      waits.abandoned = Int64(made.count) - waits.granted
      waits.wait.count = Int64(made.count)
      waits.wait.mean = made.reduce(0) { $0 + Double($1.waited) } / Double(made.count) / 1e9
      let most = Double(longest) / 1e9
      (waits.wait.p50, waits.wait.p90, waits.wait.p95) = (most, most, most)
      (waits.wait.p99, waits.wait.max) = (most, most)
      for cause in AllocationWaits.causes {
        waits.causes[cause] = made.reduce(0) { $0 + $1.waits[cause] }
      }
      summary.allocationWaits.append(waits)
    }
  }

  private func digest() -> String {
    var digest = RunDigest(
      workloadNames: names.workloads.map(\.name),
      asksSeveralModels: names.workloads.map { $0.model == nil }, modelNames: names.models)
    for record in sink.requests { digest.add(record) }
    for record in sink.replicas { digest.add(record) }
    for record in sink.allocations { digest.add(record) }
    for record in sink.scalings { digest.add(record) }
    digest.add(itl: summary.overall.itlHistogram)
    return digest.text
  }

  private func rejections(_ requests: [RequestRecord]) -> RejectionCounts {
    var counts = RejectionCounts()
    for request in requests where request.status == .rejected { counts[request.reason] += 1 }
    return counts
  }

  private func count(_ status: RequestStatus, in requests: [RequestRecord]) -> Int64 {
    Int64(requests.count { $0.status == status })
  }

  private func workload(_ name: String, _ requests: [RequestRecord]) -> WorkloadSummary {
    let done = requests.filter { $0.status == .completed }
    var figures = WorkloadSummary()
    figures.name = name
    figures.requests = Int64(requests.count)
    figures.completed = Int64(done.count)
    figures.rejected = count(.rejected, in: requests)
    figures.rejections = rejections(requests)
    figures.failed = count(.failed, in: requests)
    figures.unfinished = count(.unfinished, in: requests)
    let missed = requests.count - done.count
    let gaps = done.flatMap { request in (0..<3).map { request.parts.compute / ($0 + 7) } }
    (figures.ttft, figures.ttftHistogram) = metric(done.compactMap(\.ttft), missed: missed)
    (figures.tpot, figures.tpotHistogram) = metric(done.compactMap(\.tpot), missed: 0)
    (figures.itl, figures.itlHistogram) = metric(gaps, missed: 0)
    (figures.e2e, figures.e2eHistogram) = metric(done.compactMap(\.e2e), missed: missed)
    figures.decomposition = sums(done.map(\.parts))
    figures.ttftDecomposition = sums(done.map(\.firstTokenParts))
    figures.tailDecomposition = sums(atOrAbove(99, done).map(\.parts))
    figures.p90Decomposition = sums(atOrAbove(90, done).map(\.parts))
    figures.requestsPerSecond = Double(done.count) / 60
    figures.outputTokensPerSecond = 100.0 / 7
    figures.sloAttainment = name.isEmpty ? nil : 0.75
    figures.goodputRequestsPerSecond = name.isEmpty ? nil : 1.0 / 3
    return figures
  }

  /// Requests at or above a percentile of the end-to-end time.
  func atOrAbove(_ percent: Int, _ done: [RequestRecord]) -> [RequestRecord] {
    let times = done.compactMap(\.e2e).sorted()
    guard !times.isEmpty else { return [] }
    let bound = times[(percent * times.count + 99) / 100 - 1]
    return done.filter { ($0.e2e ?? 0) >= bound }
  }

  private func sums(_ parts: [LatencyParts]) -> DecompositionSummary {
    var summary = DecompositionSummary()
    summary.count = Int64(parts.count)
    for part in parts { summary.sums += part }
    return summary
  }

  private func metric(
    _ values: [Nanoseconds], missed: Int
  ) -> (MetricSummary, LatencyHistogram) {
    var histogram = LatencyHistogram()
    for value in values { histogram.add(value) }
    let sorted = values.sorted()
    var figures = MetricSummary()
    figures.count = Int64(values.count + missed)
    guard !values.isEmpty else { return (figures, histogram) }
    func percentile(_ percent: Int) -> Double? {
      let rank = (percent * (values.count + missed) + 99) / 100
      return rank <= sorted.count ? Double(sorted[rank - 1]) / 1e9 : nil
    }
    figures.mean = Double(values.reduce(0, +)) / Double(values.count) / 1e9
    figures.p50 = percentile(50)
    figures.p90 = percentile(90)
    figures.p95 = percentile(95)
    figures.p99 = percentile(99)
    figures.max = missed > 0 ? nil : sorted.last.map { Double($0) / 1e9 }
    return (figures, histogram)
  }
}
