import EventKernel
import Hardware
import Inference
import Scenarios
import Serving
import Testing

/// Devices of every kind under a whole scenario, from its text to its figures.
@Suite("Scenarios on other hardware")
struct HardwareRunTests {
  /// One workload on one group of nodes, one request at a time.
  private func scenario(nodes: String, plan: String, output: Int, engine: String = "{}") -> String {
    """
    {
      "schemaVersion": 1, "name": "hardware", "duration": "10m",
      "cluster": { "nodes": [\(nodes)] },
      "models": [{ "name": "llama-3.1-8b" }],
      "workloads": [{ "name": "chat", "model": "llama-3.1-8b",
        "arrivals": { "process": "poisson", "rate": 0.004 },
        "prompt": { "distribution": "constant", "value": 20 },
        "output": { "distribution": "constant", "value": \(output) } }],
      "schedulers": [{ "name": "s", "parallelism": { "policy": "fixed", \(plan) },
        "batching": { "policy": "vllm-v1", "maxBatchedTokens": 64, "maxSequences": 4 },
        "engine": \(engine),
        "scaling": { "policy": "fixed", "replicas": 1 } }]
    }
    """
  }

  private func run(_ text: String) throws -> RunSummary {
    let scenario = try decode(text).scenario
    return Simulation(scenario: scenario, scheduler: 0).run()
  }

  @Test("Two CPU sockets serve an 8B model as their memory allows, by TP faster than one")
  func sockets() throws {
    let node = #"{ "gpu": "xeon-8480", "gpusPerNode": 2, "nics": { "bandwidth": "25Gbps" } }"#
    let alone = try run(scenario(nodes: node, plan: #""tensor": 1"#, output: 20))
    #expect(alone.overall.completed == alone.overall.requests && alone.overall.requests > 0)
    // 15.0 GB of weights at 204.8 GB/s, and a tenth for kernels and the host.
    let gap = try #require(alone.overall.itl.p50)
    #expect(gap > 0.0733 && gap < 0.085, "\(gap)")
    let both = try run(
      scenario(nodes: node, plan: #""tensor": 2, "domain": "preferred""#, output: 20))
    let halved = try #require(both.overall.itl.p50)
    #expect(halved < 0.6 * gap && halved > 0.5 * gap, "\(halved)")
  }

  @Test("Four Raspberry Pis hold an 8B model by PP, and each token waits for all of them")
  func boards() throws {
    let node =
      #"{ "count": 4, "gpu": "raspberry-pi-5", "gpusPerNode": 1, "storage": "0.5GB/s", "#
      + #""hostMemory": "8GB", "nics": { "bandwidth": "1Gbps" } }"#
    let summary = try run(scenario(nodes: node, plan: #""stages": 4"#, output: 5))
    #expect(summary.overall.completed == summary.overall.requests && summary.overall.requests > 0)
    // 15.0 GB at 11.4 GB/s, whichever board reads them; hops and host beside.
    let gap = try #require(summary.overall.itl.p50)
    #expect(gap > 1.316 && gap < 1.4, "\(gap)")
    // One board cannot hold it.
    let alone = faultLines(scenario(nodes: node, plan: #""stages": 1"#, output: 5))
    #expect(alone.count == 1 && alone[0].contains("raspberry-pi-5"), "\(alone)")
  }

  @Test("A Raspberry Pi serves a 1B model at 4 to 5 tokens a second for a cent in three hours")
  func board() throws {
    let node =
      #"{ "gpu": "raspberry-pi-5", "gpusPerNode": 1, "storage": "0.5GB/s", "#
      + #""hostMemory": "8GB", "nics": { "bandwidth": "1Gbps" } }"#
    let summary = try run(
      scenario(nodes: node, plan: #""stages": 1"#, output: 40)
        .replacing("llama-3.1-8b", with: "llama-3.2-1b"))
    #expect(summary.overall.completed == summary.overall.requests && summary.overall.requests > 0)
    let gap = try #require(summary.overall.itl.p50)
    #expect(1 / gap > 4 && 1 / gap < 4.7, "\(gap)")
    #expect(abs(summary.costUSD / summary.gpuHours - 0.0037) < 1e-9, "\(summary.costUSD)")
  }

  @Test("A GB200 rack is one node of 72 GPUs behind one switch")
  func rack() throws {
    let node = #"{ "gpu": "gb200-nvl72", "gpusPerNode": 72, "nics": { "bandwidth": "400Gbps" } }"#
    let text = scenario(nodes: node, plan: #""tensor": 8"#, output: 50)
      .replacing("\"replicas\": 1", with: "\"replicas\": 9")
    let decoded = try decode(text)
    #expect(decoded.scenario.cluster.nodes[0].nvlinkDomainSize == 72)
    #expect(decoded.scenario.cluster.nodes[0].gpu.price.dollarsPerHour == 10.58)
    let summary = try run(text)
    #expect(summary.overall.completed == summary.overall.requests && summary.overall.requests > 0)
  }

  @Test("Bridges join cards in pairs where the scenario says so, and only there")
  func bridges() throws {
    let node = #"{ "gpu": "rtx-a6000", "gpusPerNode": 4, "nics": { "bandwidth": "25Gbps" } }"#
    let bridged = node.replacing("4,", with: "4, \"nvlink\": \"pairs\",")
    #expect(
      try decode(scenario(nodes: node, plan: #""tensor": 1"#, output: 5))
        .scenario.cluster.nodes[0].nvlink == .none)
    let required = #""tensor": 2, "domain": "required""#
    #expect(!faultLines(scenario(nodes: node, plan: required, output: 5)).isEmpty)
    #expect(faultLines(scenario(nodes: bridged, plan: required, output: 5)) == [])
  }

  @Test("A price of the scenario replaces the catalogue's, one that repeats it keeps its day")
  func prices() throws {
    func price(_ key: String) throws -> DevicePrice {
      let node = #"{ "gpu": "l4", "gpusPerNode": 1, \#(key) "nics": { "bandwidth": "25Gbps" } }"#
      return try decode(scenario(nodes: node, plan: #""tensor": 1"#, output: 5))
        .scenario.cluster.nodes[0].gpu.price
    }
    #expect(try price("").date == "2026-08-17")
    #expect(try price(#""price": "0.8048USD","#) == price(""))
    #expect(try price(#""price": "0.5USD","#) == .given(0.5))
  }
}
