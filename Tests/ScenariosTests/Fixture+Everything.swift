extension Fixture {
  /// Every key that there is, each policy, process, distribution and cost model at least once.
  static let everything = """
    {
      "$schema": "../docs/scenario.schema.json",
      "schemaVersion": 1,
      "name": "everything",
      "seed": 18446744073709551615,
      "duration": "1h", "warmup": "5m", "drainLimit": "30m", "sampleInterval": "10s",
      "cluster": {
        "nodes": [
          { "count": 4, "gpu": "h100-sxm", "gpusPerNode": 8, "nvlink": "switch",
            "nics": { "count": 8, "bandwidth": "400Gbps" }, "hostMemory": "1.5TiB",
            "storage": "12.5GB/s", "price": "2.49USD", "gpuDirect": false, "region": "eu",
            "pcie": { "gpusPerSwitch": 4, "uplink": "32GB/s", "peerToPeer": true,
              "hostBridges": { "count": 2, "bandwidth": "100GB/s" } } },
          { "gpu": "l40s", "gpusPerNode": 4, "nics": { "bandwidth": "12.5GB/s" },
            "region": "us" }
        ],
        "wan": { "latency": "30ms", "bandwidth": "10Gbps", "pairs": [
          { "from": "us", "to": "eu", "latency": "45ms", "bandwidth": "8Gbps" }] },
        "modelStoreRegion": "us",
        "fabric": { "nodesPerLeaf": 2, "oversubscription": 1.5, "latency": "3.5us" },
        "modelStore": "none",
        "background": {
          "occupancy": 0.5, "sizes": { "2": 1, "1": 3 }, "arrangement": "independent",
          "lifetime": { "distribution": "uniform", "low": "10m", "high": "1h" } }
      },
      "models": [
        { "name": "llama-3.1-8b", "weights": "fp8", "kvCache": "fp8",
          "cost": { "policy": "roofline", "hostPerStep": "0.5ms", "hostPerSampling": "0ns",
            "hostPerSequence": "1us", "engine": "vllm-v0", "hostPerTensorStep": "2ms",
            "hidesHost": true, "launchPerKernel": "5us", "kernelOverlap": 0.5,
            "sampling": "sorted", "computeFactor": 1.1,
            "communicationFactor": 0 } },
        { "name": "fixed", "like": "llama-3.1-8b",
          "cost": { "policy": "constant", "base": "20ms", "perPrefillToken": "10us",
            "perDecodeSequence": "100ns", "communication": "1ms", "host": "2ms",
            "tensorEfficiency": 0.9 } },
        { "name": "drawn", "like": "llama-3.1-8b",
          "cost": { "policy": "stochastic", "perStage": true, "host": "1ms",
            "tensorEfficiency": 0.5,
            "stepTime": { "distribution": "gamma", "mean": "50ms", "cv": 0.5 } } },
        { "name": "measured", "like": "llama-3.1-8b",
          "cost": { "policy": "table", "fit": "monotone", "host": "1ms", "stages": [
            { "tensor": 2, "layers": 16, "decode": [[1, "3ms"], [8, "3.5ms"]],
              "prefill": [[128, "5ms"]], "mixed": [[4, "0.2ms"]], "allReduce": [[1, "10us"]],
              "hop": [[1, "20us"]] },
            { "layers": 32, "decode": [[1, "6ms"]], "prefill": [[1, "6ms"]] }] } },
        { "name": "shaped", "weights": "int4", "kvCache": "int8", "shape": {
            "layers": 32, "hiddenSize": 1024, "attentionHeads": 8, "keyValueHeads": 2,
            "headDimension": 192, "intermediateSize": 2048, "vocabularySize": 64000,
            "tiedEmbeddings": true, "maxContextTokens": 8192, "feedForward": "plain",
            "norms": { "kind": "layer", "perLayer": 1, "onEmbedding": true,
              "onQueriesAndKeys": true },
            "biases": ["head", "router"], "learnedPositions": 8192, "attentionSinks": true,
            "parallelBlocks": true,
            "latentAttention": { "queryRank": 256, "keyValueRank": 128, "nopeDimension": 128,
              "ropeDimension": 64, "valueDimension": 128 },
            "experts": { "count": 16, "perToken": 2, "width": 512, "sharedWidth": 256,
              "sharedGate": true, "layers": { "first": 2, "period": 2, "positions": [1] } },
            "slidingWindow": { "tokens": 512,
              "layers": { "first": 0, "period": 4, "positions": [0, 1, 2] } } } },
        { "name": "published", "copies": 2, "config": {
            "architectures": ["Qwen3MoeForCausalLM"], "model_type": "qwen3_moe",
            "hidden_size": 1024, "num_attention_heads": 8, "num_key_value_heads": 2,
            "num_hidden_layers": 32, "head_dim": 128, "moe_intermediate_size": 256,
            "num_experts": 8, "num_experts_per_tok": 2, "max_position_embeddings": 8192,
            "vocab_size": 64000, "quantization_config": { "quant_method": "fp8" } } }
      ],
      "workloads": [
        { "name": "poisson", "model": "llama-3.1-8b", "tenant": "a", "priority": "batch",
          "arrivals": { "process": "poisson", "rate": 0.5 },
          "prompt": { "distribution": "uniform", "low": 10, "high": 20.5 },
          "output": { "distribution": "exponential", "mean": 100, "min": 2, "max": 400 },
          "slo": { "ttft": "1s", "tpot": "50ms", "e2e": "1m" } },
        { "name": "gamma",
          "models": { "names": ["shaped", "published"], "popularity": "zipf", "exponent": 1.2,
            "demand": "independent", "wave": { "amplitude": 0.5, "period": "30m" } },
          "arrivals": { "process": "gamma", "rate": 2, "cv": 3 },
          "prompt": { "distribution": "gamma", "mean": 1000, "cv": 0.5 },
          "output": { "distribution": "lognormal", "mean": 200, "cv": 1 } },
        { "name": "constant", "model": "drawn",
          "arrivals": { "process": "constant", "rate": 1 },
          "prompt": { "distribution": "constant", "value": 512 },
          "output": { "distribution": "constant", "value": 1 } },
        { "name": "burst", "model": "measured",
          "arrivals": { "process": "burst", "count": 8, "at": "1s", "every": "10m" },
          "prompt": { "distribution": "constant", "value": 512 },
          "output": { "distribution": "constant", "value": 16 } },
        { "name": "instants", "model": "fixed",
          "arrivals": { "process": "instants", "times": ["0s", "1.5s", "1.5s", "2m"] },
          "prompt": { "distribution": "constant", "value": 512 },
          "output": { "distribution": "constant", "value": 16 } },
        { "name": "weibull", "model": "fixed",
          "arrivals": { "process": "weibull", "rate": 2, "cv": 1, "modulator": "rush" },
          "prompt": { "distribution": "zipf", "exponent": 1.5, "min": 10, "max": 500 },
          "output": { "distribution": "weibull", "mean": 90, "shape": 2 } },
        { "name": "on-off", "model": "fixed",
          "arrivals": { "process": "on-off", "states": [
            { "rate": 5, "sojourn": "10s" }, { "rate": 0, "sojourn": "30s" }] },
          "lengths": { "rows": [[100, 10], [4000, 20, 0.5]] } },
        { "name": "diurnal", "model": "fixed",
          "arrivals": { "process": "diurnal", "rate": 2, "cv": 2, "amplitude": 0.5,
            "period": "12h", "peak": "3h", "startsAt": "1h",
            "hourly": [1, 1, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2] },
          "prompt": { "distribution": "empirical", "values": [9, 5], "weights": [1, 3] },
          "output": { "distribution": "empirical", "quantiles": [[0, 1], [0.5, 8], [1, 99]] } },
        { "name": "spikes", "model": "fixed",
          "arrivals": { "process": "spikes", "base": { "process": "constant", "rate": 1 },
            "spikes": [{ "at": "1m", "duration": "5s", "factor": 9, "every": "2m" }] },
          "prompt": { "distribution": "constant", "value": 512 },
          "output": { "distribution": "constant", "value": 16 } },
        { "name": "closed-loop", "model": "fixed",
          "arrivals": { "process": "closed-loop", "clients": 7, "rampUp": "10s",
            "retryAfter": "2s", "think": { "distribution": "weibull", "mean": "3s", "cv": 1 } },
          "prompt": { "distribution": "constant", "value": 512 },
          "output": { "distribution": "constant", "value": 16 },
          "sessions": { "turns": { "distribution": "uniform", "low": 1, "high": 4 },
            "think": { "distribution": "exponential", "mean": "5s" }, "systemPrompt": 100,
            "followUp": { "distribution": "constant", "value": 50 }, "contextLimit": 3000 } }
      ],
      "modulators": [
        { "name": "rush", "process": "on-off", "states": [
          { "factor": 4, "sojourn": "1m" }, { "factor": 0.5, "sojourn": "3m" }] }
      ],
      "defaults": {
        "engine": { "blockTokens": 32 },
        "batching": { "maxSequences": 64 }
      },
      "schedulers": [
        { "name": "fixed",
          "parallelism": { "policy": "fixed", "tensor": 2, "stages": 2, "layers": [16, 16],
            "domain": "preferred" },
          "batching": { "policy": "vllm-v1", "maxBatchedTokens": 4096, "depth": 2 },
          "routing": { "policy": "round-robin" },
          "placement": { "policy": "first-fit", "stages": "independent" },
          "scaling": { "policy": "queue", "min": 1, "max": 4, "initial": 2, "keepAlive": "2m",
            "requestsPerReplica": 8 },
          "engine": { "blockTokens": 16, "gpuMemoryUtilization": 0.85, "keyValueBlocks": 5000,
            "allReduce": "nccl", "hops": "blocking", "residentsPerGPU": 2,
            "prefixCache": true, "watermark": 0.01, "preemption": "swap", "swapSpace": "2GB",
            "tiers": [
              { "name": "host", "capacity": "100GB", "bandwidth": "50GB/s", "latency": "10us" },
              { "name": "pool", "capacity": "2TB", "bandwidth": "5GB/s", "shared": true }] },
          "coldStart": { "container": "0s", "runtime": "1s", "loader": "none",
            "engineInit": "10s", "overlapsFetch": true } },
        { "name": "ladder",
          "parallelism": { "policy": "ladder", "domain": "required", "plans": [
            { "tensor": 2, "stages": 2, "layers": [16, 16] },
            { "tensor": 2, "stages": 2, "partition": "balanced", "balanceFor": "mixed" },
            { "stages": 1 }] },
          "batching": { "policy": "static", "maxSequences": 16, "microbatches": 4,
            "maxBatchedTokens": 2048 },
          "scaling": { "policy": "fixed", "replicas": 2 } }
      ]
    }
    """
}
