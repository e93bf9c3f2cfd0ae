import Scenarios
import Testing

@Suite("Values that may be as they are but can do nothing")
struct IdleValueTests {
  /// The notes of the small scenario on nodes of some host memory, with keys of its scheduler or cluster.
  private func notes(
    _ scheduler: String = "", cluster: String = "", hostMemory: String = "200GB"
  ) throws -> [String] {
    let text = Fixture.small
      .replacing(
        "\"gpusPerNode\": 8,", with: "\"gpusPerNode\": 8, \"hostMemory\": \"\(hostMemory)\","
      )
      .replacing("\"tensor\": 4 }", with: "\"tensor\": 4 }\(scheduler)")
      .replacing("\"cluster\": {", with: "\"cluster\": {\(cluster)")
    return try decode(text).notes.map { $0.line(in: "s.json") }
  }

  private static let tiered = ", \"keepAlive\": { \"policy\": \"tiered\" }"

  @Test("Replicas that never find host memory to sleep in are noted, with what they need")
  func sleep() throws {
    // Llama 3.1 70B has 141.11 GB of weights, told rounded up, all on one node.
    #expect(try notes(Self.tiered, hostMemory: "142GB") == [])
    #expect(
      try notes(Self.tiered, hostMemory: "141GB") == [
        "s.json:21:79: note: schedulers[0].keepAlive.policy: no replica can ever fall asleep, so each is "
          + "released instead: its weights take at least 141.2GB on a node, and host memory has room for "
          + "141GB there"
      ])
    let cache = ", \"coldStart\": { \"hostCache\": \"100GB\" }"
    #expect(try notes(Self.tiered + cache, hostMemory: "242GB") == [])
    #expect(
      try notes(Self.tiered + cache, hostMemory: "200GB").map {
        $0.hasSuffix("100GB there beside hostCache")
      }
        == [true])
    // Awake replicas need none.
    #expect(try notes("", hostMemory: "141GB") == [])
  }

  @Test("A pipeline sleeps where a group cannot: each node holds a part of it")
  func pipelineSleeps() throws {
    func notes(_ memory: String) throws -> Int {
      try self.notes(Self.tiered, hostMemory: memory).count
    }
    let text = Fixture.small
      .replacing("\"gpusPerNode\": 8,", with: "\"gpusPerNode\": 8, \"hostMemory\": \"71GB\",")
      .replacing("{ \"tensor\": 4 }", with: "{ \"stages\": 4 }\(Self.tiered)")
    #expect(try decode(text).notes.isEmpty)
    // Two nodes with 70 GB each have no room for all of it.
    #expect(
      try decode(text.replacing("71GB", with: "70GB")).notes.map(\.sentence) == [
        "no replica can ever fall asleep, so each is released instead: its weights take at least 141.2GB on "
          + "all nodes, and host memory has room for 140GB there"
      ])
    #expect(try notes("71GB") == 1)
  }

  @Test("Steps of the occupancy after the last arrival are noted")
  func schedule() throws {
    func background(_ time: String) -> String {
      " \"background\": { \"occupancy\": 0.5, \"sizes\": { \"1\": 1 }, \"lifetime\": { \"distribution\": "
        + "\"constant\", \"value\": \"1m\" }, \"schedule\": [{ \"at\": \"\(time)\", \"occupancy\": 0.2 }] },"
    }
    #expect(try notes(cluster: background("599s")) == [])
    #expect(
      try notes(cluster: background("10m")).map { $0.drop { $0 != " " } } == [
        " note: cluster.background.schedule[0].at: 10m is after the last arrival, for the duration is "
          + "10m: the step can only matter to what is left over then"
      ])
  }

  @Test("An autoscaler that may never add a replica is noted")
  func scaleUp() throws {
    func scaling(_ percent: Int, _ pods: Int) -> String {
      ", \"scaling\": { \"policy\": \"hpa\", \"max\": 3, \"scaleUpPods\": \(pods), "
        + "\"scaleUpPercent\": \(percent) }"
    }
    #expect(
      try notes(scaling(0, 0)) == [
        "s.json:21:130: note: schedulers[0].scaling.scaleUpPercent: 0 beside 0 scaleUpPods: replicas "
          + "beyond the first are never added"
      ])
    #expect(try notes(scaling(0, 1)) == [])
    #expect(try notes(scaling(1, 0)) == [])
    // What defaults say counts where nothing is said instead.
    func defaults(_ own: String) throws -> Int {
      try decode(
        Fixture.small.replacing(
          "\"schedulers\":",
          with:
            "\"defaults\": { \"scaling\": { \"policy\": \"hpa\", \"max\": 3, \"scaleUpPods\": 0, "
            + "\"scaleUpPercent\": 0 } }, \"schedulers\":"
        ).replacing("{ \"tensor\": 4 }", with: "{ \"tensor\": 4 }\(own)")
      ).notes.count
    }
    #expect(try defaults("") == 1)
    #expect(try defaults(", \"scaling\": { \"policy\": \"hpa\", \"scaleUpPods\": 4 }") == 0)
  }
}

@Suite("One is one thing, and words are quoted as they were written")
struct WordingTests {
  @Test("Models named twice are told by the words that name them")
  func copies() {
    func lines(_ names: String) -> [String] {
      faultLines(
        Fixture.small
          .replacing(
            "\"llama-3.1-70b\" }", with: "\"m\", \"like\": \"llama-3.1-70b\", \"copies\": 3 }"
          )
          .replacing(
            "\"name\": \"chat\",",
            with: "\"name\": \"chat\", \"models\": { \"names\": [\(names)] },"))
    }
    #expect(
      lines("\"m-2\", \"m\"") == [
        "s.json:15:52: workloads[0].models.names[1]: found \"m\" beside \"m-2\", needs each model once"
      ])
    #expect(
      lines("\"m\", \"m-2\"") == [
        "s.json:15:50: workloads[0].models.names[1]: found \"m-2\" beside \"m\", needs each model once"
      ])
    #expect(
      lines("\"m\", \"m\"") == [
        "s.json:15:50: workloads[0].models.names[1]: found \"m\" twice, needs each model once"
      ])
  }

  @Test(
    "One replica of each model that there is no room for is told at the key whose default asks for it"
  )
  func initial() {
    let text = Fixture.small
      .replacing(
        "\"llama-3.1-70b\" }", with: "\"m\", \"like\": \"llama-3.1-70b\", \"copies\": 5 }"
      )
      .replacing("\"name\": \"chat\",", with: "\"name\": \"chat\", \"models\": {},")
      .replacing(
        "{ \"tensor\": 4 }",
        with: "{ \"tensor\": 4 }, \"scaling\": { \"policy\": \"knative\" }")
    #expect(
      faultLines(text) == [
        "s.json:21:65: schedulers[0].scaling.initial: found 1 replica from the start of each of 5 "
          + "models, needs at most 0, all that the empty cluster has room for"
      ])
  }

  @Test("A quota of one GPU is one GPU")
  func oneGPU() {
    let text = Fixture.small
      .replacing("\"cluster\": {", with: "\"cluster\": { \"quotas\": { \"acme\": 1 },")
      .replacing("\"llama-3.1-70b\" }", with: "\"llama-3.1-70b\", \"tenant\": \"acme\" }")
    #expect(
      faultLines(text) == [
        "s.json:5:36: cluster.quotas.acme: found 1 GPU, needs at least 4, those of the smallest "
          + "plan of a scheduler"
      ])
  }

  @Test("Bins that do not divide their range are told as times")
  func bins() {
    let text = Fixture.small.replacing(
      "{ \"tensor\": 4 }",
      with: "{ \"tensor\": 4 }, \"keepAlive\": { \"policy\": \"histogram\", \"range\": \"1h\", "
        + "\"bin\": \"7m\" }")
    #expect(
      faultLines(text) == [
        "s.json:21:101: schedulers[0].keepAlive.range: found a range of 1h in bins of 7m, needs 1 to "
          + "100,000 whole bins"
      ])
  }
}
