import Scenarios
import Testing

/// An edit of the small scenario, and the lines that must be said about it.
struct FaultCase: Sendable, CustomTestStringConvertible {
  var old: String
  var new: String
  var lines: String

  init(_ old: String, _ new: String, _ lines: String) {
    self.old = old
    self.new = new
    self.lines = lines
  }

  var testDescription: String { new }
}

@Suite("Messages about faults")
struct FaultMessageTests {
  @Test("Text that is no JSON is told with its line and column", arguments: FaultCase.text)
  func text(_ fault: FaultCase) { check(fault) }

  @Test("Faults at the top are told whole", arguments: FaultCase.top)
  func top(_ fault: FaultCase) { check(fault) }

  @Test("Faults of the cluster are told whole", arguments: FaultCase.cluster)
  func cluster(_ fault: FaultCase) { check(fault) }

  @Test("Faults of links and regions are told whole", arguments: FaultCase.links)
  func links(_ fault: FaultCase) { check(fault) }

  @Test(
    "Faults of models and workloads are told whole",
    arguments: FaultCase.workloads + FaultCase.popularity)
  func workloads(_ fault: FaultCase) { check(fault) }

  @Test("Faults of traffic are told whole", arguments: FaultCase.traffic)
  func traffic(_ fault: FaultCase) { check(fault) }

  @Test("Faults of schedulers are told whole", arguments: FaultCase.schedulers)
  func schedulers(_ fault: FaultCase) { check(fault) }

  @Test("Faults of the KV cache are told whole", arguments: FaultCase.keyValue)
  func keyValue(_ fault: FaultCase) { check(fault) }

  @Test("Faults of plans are told whole", arguments: FaultCase.plans)
  func plans(_ fault: FaultCase) { check(fault) }

  @Test("Faults of demands for GPUs are told whole", arguments: FaultCase.placement)
  func placement(_ fault: FaultCase) { check(fault) }

  @Test("Faults of queues and admission are told whole", arguments: FaultCase.queues)
  func queues(_ fault: FaultCase) { check(fault) }

  @Test("Faults of batching policies are told whole", arguments: FaultCase.batching)
  func batching(_ fault: FaultCase) { check(fault) }

  private func check(_ fault: FaultCase) {
    let lines = faultLines(replacing: fault.old, with: fault.new)
    #expect(lines.joined(separator: "\n") == fault.lines)
  }

  @Test("A quota below what a tenant's models have from the start is told")
  func quotaBelowFloor() {
    let text = Fixture.small
      .replacing("\"cluster\": {", with: "\"cluster\": { \"quotas\": { \"acme\": 8 },")
      .replacing("\"llama-3.1-70b\" }", with: "\"llama-3.1-70b\", \"tenant\": \"acme\" }")
      .replacing(
        "{ \"tensor\": 4 }",
        with: "{ \"tensor\": 4 }, \"scaling\": { \"policy\": \"fixed\", \"replicas\": 3 }")
    #expect(
      faultLines(text) == [
        "s.json:5:36: cluster.quotas.acme: found 8 GPUs, needs at least 12, those of the replicas "
          + "that a scheduler has from the start (scaling)"
      ])
    #expect(faultLines(text.replacing("\"replicas\": 3", with: "\"replicas\": 2")).isEmpty)
  }

  @Test("A quota that no plan fits into is told, and one of a tenant without models")
  func quotas() {
    let text = Fixture.small
      .replacing("\"cluster\": {", with: "\"cluster\": { \"quotas\": { \"acme\": 3, \"acne\": 4 },")
      .replacing("\"llama-3.1-70b\" }", with: "\"llama-3.1-70b\", \"tenant\": \"acme\" }")
    #expect(
      faultLines(text) == [
        "s.json:5:36: cluster.quotas.acme: found 3 GPUs, needs at least 4, those of the smallest "
          + "plan of a scheduler",
        "s.json:5:47: cluster.quotas.acne: found \"acne\", needs a tenant of the models; did you "
          + "mean \"acme\"?",
      ])
  }

  @Test("Everything that is wrong is told at once, in the order of the text")
  func allAtOnce() {
    let text = """
      {
        "schemaVersion": 1, "name": "x", "duration": 5,
        "cluster": { "nodes": [{ "gpu": "h100", "gpusPerNode": 8, "nics": { "bandwidth": "1Gbps" } }] },
        "models": [{ "name": "llama-3.1-8b" }],
        "workloads": [],
        "schedulers": [{ "name": "a", "scalling": {} }]
      }
      """
    #expect(
      faultLines(text) == [
        "s.json:2:48: duration: found 5, needs a time with its unit, such as \"30s\" "
          + "(ns, us, ms, s, m, h, d)",
        "s.json:3:35: cluster.nodes[0].gpu: found \"h100\", needs a GPU type; "
          + "did you mean \"h100-sxm\"?",
        "s.json:5:16: workloads: found an empty list, needs a list of 1 to 1,000 workloads",
        "s.json:6:33: schedulers[0].scalling: unknown key; did you mean \"scaling\"?",
      ])
  }

  @Test("A fault that comes from defaults is told once, however many schedulers share it")
  func defaultsOnce() {
    let text = Fixture.burst.replacing(
      "\"schedulers\": [",
      with: "\"defaults\": { \"engine\": { \"hops\": 1 } },\n  \"schedulers\": [")
    #expect(
      faultLines(text) == [
        "s.json:20:37: defaults.engine.hops: found 1, needs a kind of hops, "
          + "one of async, blocking, flow, free"
      ])
  }

  @Test("Stages that fit on few of the cluster's GPUs need room there")
  func crowding() {
    let mixed = Fixture.small
      .replacing(
        "\"count\": 2, \"gpu\"",
        with: "\"count\": 3, \"gpu\": \"l40s\", \"gpusPerNode\": 8, "
          + "\"nics\": { \"bandwidth\": \"1Gbps\" } },\n      { \"gpu\""
      )
      .replacing("\"gpusPerNode\": 8,\n", with: "\"gpusPerNode\": 2,\n")
      .replacing("\"tensor\": 4", with: "\"stages\": 4, \"layers\": [31, 9, 9, 31]")
    #expect(faultLines(mixed) == [])
    let crowded = mixed.replacing("[31, 9, 9, 31]", with: "[26, 26, 26, 2]")
    #expect(
      faultLines(crowded) == [
        "s.json:22:37: schedulers[0].parallelism: found 3 stages of 1 GPU for h100-sxm, "
          + "needs at most 2, all that there is room for"
      ])
  }
}
