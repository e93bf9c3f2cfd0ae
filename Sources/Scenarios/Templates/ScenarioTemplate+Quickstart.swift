extension ScenarioTemplate {
  static let quickstartText = #"""
    // A scenario for simpp: change it, check it with 'simpp validate', run it with 'simpp run'.
    // Comments and trailing commas are allowed; a quantity is a text with its unit ("30s", "80GB",
    // "200Gbps"); a key that simpp does not know is a fault, never ignored.
    // One value for one run, without editing: simpp run FILE --set workloads.chat.arrivals.rate=6
    {
      "schemaVersion": 1,            // the version of this format
      "name": "my-scenario",         // as reports and the results file name it
      "seed": 1,                     // of every random stream: same seed, same bytes
      "duration": "10m",             // requests arrive in [0, duration); then the run drains
      "warmup": "1m",                // requests that arrive earlier do not count in metrics

      // The machines. Nodes come in groups of equal ones; 'simpp gpus' lists the GPU types, and
      // 'simpp cluster' writes this block from 'kubectl get nodes -o json'.
      "cluster": {
        "nodes": [
          {
            "count": 1,              // nodes of this kind
            "gpu": "l40s",
            "gpusPerNode": 4,
            "nvlink": "none",        // "switch" | "pairs" | "none": how its GPUs are joined
            "nics": { "count": 1, "bandwidth": "100Gbps" },   // each card, per direction
          },
        ],
        "modelStore": "10GB/s",      // the remote store that cold starts fetch weights from
        // "fabric": { "nodesPerLeaf": 8, "oversubscription": 2, "latency": "4us" },
        // "background": other tenants that hold GPUs; see 'simpp init --template shared-cluster'
      },

      // The models served; 'simpp models' lists the names.
      "models": [{ "name": "llama-3.1-8b", "weights": "bf16", "kvCache": "bf16" }],

      // The traffic: when requests arrive, how long prompts and answers are, what was promised.
      "workloads": [
        {
          "name": "chat",
          "model": "llama-3.1-8b",
          "arrivals": { "process": "poisson", "rate": 4 },    // requests per second
          "prompt": { "distribution": "lognormal", "mean": 500, "cv": 1 },      // tokens
          "output": { "distribution": "lognormal", "mean": 150, "cv": 0.8 },
          "slo": { "ttft": "1s", "tpot": "50ms" },            // to the first token; per token then
        },
      ],

      // What every scheduler below shares; 'simpp policies' lists policies and their options.
      "defaults": {
        "batching": { "policy": "vllm-v1", "maxBatchedTokens": 2048, "maxSequences": 128 },
        "routing": { "policy": "least-loaded" },
      },

      // What is compared, all on the same requests.
      "schedulers": [
        // Data parallelism: four replicas of one GPU each.
        { "name": "dp4", "scaling": { "policy": "fixed", "replicas": 4 } },
        // Tensor parallelism over PCIe; without NVLink a group needs "domain": "preferred".
        {
          "name": "tp4",
          "parallelism": { "policy": "fixed", "tensor": 4, "domain": "preferred" },
          "scaling": { "policy": "fixed", "replicas": 1 },
        },
        // Pipeline parallelism: one replica of four stages.
        {
          "name": "pp4",
          "parallelism": { "policy": "fixed", "stages": 4 },
          "scaling": { "policy": "fixed", "replicas": 1 },
        },
      ],
    }

    """#
}
