import Scenarios

/// Texts that the tests start from.
enum Fixture {
  /// The example of the documentation, with every kind of part.
  static let burst = """
    {
      "schemaVersion": 1,
      "name": "shared-cluster-burst",
      "seed": 1, "duration": "30m", "warmup": "2m",
      "cluster": {
        "nodes": [{ "count": 8, "gpu": "h100-sxm", "gpusPerNode": 8, "nvlink": "switch",   // NVLink
                    "nics": { "count": 8, "bandwidth": "400Gbps" }, "hostMemory": "2TB", "storage": "12GB/s" }],
        "fabric": { "nodesPerLeaf": 8, "oversubscription": 2, "latency": "4us" },
        "modelStore": "20GB/s",
        "background": { "occupancy": 0.85, "sizes": { "1": 0.6, "2": 0.2, "4": 0.1, "8": 0.1 },
          "lifetime": { "distribution": "lognormal", "mean": "40m", "cv": 2 } }
      },
      "models": [{ "name": "llama-3.1-70b", "weights": "bf16", "kvCache": "bf16" }],
      "workloads": [
        { "name": "chat", "model": "llama-3.1-70b", "arrivals": { "process": "gamma", "rate": 4, "cv": 4 },
          "prompt": { "distribution": "lognormal", "mean": 900, "cv": 1.2 },
          "output": { "distribution": "lognormal", "mean": 220, "cv": 0.9 },
          "priority": "interactive", "slo": { "ttft": "2s", "tpot": "80ms" } },
      ],
      "schedulers": [
        { "name": "tp4", "parallelism": { "policy": "fixed", "tensor": 4, "stages": 1, "domain": "required" },
          "batching": { "policy": "vllm-v1", "maxBatchedTokens": 2048, "maxSequences": 256 },
          "routing": { "policy": "least-loaded" }, "placement": { "policy": "best-fit" },
          "scaling": { "policy": "queue", "min": 0, "max": 8, "keepAlive": "60s" } },
        { "name": "pp4", "parallelism": { "policy": "fixed", "tensor": 1, "stages": 4 } },
        { "name": "adaptive", "parallelism": { "policy": "ladder", "plans": [
          { "tensor": 4, "stages": 1 }, { "tensor": 2, "stages": 2 }, { "tensor": 1, "stages": 4 }] } }
      ]
    }
    """

  /// One value a line, so that a message's line says which one is meant.
  static let small = """
    {
      "schemaVersion": 1,
      "name": "small",
      "duration": "10m",
      "cluster": {
        "nodes": [
          { "count": 2, "gpu": "h100-sxm", "gpusPerNode": 8,
            "nics": { "bandwidth": "200Gbps" } }
        ]
      },
      "models": [
        { "name": "llama-3.1-70b" }
      ],
      "workloads": [
        { "name": "chat",
          "arrivals": { "process": "poisson", "rate": 2 },
          "prompt": { "distribution": "constant", "value": 500 },
          "output": { "distribution": "constant", "value": 100 } }
      ],
      "schedulers": [
        { "name": "tp4", "parallelism": { "tensor": 4 } }
      ]
    }
    """

  /// The texts and what they must decode to.
  static let all = [burst, small, everything]
}

/// Decodes a text with overrides, each as `--set` takes it.
func decode(_ text: String, _ overrides: [String] = []) throws -> DecodedScenario {
  try ScenarioDecoder().decode(
    text: text, fileName: "dir/s.json", overrides: overrides.compactMap(ScenarioOverride.init))
}

/// The lines of a text's faults; empty when it decodes.
func faultLines(_ text: String, _ overrides: [String] = []) -> [String] {
  do throws(ScenarioFaults) {
    _ = try ScenarioDecoder().decode(
      text: text, fileName: "dir/s.json", overrides: overrides.compactMap(ScenarioOverride.init))
    return []
  } catch {
    return error.lines
  }
}

/// The lines of the faults of the small scenario with one piece of its text replaced.
func faultLines(replacing old: String, with new: String) -> [String] {
  let changed = Fixture.small.replacing(old, with: new, maxReplacements: 1)
  return changed == Fixture.small ? ["the text has no \(old)"] : faultLines(changed)
}
