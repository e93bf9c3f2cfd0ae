import Serving
import Testing

@Suite("What the digest of a run covers")
struct RunDigestTests {
  /// The digest of one row after each change, and of the row as it was.
  private static func digests<Row>(
    _ row: Row, _ changes: [(inout Row) -> Void], add: (inout RunDigest, Row) -> Void
  ) -> [String] {
    ([{ _ in }] + changes).map { change in
      var changed = row
      change(&changed)
      var digest = RunDigest(
        workloadNames: ["a", "b"], asksSeveralModels: [true, false], modelNames: ["m", "n"])
      add(&digest, changed)
      return digest.text
    }
  }

  @Test("Every field of a request but its numbers")
  func requests() {
    var row = RequestRecord()
    row.firstToken = 5
    var changes: [(inout RequestRecord) -> Void] = [
      { $0.workload = 1 }, { $0.model = 1 }, { $0.promptTokens = 1 }, { $0.cachedTokens = 1 },
      { $0.outputTokens = 1 }, { $0.status = .failed }, { $0.reason = .drainLimit },
      { $0.attempts = 1 }, { $0.arrival = 1 }, { $0.firstToken = nil }, { $0.finish = 0 },
      { $0.end = 1 }, { $0.batchInterference = 1 }, { $0.session = 0 }, { $0.session = 1 },
    ]
    for label in LatencyLabel.allCases {
      changes.append { $0.parts[label] = 1 }
      changes.append { $0.firstTokenParts[label] = 1 }
    }
    let covered = Self.digests(row, changes) { $0.add($1) }
    #expect(Set(covered).count == changes.count + 1)
    let numbers = Self.digests(row, [{ $0.requestID = 9 }, { $0.replicaID = 9 }]) { $0.add($1) }
    #expect(Set(numbers) == [covered[0]])
  }

  @Test("Every field of a replica but its number")
  func replicas() {
    var changes: [(inout ReplicaRecord) -> Void] = ColdStartMarks.phases.map { phase in
      { $0.coldStart[phase] = 0 }
    }
    changes += [
      { $0.model = 1 }, { $0.tensor = 1 }, { $0.stages = 1 }, { $0.demanded = 1 },
      { $0.granted = 0 }, { $0.containerEnd = 0 }, { $0.runtimeEnd = 0 }, { $0.fetchEnd = 0 },
      { $0.loadEnd = 0 }, { $0.ready = 0 }, { $0.released = 1 }, { $0.initial = true },
      { $0.requestsCompleted = 1 }, { $0.tokensGenerated = 1 }, { $0.keyValueBlocks = 1 },
      { $0.keyValueBlocksPeak = 1 }, { $0.preemptions = 1 }, { $0.replaces = 0 },
    ]
    let covered = Self.digests(ReplicaRecord(), changes) { $0.add($1) }
    #expect(Set(covered).count == changes.count + 1)
    let numbers = Self.digests(ReplicaRecord(), [{ $0.replicaID = 9 }]) { $0.add($1) }
    #expect(Set(numbers) == [covered[0]])
  }

  @Test("Every field of a demand for GPUs but its subject's number")
  func allocations() {
    let changes: [(inout AllocationRecord) -> Void] = [
      { $0.kind = .background }, { $0.model = 0 }, { $0.gpusAsked = 1 }, { $0.demanded = 1 },
      { $0.granted = 0 }, { $0.abandoned = 0 }, { $0.obstacle = .capacity }, { $0.gpus = [0] },
      { $0.gpus = [1] }, { $0.gpus = [0, 0] },
    ]
    let covered = Self.digests(AllocationRecord(), changes) { $0.add($1) }
    #expect(Set(covered).count == changes.count + 1)
    let numbers = Self.digests(AllocationRecord(), [{ $0.subject = 9 }]) { $0.add($1) }
    #expect(Set(numbers) == [covered[0]])
  }

  @Test("Every field of a scaling decision")
  func scalings() {
    let changes: [(inout ScalingRecord) -> Void] = [
      { $0.time = 1 }, { $0.model = 1 }, { $0.waiting = 1 }, { $0.ready = 1 },
      { $0.starting = 1 }, { $0.desired = 1 }, { $0.clause = ScalingClause("max") },
    ]
    let covered = Self.digests(ScalingRecord(), changes) { $0.add($1) }
    #expect(Set(covered).count == changes.count + 1)
  }

  @Test("The histogram of the gaps between tokens: buckets, sum and maximum")
  func gaps() {
    func digest(_ buckets: [(Int, Int64)], _ sum: Int64, _ maximum: Int64) -> String {
      var digest = RunDigest(workloadNames: [], asksSeveralModels: [], modelNames: [])
      digest.add(itl: LatencyHistogram(buckets: buckets, sum: sum, maximum: maximum))
      return digest.text
    }
    let digests = [
      digest([], 0, 0), digest([(3, 1)], 3, 3), digest([(3, 2)], 3, 3), digest([(4, 1)], 3, 3),
      digest([(3, 1)], 4, 3), digest([(3, 1)], 3, 4),
    ]
    #expect(Set(digests).count == digests.count)
  }
}
