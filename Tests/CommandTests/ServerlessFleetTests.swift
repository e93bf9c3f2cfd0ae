import Foundation
import Testing

/// What docs/serverless.md reads in `Scenarios/serverless-fleet.json`.
@Suite("The serverless fleet shows what its page says")
struct ServerlessFleetTests {
  let place: Workplace

  init() throws { place = try Workplace() }

  private struct Document: Decodable {
    struct Wait: Decodable {
      struct Seconds: Decodable {
        var p99: Double?
      }
      var plan: String
      var granted: Int
      var waitSeconds: Seconds
      var causeSeconds: [String: Double]
    }
    struct Latency: Decodable {
      struct Metric: Decodable {
        var mean: Double
        var p99: Double?
      }
      var e2e: Metric
    }
    struct Fragmentation: Decodable {
      var strandedTP4: Double
      var freeGPUs: Double
      var freeWhileWaiting: Double
    }
    struct Run: Decodable {
      var scheduler: String
      var requests: Int
      var completed: Int
      var sloAttainment: Double
      var latency: Latency
      var allocationWaits: [Wait]
      var fragmentation: Fragmentation

      func wait(_ plan: String) -> Wait? { allocationWaits.first { $0.plan == plan } }
    }
    var runs: [Run]
  }

  @Test("Contiguity makes TP4's tail, PP4 waits only for capacity, and to end as TP4 has both")
  func tail() throws {
    let outcome = try place.simpp(
      "run", Program.scenario("serverless-fleet"), "--json", "--db", place.file("r.sqlite"),
      "--jobs", "2", "--quiet", program: try Program.release())
    try #require(outcome.status == 0, "\(outcome.error)")
    let runs = try JSONDecoder().decode(Document.self, from: outcome.output).runs
    let byName = Dictionary(uniqueKeysWithValues: runs.map { ($0.scheduler, $0) })
    let (group, pipeline) = (try #require(byName["tp4"]), try #require(byName["pp4"]))
    let both = try #require(byName["pp-then-tp"])
    // Nobody is lost, not even beside scale to zero and pipelines that end.
    for run in runs { #expect(run.completed == run.requests, "\(run.scheduler)") }
    let waits = try #require(group.wait("TP4"))
    #expect(waits.causeSeconds["capacity"] == 0)
    #expect(try #require(waits.causeSeconds["contiguity"]) > 10_000)
    let others = try #require(pipeline.wait("PP4"))
    #expect(others.causeSeconds["contiguity"] == 0)
    #expect(try #require(waits.waitSeconds.p99) > 1.5 * #require(others.waitSeconds.p99))
    #expect(group.fragmentation.freeWhileWaiting > 5 * pipeline.fragmentation.freeWhileWaiting)
    #expect(group.fragmentation.strandedTP4 > 0.5 * group.fragmentation.freeGPUs)
    #expect(pipeline.latency.e2e.mean > 2 * group.latency.e2e.mean)
    for other in [group, pipeline] {
      #expect(both.latency.e2e.mean < other.latency.e2e.mean, "\(other.scheduler)")
      #expect(try #require(both.latency.e2e.p99) < #require(other.latency.e2e.p99))
      #expect(both.sloAttainment > other.sloAttainment, "\(other.scheduler)")
    }
    let verified = try place.simpp("verify", place.file("r.sqlite"), program: try Program.release())
    #expect(verified.status == 0, "\(verified.error)")
  }
}
