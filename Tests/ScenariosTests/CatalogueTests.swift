import Scenarios
import Serving
import Testing

/// A team's own policy with one option of every kind.
private struct OddRouting: RoutingPolicy {
  static let name = "odd"
  static let summary = "every kind of option"
  static let source = "this test"
  static let options = [
    OptionDescription("count", .integer(1...9), required: true, "how many"),
    OptionDescription("weight", .number(0...1), default: .number(0.5), "how much"),
    OptionDescription("patience", .duration(0...5_000_000_000), default: .duration(7), "how long"),
    OptionDescription("sticky", .flag, default: .flag(true), "whether"),
    OptionDescription("mode", .choice(["a", "b"]), default: .choice("a"), "which"),
    OptionDescription("shares", .integers(0...5), default: .integers([1, 2]), "which numbers"),
    OptionDescription(
      "shapes", .plans, default: .plans([PlanShape(tensor: 2, stages: 1)]), "plans"),
  ]
  let values: OptionValues

  init(_ values: OptionValues) { self.values = values }

  static func faults(in values: OptionValues) -> [OptionFault] {
    values.integer("count") == 3
      ? [OptionFault(key: "count", found: "3", expected: "any other number")] : []
  }

  mutating func route(_ request: RoutedRequestView, among replicas: [ReplicaView]) -> Int? { nil }
}

@Suite("Policies of a catalogue")
struct CatalogueTests {
  private let decoder = ScenarioDecoder(catalogue: .builtIn.adding(OddRouting.self))

  private func decoded(_ options: String) throws -> DecodedScenario {
    let text = Fixture.small.replacing(
      "\"tensor\": 4 }", with: "\"tensor\": 4 }, \"routing\": { \"policy\": \"odd\", \(options) }")
    return try decoder.decode(text: text, fileName: "s.json")
  }

  private func values(_ options: String) throws -> OptionValues? {
    (try decoded(options).scenario.schedulers[0].routing as? OddRouting)?.values
  }

  @Test("A policy's own options are read by their descriptions")
  func options() throws {
    let values = try #require(
      try values(
        """
        "count": 9, "weight": 1, "patience": "1s", "sticky": false, "mode": "b",
        "shares": [0, 5], "shapes": [{ "stages": 3, "layers": [1, 2, 3] }]
        """))
    #expect(values["count"] == .integer(9))
    #expect(values["weight"] == .number(1))
    #expect(values["patience"] == .duration(1_000_000_000))
    #expect(values["sticky"] == .flag(false))
    #expect(values["mode"] == .choice("b"))
    #expect(values["shares"] == .integers([0, 5]))
    #expect(values["shapes"] == .plans([PlanShape(tensor: 1, stages: 3, layers: [1, 2, 3])]))
  }

  @Test("Options left out take their defaults, in the canonical form too")
  func defaults() throws {
    let values = try #require(try values("\"count\": 1"))
    #expect(values["weight"] == .number(0.5))
    #expect(values["shares"] == .integers([1, 2]))
    #expect(values["shapes"] == .plans([PlanShape(tensor: 2, stages: 1)]))
    let json = try decoded("\"count\": 1").canonicalJSON
    #expect(
      json.contains(
        """
        "routing":{"count":1,"mode":"a","patience":"7ns","policy":"odd",\
        "shapes":[{"stages":1,"tensor":2}],"shares":[1,2],"sticky":true,"weight":0.5}
        """))
    #expect(try decoder.decode(text: json, fileName: "c.json").canonicalJSON == json)
  }

  @Test(
    "Options outside their limits, missing or at odds are told",
    arguments: [
      (
        "\"weight\": 1",
        "s.json:21:65: schedulers[0].routing.count: missing, "
          + "needs a whole number from 1 to 9"
      ),
      (
        "\"count\": 10",
        "s.json:21:93: schedulers[0].routing.count: found 10, "
          + "needs a whole number from 1 to 9"
      ),
      (
        "\"count\": 3", "s.json:21:93: schedulers[0].routing.count: found 3, needs any other number"
      ),
      (
        "\"count\": 1, \"weight\": 1.5",
        "s.json:21:106: schedulers[0].routing.weight: found 1.5, "
          + "needs a number from 0 to 1"
      ),
      (
        "\"count\": 1, \"patience\": \"6s\"",
        "s.json:21:108: schedulers[0].routing.patience: "
          + "found \"6s\", needs a time from 0s to 5s"
      ),
      (
        "\"count\": 1, \"mode\": \"c\"",
        "s.json:21:104: schedulers[0].routing.mode: "
          + "found \"c\", needs a value of \"mode\"; known: a, b"
      ),
      (
        "\"count\": 1, \"shares\": [6]",
        "s.json:21:107: schedulers[0].routing.shares[0]: "
          + "found 6, needs a whole number from 0 to 5"
      ),
      (
        "\"count\": 1, \"shapes\": [{ \"tensors\": 1 }]",
        "s.json:21:109: "
          + "schedulers[0].routing.shapes[0].tensors: unknown key; did you mean \"tensor\"?"
      ),
    ])
  func faults(_ options: String, _ line: String) throws {
    let error = try #require(throws: ScenarioFaults.self) { try decoded(options) }
    #expect(error.lines == [line])
  }

  @Test("A policy that only another catalogue has is unknown")
  func builtInOnly() {
    let text = Fixture.small.replacing(
      "\"tensor\": 4 }", with: "\"tensor\": 4 }, \"routing\": { \"policy\": \"odd\" }")
    #expect(
      faultLines(text) == [
        "s.json:21:77: schedulers[0].routing.policy: found \"odd\", needs a policy; "
          + "known: least-loaded, round-robin, power-of-two, prefix-aware, kv-aware, session-sticky, "
          + "split-pools"
      ])
  }
}
