import EventKernel
import Serving
import Support
import Testing

/// That the comparison of runs can fail: one thing of a run is changed, and it says which.
@Suite("The comparison of a leaping run notices everything")
struct LeapComparisonTests {
  /// A run with records of every kind: two replicas across nodes, one of them started in the run.
  private static let run: JournalledRun = {
    var scheduler = Schedulers.make(
      stages: 2, batching: Schedulers.vllm(tokens: 32, sequences: 4),
      scaling: Schedulers.queue(min: 1, max: 2, requestsPerReplica: 1), keyValueBlocks: 80)
    scheduler.engine.blockTokens = 1
    let scenario = Scenario.small(
      seed: 7, duration: 60_000_000, sampleInterval: 7_000_000,
      cluster: Machines.cluster(nodes: 4, gpus: 1), workloads: [Traffic.poisson(rate: 900)],
      schedulers: [scheduler])
    return Simulation(scenario: scenario, scheduler: 0).journalled(leaps: false)
  }()

  /// What the comparison says when one thing is changed.
  private func difference(_ change: (inout JournalledRun) throws -> Void) rethrows -> String? {
    var changed = Self.run
    try change(&changed)
    return changed.difference(from: Self.run)
  }

  private func position(_ isWanted: @escaping (Journal.Entry) -> Bool) throws -> Int {
    try #require(Self.run.entries.lastIndex(where: isWanted))
  }

  @Test("Nothing changed, or only the number of events: no difference")
  func equal() {
    #expect(difference { _ in } == nil)
    #expect(difference { $0.summary.events += 1 } == nil)
  }

  @Test("One nanosecond of a request's label, with the request, the field and both values")
  func label() throws {
    let place = try position { if case .request = $0 { true } else { false } }
    guard case .request(var record) = Self.run.entries[place] else { return }
    let before = record.parts.pipelineWait
    record.parts.pipelineWait += 1
    #expect(
      difference { $0.entries[place] = .request(record) }
        == "record \(place), request \(record.requestID): parts.pipelineWait is \(before + 1) with "
        + "leaps, \(before) without")
  }

  @Test("One unit of any field of a request")
  func requestFields() throws {
    let changes: [(String, (inout RequestRecord) -> Void)] = [
      ("firstTokenParts.commPipeline", { $0.firstTokenParts.commPipeline += 1 }),
      ("batchInterference", { $0.batchInterference += 1 }),
      ("replicaID", { $0.replicaID += 1 }), ("attempts", { $0.attempts += 1 }),
      ("finish", { $0.finish = nil }), ("firstToken", { $0.firstToken? += 1 }),
      ("status", { $0.status = .failed }),
    ]
    let place = try position { if case .request = $0 { true } else { false } }
    guard case .request(let record) = Self.run.entries[place] else { return }
    for (name, change) in changes {
      var changed = record
      change(&changed)
      let text = try #require(difference { $0.entries[place] = .request(changed) })
      #expect(text.contains("request \(record.requestID): \(name) is "), "\(text)")
    }
  }

  @Test("One unit of a field of every other kind of record")
  func otherRecords() throws {
    var seen: Set<String> = []
    for (place, entry) in Self.run.entries.enumerated() {
      guard let (changed, name) = entry.changed, seen.insert(name).inserted else { continue }
      let text = try #require(difference { $0.entries[place] = changed })
      #expect(text.hasPrefix("record \(place), ") && text.contains(": \(name) is "), "\(text)")
    }
    #expect(
      seen == [
        "keyValueBlocksPeak", "bubble", "busy", "hopBytes", "granted", "waiting",
        "keyValueBlocksUsed",
      ])
  }

  @Test("Two records that change places, a record too many, a record too few")
  func order() throws {
    let place = try #require(
      Self.run.entries.indices.dropLast().first { place in
        if case .request = Self.run.entries[place], case .request = Self.run.entries[place + 1] {
          true
        } else {
          false
        }
      })
    let swapped = try #require(difference { $0.entries.swapAt(place, place + 1) })
    #expect(swapped.hasPrefix("record \(place), in order: request "))
    let count = Self.run.entries.count
    let missing = try #require(difference { $0.entries.removeLast() })
    #expect(missing.hasPrefix("record \(count - 1): link "))
    #expect(missing.hasSuffix("is there only without"))
    let further = try #require(difference { $0.entries.append(Self.run.entries[0]) })
    #expect(further.hasPrefix("record \(count): "))
    #expect(further.hasSuffix("is there only with leaps"))
  }

  @Test("A count in a histogram, a percentile, a step, a digest")
  func summary() throws {
    let histogram = Self.run.summary.overall.itlHistogram
    var buckets = histogram.buckets
    buckets[0].count += 1
    let more = LatencyHistogram(
      buckets: buckets, sum: histogram.sum, maximum: histogram.maximum)
    let changes: [(String, (inout RunSummary) -> Void)] = [
      ("overall.itlHistogram.", { $0.overall.itlHistogram = more }),
      ("workloads.0.ttft.mean ", { $0.workloads[0].ttft.mean? += 1e-9 }),
      ("steps ", { $0.steps += 1 }), ("digest ", { $0.digest = "0" }),
      ("simulated ", { $0.simulated += 1 }),
      ("state ", { $0.state = $0.state == .stable ? .overloaded : .stable }),
      ("overall.tailDecomposition.sums.host ", { $0.overall.tailDecomposition.sums.host += 1 }),
      ("gpuUtilization ", { $0.gpuUtilization? *= 1 + 0x1p-52 }),
    ]
    for (name, change) in changes {
      let text = try #require(difference { change(&$0.summary) }, "\(name)")
      #expect(text.hasPrefix("summary: \(name)"), "\(text)")
    }
  }

  @Test("Where runs differ the scenario, its seed, the replication and the scheduler are named")
  func seed() throws {
    let run = Simulation(
      scenario: Scenario.small(seed: 41, workloads: [Traffic.poisson(rate: 40)]), scheduler: 0,
      replication: 2)
    let stepping = run.journalled(leaps: false)
    var leaping = stepping
    leaping.summary.steps += 1
    let text = try #require(run.difference(leaping: leaping, stepping: stepping))
    #expect(
      text.hasPrefix("scenario small, seed 41, replication 2, scheduler s: summary: steps is "))
  }
}

extension Journal.Entry {
  /// The record with one unit more of one field, and the field's name; nil for requests.
  fileprivate var changed: (Journal.Entry, String)? {
    switch self {
    case .request: return nil
    case .replica(var record):
      record.keyValueBlocksPeak += 1
      return (.replica(record), "keyValueBlocksPeak")
    case .stage(var record):
      record.bubble += 1
      return (.stage(record), "bubble")
    case .gpu(var record):
      record.busy += 1
      return (.gpu(record), "busy")
    case .link(var record):
      record.hopBytes += 1
      return (.link(record), "hopBytes")
    case .allocation(var record):
      record.granted = nil
      return (.allocation(record), "granted")
    case .scaling(var record):
      record.waiting += 1
      return (.scaling(record), "waiting")
    case .sample(var record):
      record.keyValueBlocksUsed += 1
      return (.sample(record), "keyValueBlocksUsed")
    }
  }
}
