import Foundation
import Testing

/// `Scenarios/serverless-fleet.json`, run once for all tests that ask for it.
struct FleetRun: Sendable {
  struct Metric: Decodable {
    var mean: Double
    var p50: Double?
    var p90: Double?
    var p95: Double?
    var p99: Double?
    var max: Double?
  }
  struct Latency: Decodable {
    var ttft: Metric
    var tpot: Metric
    var e2e: Metric
  }
  struct Wait: Decodable {
    var plan: String
    var granted: Int
    var waitSeconds: Metric
    var causeSeconds: [String: Double]

    /// The share of a cause in all waiting.
    func share(of cause: String) -> Double {
      (causeSeconds[cause] ?? 0) / causeSeconds.values.reduce(0, +)
    }
  }
  struct Fragmentation: Decodable {
    var freeGPUs: Double
    var strandedTP4: Double
    var freeWhileWaiting: Double
    var waitingShare: Double
  }
  struct Decomposition: Decodable {
    var parts: [String: Double]
  }
  struct Run: Decodable {
    var scheduler: String
    var requests: Int
    var completed: Int
    var sloAttainment: Double
    var gpuHours: Double
    var latency: Latency
    var decomposition: Decomposition
    var backgroundWaitSeconds: Double
    var allocationWaits: [Wait]
    var fragmentation: Fragmentation

    func wait(_ plan: String) -> Wait? { allocationWaits.first { $0.plan == plan } }
  }
  private struct Document: Decodable {
    var runs: [Run]
  }

  var runs: [String: Run]
  /// By scheduler, of the background tenants that ask for a whole node.
  var wholeNodeWaitSeconds: [String: Double] = [:]
  /// What `verify` said of the results, and its status.
  var verified: (status: Int32, error: String)

  private static let once = Result { try FleetRun(in: Workplace()) }

  /// The run, or why there is none.
  static func get() throws -> FleetRun { try once.get() }

  private init(in place: Workplace) throws {
    let program = try Program.release()
    let arguments = [
      "run", Program.scenario("serverless-fleet"), "--json", "--db", "r.sqlite", "--jobs", "2",
      "--quiet",
    ]
    let outcome = try place.start(arguments, program: program).wait(seconds: 300)
    try #require(outcome.status == 0, "\(outcome.error)")
    let list = try JSONDecoder().decode(Document.self, from: outcome.output).runs
    runs = Dictionary(uniqueKeysWithValues: list.map { ($0.scheduler, $0) })
    for name in runs.keys {
      let sum = try place.number(
        """
        SELECT CAST(avg(waited_ns) AS INTEGER) FROM allocation JOIN run ON run.id = run_id
        WHERE kind = 'background' AND gpus_asked = 8 AND scheduler = '\(name)'
        """, in: "r.sqlite")
      wholeNodeWaitSeconds[name] = sum.map { Double($0) / 1e9 }
    }
    let outcomeOfVerify = try place.simpp("verify", "r.sqlite", program: program)
    verified = (outcomeOfVerify.status, outcomeOfVerify.error)
  }
}
