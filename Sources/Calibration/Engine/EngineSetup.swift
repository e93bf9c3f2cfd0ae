import Hardware
import Inference
public import Scenarios
public import Serving

/// An engine as somebody measured it: a model cut over GPUs, and the engine's settings.
public struct EngineSetup: Sendable, Hashable {
  /// The model of the catalogue.
  public var model: String
  /// The format of the weights.
  public var weights = "bf16"
  /// The format of the KV cache.
  public var keyValueCache = "bf16"
  /// The GPU of the catalogue.
  public var gpu: String
  /// How the GPUs of a node are joined; nil: as the GPU's maker joins them.
  public var nvlink: String?
  /// GPUs of a node; nil: those of one stage.
  public var gpusPerNode: Int?
  /// Network cards' bandwidth.
  public var network = "400Gbps"
  /// GPUs of a stage.
  public var tensor = 1
  /// Pipeline stages, each on a node of its own unless a node holds several.
  public var stages = 1
  /// Layers of each stage; nil: evenly.
  public var layers: [Int]?
  /// Most tokens of a step.
  public var maxBatchedTokens = 2_048
  /// Most sequences of a step.
  public var maxSequences = 256
  /// KV blocks of 16 tokens; nil: what fits.
  public var keyValueBlocks: Int?
  /// Share of the memory that the engine takes.
  public var gpuMemoryUtilization = 0.9
  /// Who sums over the GPUs of a stage.
  public var allReduce = "custom-graph"
  /// Whether an arrival waits for the oldest micro-batch in flight, as in vLLM's engine core.
  ///
  /// A prompt's chunks wait for each other in any case: the pipelines that were measured are of 2024.
  public var waitsForOldest = true
  /// What a step costs: `models[].cost` of a scenario.
  public var cost = "{}"

  /// An engine with the defaults of today's vLLM.
  public init(model: String, gpu: String, tensor: Int = 1, stages: Int = 1) {
    self.model = model
    self.gpu = gpu
    self.tensor = tensor
    self.stages = stages
  }

  /// The engine in words: `llama-2-7b, TP2 on h100-sxm`.
  public var name: String {
    let plan = ParallelPlan(tensor: tensor, stages: stages, layersPerStage: [])
    return "\(model), \(plan.label) on \(gpu)"
  }

  /// A scenario of one replica of it, up from the start, as text.
  ///
  /// - Parameters:
  ///   - workload: `workloads[]` but for its name and model: arrivals and lengths.
  ///   - duration: how long requests arrive.
  /// - Returns: the scenario's text.
  public func text(workload: String = Self.idle, duration: String = "1h") -> String {
    let perNode = gpusPerNode ?? tensor
    let nodes = max(1, (tensor * stages + perNode - 1) / perNode)
    let split = layers.map { ", \"layers\": [\($0.map(String.init).joined(separator: ", "))]" }
    let link = nvlink.map { ", \"nvlink\": \"\($0)\"" } ?? ""
    let blocks = keyValueBlocks.map { ", \"keyValueBlocks\": \($0)" } ?? ""
    return """
      {
        "schemaVersion": 1,
        "name": "measured-engine",
        "duration": "\(duration)",
        "drainLimit": "100h",
        "sampleInterval": "0s",
        "cluster": {
          "nodes": [
            {
              "count": \(nodes), "gpu": "\(gpu)", "gpusPerNode": \(perNode)\(link),
              "nics": { "bandwidth": "\(network)" }
            }
          ],
          "modelStore": "none"
        },
        "models": [
          {
            "name": "model", "like": "\(model)", "weights": "\(weights)",
            "kvCache": "\(keyValueCache)", "cost": \(cost)
          }
        ],
        "workloads": [{ "name": "requests", "model": "model", \(workload) }],
        "schedulers": [
          {
            "name": "engine",
            "parallelism": {
              "policy": "fixed", "tensor": \(tensor), "stages": \(stages)\(split ?? ""),
              "domain": "preferred"
            },
            "batching": {
              "policy": "vllm-v1", "maxBatchedTokens": \(maxBatchedTokens),
              "maxSequences": \(maxSequences), "waitsForOldest": \(waitsForOldest),
              "overlapsChunks": false
            },
            "scaling": { "policy": "fixed", "replicas": 1 },
            "engine": {
              "gpuMemoryUtilization": \(gpuMemoryUtilization), "allReduce": "\(allReduce)"\(blocks)
            }
          }
        ]
      }
      """
  }

  /// What a step costs with the host of an engine of 2024.
  static let hostOf2024 = #"{ "engine": "vllm-v0" }"#

  /// A workload that sends nothing, for scenarios whose requests come from elsewhere.
  public static let idle = """
    "arrivals": { "process": "instants", "times": ["0s"] },
    "prompt": { "distribution": "constant", "value": 1 },
    "output": { "distribution": "constant", "value": 1 }
    """

  /// The scenario of one replica of it.
  ///
  /// - Throws: `ScenarioFaults` for a set-up that cannot be, such as a model that does not fit.
  public func scenario(
    workload: String = Self.idle, duration: String = "1h"
  ) throws(ScenarioFaults) -> Scenario {
    try ScenarioDecoder().decode(
      text: text(workload: workload, duration: duration), fileName: name
    ).scenario
  }
}
