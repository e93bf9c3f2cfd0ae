import EventKernel
import Hardware
import Inference
import Scenarios
import Serving
import Testing
import Workload

@Suite("Overrides by --set")
struct OverrideTests {
  @Test("Items of lists are named by index or by name")
  func indexOrName() throws {
    for path in ["workloads[0].arrivals.rate", "workloads.chat.arrivals.rate"] {
      let scenario = try decode(Fixture.small, [path + "=8"]).scenario
      let arrivals = scenario.workloads[0].drawn?.arrivals
      #expect(arrivals == .renewal(gapSeconds: .exponential(mean: 0.125)))
    }
  }

  @Test("A name may hold points")
  func namesWithPoints() throws {
    let scenario = try decode(Fixture.small, ["models.llama-3.1-70b.weights=fp8"]).scenario
    #expect(scenario.models[0].weights == .fp8)
  }

  @Test("[+] adds an item to a list, whole or key by key, and makes a list that is missing")
  func addedItems() throws {
    let scenario = try decode(
      Fixture.small,
      [
        #"schedulers[+]={"name":"pp2","parallelism":{"tensor":2,"stages":2}}"#,
        "schedulers[+].name=tp8", "schedulers.tp8.parallelism.tensor=8",
        "schedulers[+].name=ladder", "schedulers.ladder.parallelism.policy=ladder",
        "schedulers.ladder.parallelism.plans[+].tensor=4",
        #"schedulers.ladder.parallelism.plans[+]={"tensor":2,"stages":2}"#,
      ]
    ).scenario
    #expect(scenario.schedulers.map(\.name) == ["tp4", "pp2", "tp8", "ladder"])
    #expect(
      scenario.schedulers.map { $0.parallelism.allPlans.map { [$0.tensor, $0.stages] } }
        == [[[4, 1]], [[2, 2]], [[8, 1]], [[4, 1], [2, 2]]])
    #expect(
      faultLines(Fixture.small, [#"schedulers[+]={"nmae":1,"parallelism":{"tensor":4}}"#]).map {
        $0.drop { $0 != "}" }.dropFirst(4)
      }
        == [
          "schedulers[1].name: missing, needs a name of 1 to 200 characters",
          "schedulers[1].nmae: unknown key; did you mean \"name\"?",
        ])
  }

  @Test("Values are JSON where they can be, else texts")
  func values() throws {
    let scenario = try decode(
      Fixture.small,
      [
        "duration=90s", "name=\"7\"", "schedulers.tp4.coldStart.overlapsFetch=true",
        "schedulers.tp4.parallelism={\"policy\":\"ladder\",\"plans\":[{\"tensor\":8}]}",
        "cluster.modelStore=20GB/s",
      ]
    ).scenario
    #expect(scenario.duration == 90_000_000_000)
    #expect(scenario.name == "7")
    #expect(scenario.schedulers[0].coldStart.overlapsFetch)
    #expect(scenario.schedulers[0].parallelism.allPlans == [PlanShape(tensor: 8, stages: 1)])
    #expect(scenario.cluster.modelStoreBandwidthBytesPerSecond == 20e9)
  }

  @Test("An option that rests on its default can be set, and a later override wins")
  func addedKeys() throws {
    let scenario = try decode(
      Fixture.small,
      ["schedulers[0].batching.maxSequences=32", "schedulers[0].batching.maxSequences=64"]
    ).scenario
    #expect(scenario.schedulers[0].batching.maximumSequences == 64)
  }

  @Test(
    "A path that leads nowhere, and a value that is unfit, are told with the override",
    arguments: [
      (
        "workloads.caht.arrivals.rate=6",
        "--set workloads.caht.arrivals.rate=6: workloads: nothing here is called caht; "
          + "did you mean \"chat\"?"
      ),
      (
        "workloads[3].arrivals.rate=6",
        "--set workloads[3].arrivals.rate=6: workloads: nothing here is called [3]; "
          + "known: chat, [0]"
      ),
      (
        "workloads.chat.arrivals.rte=6",
        "--set workloads.chat.arrivals.rte=6: workloads[0].arrivals.rte: unknown key; "
          + "did you mean \"rate\"?"
      ),
      (
        "workload.chat.arrivals.rate=6",
        "--set workload.chat.arrivals.rate=6: workload: unknown key; did you mean \"workloads\"?"
      ),
      (
        "duration.x=6",
        "--set duration.x=6: duration: nothing here is called x; it has no parts"
      ),
      (
        "duration..x=6",
        "--set duration..x=6: duration: nothing here is called .x; it has no parts"
      ),
      (
        "workloads.chat..rate=6",
        "--set workloads.chat..rate=6: workloads[0]: nothing here is called .rate; "
          + "known: name, arrivals, prompt, output"
      ),
      (
        "duration=6",
        "--set duration=6: duration: found 6, needs a time with its unit, such as \"30s\" "
          + "(ns, us, ms, s, m, h, d)"
      ),
      (
        "schedulers.tp4.parallelism.tensor=3",
        "--set schedulers.tp4.parallelism.tensor=3: schedulers[0].parallelism: "
          + "TP3 cannot cut llama-3.1-70b: 64 attention heads do not divide among 3 GPUs; "
          + "8 key-value heads neither divide among 3 GPUs nor repeat evenly over them; "
          + "the feed-forward width 28672 does not divide among 3 GPUs"
      ),
    ])
  func faults(_ override: String, _ line: String) {
    #expect(faultLines(Fixture.small, [override]) == [line])
  }

  @Test("An argument without a path or an equals sign is no override")
  func arguments() {
    #expect(ScenarioOverride("duration") == nil)
    #expect(ScenarioOverride("=5") == nil)
    #expect(ScenarioOverride("a=b=c")?.argument == "a=b=c")
  }
}
