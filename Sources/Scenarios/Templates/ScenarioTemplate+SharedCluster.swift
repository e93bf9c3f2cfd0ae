extension ScenarioTemplate {
  static let sharedClusterText = #"""
    // A bursty service on a cluster that other tenants have fragmented; replicas start when requests
    // come and are given back when they idle. Which cut of the model gets GPUs in time?
    // Check it with 'simpp validate', run it with 'simpp run'; 'simpp init' explains the basics.
    {
      "schemaVersion": 1,            // the version of this format
      "name": "my-shared-cluster",   // as reports and the results file name it
      "seed": 1,                     // of every random stream: same seed, same bytes
      "duration": "15m",             // requests arrive in [0, duration)
      "warmup": "2m",                // requests that arrive earlier do not count in metrics
      "drainLimit": "30m",           // how long the run may go on for what is still under way

      "cluster": {
        // Eight nodes of eight GPUs below two leaf switches whose uplinks carry half of what the
        // cards could send.
        "nodes": [
          {
            "count": 8, "gpu": "h100-sxm", "gpusPerNode": 8, "nvlink": "switch",
            "nics": { "count": 8, "bandwidth": "400Gbps" },
            "hostMemory": "2TB", "storage": "12GB/s",
          },
        ],
        "fabric": { "nodesPerLeaf": 4, "oversubscription": 2, "latency": "4us" },
        "modelStore": "20GB/s",      // shared by all cold starts
        // Other tenants: they ask for 85 % of the GPUs, in these sizes, for this long. They are in
        // steady state at the start; where one lands depends on what is free.
        "background": {
          "occupancy": 0.85,
          "sizes": { "1": 0.6, "2": 0.2, "4": 0.1, "8": 0.1 },
          "lifetime": { "distribution": "lognormal", "mean": "15m", "cv": 2 },
        },
      },

      // The models served; 'simpp models' lists the names.
      "models": [{ "name": "llama-3.1-70b", "weights": "bf16", "kvCache": "bf16" }],

      // The traffic; a cv above 1 makes arrivals burstier than Poisson.
      "workloads": [
        {
          "name": "chat", "model": "llama-3.1-70b",
          "arrivals": { "process": "gamma", "rate": 1, "cv": 10 },
          "prompt": { "distribution": "lognormal", "mean": 900, "cv": 1.2, "max": 8000 },
          "output": { "distribution": "lognormal", "mean": 220, "cv": 0.9, "max": 2000 },
          "slo": { "ttft": "30s", "tpot": "80ms" },
        },
      ],

      // What every scheduler shares: replicas for the requests that wait, at most three, given back
      // after 30 s without work; and what a cold start takes besides fetching the weights.
      "defaults": {
        "scaling": { "policy": "queue", "min": 0, "max": 3, "keepAlive": "30s" },
        "coldStart": { "container": "1s", "runtime": "5s", "engineInit": "10s" },
      },

      // What is compared, all on the same requests and the same tenants.
      "schedulers": [
        // Four GPUs of one NVLink domain.
        { "name": "tp4", "parallelism": { "policy": "fixed", "tensor": 4 } },
        // Four GPUs wherever they are free.
        { "name": "pp4", "parallelism": { "policy": "fixed", "stages": 4 } },
        // The first of these that finds room.
        {
          "name": "ladder",
          "parallelism": {
            "policy": "ladder",
            "plans": [{ "tensor": 4 }, { "tensor": 2, "stages": 2 }, { "stages": 4 }],
          },
        },
      ],
    }

    """#
}
