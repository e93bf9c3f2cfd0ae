import Results
import Serving
import Testing

@Suite("Verifying")
struct VerifyTests {
  let folder: TemporaryFolder
  let path: String

  init() throws {
    folder = try TemporaryFolder()
    path = folder.file("results.sqlite")
  }

  private func verify() throws -> [VerifiedRun] {
    try ResultsStore(path: path, access: .reading).verify()
  }

  @Test("Untouched runs are sound and their rows give the stored digest")
  func sound() throws {
    let store = try ResultsStore(path: path)
    let examples = [ExampleRun(), ExampleRun(scheduler: "pp4", draw: 4)]
    for example in examples { try example.commit(to: store) }
    let verified = try verify()
    #expect(verified.flatMap(\.faults) == [])
    #expect(verified.flatMap(\.notes) == [])
    #expect(verified.map(\.recomputedDigest) == examples.map(\.summary.digest))
  }

  /// Changes that leave every sum as it is: only the digest tells.
  static let silentChanges = [
    "UPDATE request SET attempts = attempts + 1 WHERE request_id = 5",
    "UPDATE request SET prompt_tokens = prompt_tokens + 1 WHERE request_id = 5",
    "UPDATE request SET cached_tokens = 0 WHERE request_id = 5",
    "UPDATE request SET output_tokens = 401 WHERE request_id = 5",
    "UPDATE request SET batch_interference_ns = 0 WHERE request_id = 5",
    "UPDATE request SET reason = 'longer than the whole KV pool' WHERE request_id = 16",
    "UPDATE request SET arrival_ns = arrival_ns + 1, end_ns = end_ns + 1 WHERE request_id = 16",
    "UPDATE request SET queue_ns = queue_ns + 1, host_ns = host_ns - 1 WHERE request_id = 5",
    "UPDATE request SET finish_ns = NULL WHERE request_id = 5",
    "UPDATE request SET workload = 'chat', tenant = 'acme', model = 'small', "
      + "priority = 'interactive' WHERE request_id = 0",
    "UPDATE replica SET model = 'large' WHERE replica_id = 0",
    "UPDATE replica SET tensor = 4 WHERE replica_id = 0",
    "UPDATE replica SET initial = 0 WHERE replica_id = 0",
    "UPDATE replica SET ready_ns = NULL WHERE replica_id = 0",
    "UPDATE replica SET kv_blocks_peak = 9 WHERE replica_id = 0",
    "UPDATE replica SET preemptions = 0 WHERE replica_id = 0",
    "UPDATE allocation SET gpus = '0,1,2,4' WHERE allocation_id = 0",
    "UPDATE allocation SET gpus = '' WHERE allocation_id = 0",
    "UPDATE allocation SET obstacle = 'capacity' WHERE allocation_id = 0",
    "UPDATE allocation SET kind = 'replica' WHERE allocation_id = 1",
    "UPDATE scaling_decision SET clause = 'other' WHERE decision_id = 0",
    "UPDATE scaling_decision SET desired = 9 WHERE decision_id = 0",
    "UPDATE scaling_decision SET draining = 7 WHERE decision_id = 0",
    "UPDATE scaling_decision SET long_window = long_window + 1e-9 WHERE decision_id = 1",
    "UPDATE scaling_decision SET excess_burst_capacity = 5 WHERE decision_id = 1",
    "DELETE FROM scaling_decision WHERE decision_id = 0",
    "UPDATE run SET digest = '0' WHERE id = 1",
  ]

  @Test("A changed value that leaves every sum intact changes the digest", arguments: silentChanges)
  func silent(change: String) throws {
    try folder.write(try CommittedFile.oneRun.get(), to: "results.sqlite")
    try execute(change, on: path)
    let verified = try #require(try verify().first)
    #expect(!verified.isSound)
    #expect(
      verified.faults.contains { $0.hasPrefix("digest: the rows give ") }, "\(verified.faults)")
  }

  /// Changes outside the digest, and the words that must name them.
  static let namedChanges = [
    (
      "UPDATE request SET compute_ns = compute_ns + 1 WHERE request_id IN (3, 9)",
      "2 requests whose eleven parts do not sum to end_ns − arrival_ns (first: request 3)"
    ),
    (
      "UPDATE request SET ttft_queue_ns = ttft_queue_ns - 1 WHERE request_id = 4",
      "1 requests whose ttft parts do not sum"
    ),
    ("UPDATE request SET tenant = 'x' WHERE request_id = 4", "1 requests whose tenant, model or"),
    ("DELETE FROM request WHERE request_id = 4", "1 statuses whose request rows are not as many"),
    ("UPDATE request SET workload = 'x' WHERE request_id = 4", "'x' in request.workload"),
    ("UPDATE request SET status = 'lost' WHERE request_id = 4", "'lost' in request.status"),
    ("UPDATE request SET compute_ns = 'many' WHERE request_id = 4", "'many' in request.compute_ns"),
    ("UPDATE request SET output_tokens = 1 << 40 WHERE request_id = 4", "expected a 32-bit number"),
    (
      "UPDATE request SET compute_ns = \(Int64.max) WHERE request_id = 4",
      "1 requests whose eleven parts"
    ),
    ("UPDATE stage SET bubble_ns = bubble_ns + 1 WHERE stage = 1", "2 stages whose states do not"),
    ("DELETE FROM replica WHERE replica_id = 1", "2 stages whose states do not"),
    ("UPDATE gpu SET busy_ns = busy_ns + 1 WHERE gpu = 3", "1 GPUs whose states do not sum"),
    ("UPDATE link SET bytes = bytes + 1 WHERE link = 3", "1 links whose kinds of bytes"),
    ("UPDATE allocation SET waited_ns = 0 WHERE allocation_id = 1", "1 allocations that waited"),
    ("UPDATE run_total SET completed = completed + 1", "1 runs whose requests by status"),
    (
      "UPDATE run_total SET prefix_hits = prefix_hits + 1",
      "1 runs whose lookups in prefix caches are not the sum of their replicas'"
    ),
    (
      "UPDATE replica SET prefix_lookups = prefix_lookups - 1 WHERE replica_id = 1",
      "1 replicas whose lookups in prefix caches are not those of their requests"
    ),
    (
      "UPDATE request SET cached_tokens = cached_tokens + 1 WHERE request_id = 4",
      "1 replicas whose lookups in prefix caches are not those of their requests"
    ),
    (
      "UPDATE replica SET prefix_hit_rate = 0.25 WHERE replica_id = 1",
      "1 hit rates of prefix caches that are not cached over prompt tokens"
    ),
    (
      "UPDATE tier SET bytes_in = bytes_in + 1 WHERE level = 1",
      "1 tiers whose fetches, tokens or bytes are not the sum of their replicas'"
    ),
    (
      "DELETE FROM replica_tier WHERE replica_id = 1 AND level = 0",
      "1 tiers whose fetches, tokens or bytes are not the sum of their replicas'"
    ),
    ("DELETE FROM tier WHERE level = 1", "2 tiers of replicas that are none of the run's"),
    (
      "UPDATE replica_tier SET tier = 'disk' WHERE level = 0 AND replica_id = 0",
      "1 tiers of replicas that are none of the run's"
    ),
    (
      "UPDATE run_total SET weight_host_hits = weight_host_hits + 1",
      "1 runs whose weights by source are not the sum of their replicas'"
    ),
    (
      "UPDATE replica SET replaces = 99 WHERE replica_id = 1", "1 replicas that take over from none"
    ),
    (
      "UPDATE allocation_wait SET granted = granted + 1 WHERE position = 0",
      "1 plans whose waits for GPUs are not those of their demands"
    ),
    (
      "UPDATE allocation_wait SET order_ns = order_ns - 1 WHERE position = 1",
      "1 plans whose waits for GPUs are not those of their demands"
    ),
    (
      "UPDATE allocation SET tensor = 4 WHERE allocation_id = 0",
      "1 plans with demands whose waits for GPUs are not told"
    ),
    (
      "UPDATE allocation_wait SET max_s = 9 WHERE position = 1",
      "1 plans whose longest or mean wait for GPUs is not that of their demands"
    ),
    ("DELETE FROM allocation_wait WHERE position = 1", "1 plans with demands whose waits"),
    (
      "UPDATE free_block SET domains = domains + 1 WHERE gpus = 2",
      "1 runs whose free blocks do not sum to their free GPUs"
    ),
    (
      "UPDATE metric SET p90_s = p90_s * 1.01 WHERE workload = 'chat' AND metric = 'e2e'",
      "e2e of workload chat: p90 not as its histogram gives"
    ),
    (
      "UPDATE metric SET mean_s = 1 WHERE workload = '' AND metric = 'itl'",
      "itl of all workloads: mean not as its histogram gives"
    ),
    (
      "UPDATE metric SET histogram = x'00' WHERE workload = 'chat' AND metric = 'ttft'",
      "expected a histogram"
    ),
    (
      "UPDATE decomposition_sum SET sum_ns = sum_ns + 1 "
        + "WHERE workload = 'chat' AND span = 'e2e' AND band = 'all' AND part = 'host'",
      "decomposition of workload chat: the parts do not sum"
    ),
  ]

  @Test("A row that contradicts others is named", arguments: namedChanges)
  func named(change: String, fault: String) throws {
    try folder.write(try CommittedFile.oneRun.get(), to: "results.sqlite")
    try execute(change, on: path)
    let verified = try #require(try verify().first)
    #expect(verified.faults.contains { $0.contains(fault) }, "\(verified.faults)")
  }

  @Test("One damaged run does not hide that the others are sound")
  func others() throws {
    let store = try ResultsStore(path: path)
    for name in ["a", "b", "c"] { try ExampleRun(requests: 20, scheduler: name).commit(to: store) }
    try execute("UPDATE request SET host_ns = 'x' WHERE run_id = 2 AND request_id = 1", on: path)
    #expect(try verify().map(\.isSound) == [true, false, true])
  }

  @Test("Without all request rows the digest is said not to be verifiable, the rest is checked")
  func notKept() throws {
    let store = try ResultsStore(path: path)
    try ExampleRun(scheduler: "none").commit(to: store, records: .none)
    try ExampleRun(requests: 600, scheduler: "sample").commit(to: store, records: .sample)
    let before = try verify()
    #expect(before.flatMap(\.faults) == [])
    #expect(before.map(\.recomputedDigest) == [nil, nil])
    #expect(
      before.map(\.notes)
        == ["none", "sample"].map {
          ["digest not verifiable from rows: request rows were not kept (records \($0))"]
        })
    try execute(
      """
      UPDATE request SET host_ns = host_ns + 1 WHERE run_id = 2;
      UPDATE gpu SET failed_ns = 0 WHERE run_id = 1 AND gpu = 2
      """, on: path)
    let after = try verify()
    #expect(after[0].faults == ["1 GPUs whose states do not sum to the length of the run"])
    #expect(after[1].faults.count == 1)
    #expect(after[1].faults[0].contains("whose eleven parts do not sum"))
  }
}
