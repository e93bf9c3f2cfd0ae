import Foundation
import Testing

/// What a wider scenario leaves as it was, told by SQL over two results files.
@Suite("Common random numbers")
struct IndependenceTests {
  let place: Workplace

  init() throws { place = try Workplace() }

  private static let requests = """
    SELECT arrival_ns || ' ' || prompt_tokens || ' ' || output_tokens FROM request
    JOIN run ON run.id = run_id WHERE scheduler = 'pp4' AND workload = 'chat'
    ORDER BY arrival_ns, request_id
    """

  private static let demands = """
    SELECT demanded_ns || ' ' || gpus_asked FROM allocation
    JOIN run ON run.id = run_id WHERE scheduler = 'pp4' AND kind = 'background'
    ORDER BY demanded_ns, gpus_asked
    """

  /// Runs a scenario's text on one scheduler and returns what a query says of it.
  private func rows(_ text: String, _ query: String, _ name: String) throws -> [String] {
    try place.write(text, to: name + ".json")
    let outcome = try place.simpp(
      ["run", name + ".json", "--db", name + ".sqlite", "--scheduler", "pp4", "--quiet"],
      program: try Program.release())
    try #require(outcome.status == 0, "\(outcome.error)")
    return try place.texts(query, in: name + ".sqlite")
  }

  private func quickstart() throws -> String {
    try String(contentsOfFile: Program.scenario("quickstart"), encoding: .utf8)
  }

  @Test(
    "A workload, a scheduler, a tenant or a node more leaves every other stream's draws as they were",
    arguments: [
      (
        "workload", "\"workloads\": [",
        """
        "workloads": [
          { "name": "batch", "model": "llama-3.1-70b",
            "arrivals": { "process": "poisson", "rate": 0.2 },
            "prompt": { "distribution": "constant", "value": 500 },
            "output": { "distribution": "constant", "value": 50 } },
        """
      ),
      (
        "scheduler", "\"schedulers\": [",
        "\"schedulers\": [ { \"name\": \"first\", \"parallelism\": { \"policy\": \"fixed\", \"tensor\": 8 } },"
      ),
      (
        "tenant", "\"priority\": \"interactive\",",
        "\"priority\": \"interactive\", \"tenant\": \"t\","
      ),
      ("node", "\"count\": 8, \"gpu\"", "\"count\": 9, \"gpu\""),
    ])
  func widened(what: String, from: String, to: String) throws {
    let text = try quickstart()
    try #require(text.contains(from))
    let wider = text.replacingOccurrences(of: from, with: to)
    let before = try rows(text, Self.requests, "plain")
    let after = try rows(wider, Self.requests, what)
    #expect(before.count > 1_000)
    #expect(before == after)
    // A node more asks for more background; the demands of the same cluster stay.
    if what != "node" {
      let demands = try place.texts(Self.demands, in: "plain.sqlite")
      #expect(demands.count > 20)
      #expect(try place.texts(Self.demands, in: what + ".sqlite") == demands)
    }
  }

  @Test("Another seed draws other requests and other demands")
  func seeds() throws {
    let text = try quickstart()
    let other = text.replacingOccurrences(of: "\"seed\": 1,", with: "\"seed\": 2,")
    #expect(try rows(text, Self.requests, "one") != rows(other, Self.requests, "two"))
    #expect(
      try place.texts(Self.demands, in: "one.sqlite")
        != place.texts(Self.demands, in: "two.sqlite"))
  }
}
