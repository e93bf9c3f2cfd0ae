/// Faults of schedulers: each case is an edit of the small scenario and the whole of what is said.
extension FaultCase {
  static let schedulers: [FaultCase] = [
    FaultCase(
      #""parallelism": { "tensor": 4 }"#, #""parallelism": { "tensor": 4, "stagse": 2 }"#,
      """
      s.json:21:52: schedulers[0].parallelism.stagse: unknown key; did you mean "stages"?
      """),
    FaultCase(
      #""parallelism": { "tensor": 4 }"#,
      #""parallelism": { "policy": "fixd", "tensor": 4, "stagse": 2 }"#,
      """
      s.json:21:49: schedulers[0].parallelism.policy: found "fixd", needs a policy; did you \
      mean "fixed"?
      """),
    FaultCase(
      #""parallelism": { "tensor": 4 }"#, #""parallelism": { "policy": "ladder" }"#,
      """
      s.json:21:37: schedulers[0].parallelism.plans: missing, needs a list of plans
      """),
    FaultCase(
      #""parallelism": { "tensor": 4 }"#, #""parallelism": { "policy": "ladder", "plans": [] }"#,
      """
      s.json:21:68: schedulers[0].parallelism.plans: found an empty list, needs a list of 1 to \
      1,000 plans
      """),
    FaultCase(
      #""parallelism": { "tensor": 4 }"#,
      #""parallelism": { "policy": "ladder", "plans": [{ "tensor": 4 }, { "tensor": 3 "#
        + #"}, { "stages": 1 }] }"#,
      """
      s.json:21:86: schedulers[0].parallelism.plans[1]: TP3 cannot cut llama-3.1-70b: 64 \
      attention heads do not divide among 3 GPUs; 8 key-value heads neither divide among 3 GPUs \
      nor repeat evenly over them; the feed-forward width 28672 does not divide among 3 GPUs
      s.json:21:103: schedulers[0].parallelism.plans[2]: TP1 of llama-3.1-70b fits on no GPU \
      type here: stage 0 needs 141.1 GB of weights and 1.4 GB of working memory a GPU, 77.0 GB \
      usable of h100-sxm
      """),
    FaultCase(
      #""parallelism": { "tensor": 4 }"#,
      #""parallelism": { "policy": "ladder", "plans": [{ "tensor": 4 }, { "tensor": 0 }, 3] }"#,
      """
      s.json:21:98: schedulers[0].parallelism.plans[1].tensor: found 0, needs a whole number \
      from 1 to 64
      s.json:21:103: schedulers[0].parallelism.plans[2]: found 3, needs an object
      """),
    FaultCase(
      #""parallelism": { "tensor": 4 }"#, #""parallelism": { "tensor": 16 }"#,
      """
      s.json:21:37: schedulers[0].parallelism: found a stage of 16 GPUs, needs at most 8, the \
      largest NVLink domain here, or "domain": "preferred"
      """),
    FaultCase(
      #""parallelism": { "tensor": 4 }"#, #""parallelism": { "tensor": 8, "stages": 4 }"#,
      """
      s.json:21:37: schedulers[0].parallelism: found a replica of 32 GPUs, needs at most 16, \
      all that the cluster has
      """),
    FaultCase(
      #""parallelism": { "tensor": 4 }"#, #""parallelism": { "stages": 2, "layers": [40, 41] }"#,
      """
      s.json:21:37: schedulers[0].parallelism: PP2 cannot cut llama-3.1-70b: the partition adds \
      up to 81 layers, the model has 80
      """),
    FaultCase(
      #""parallelism": { "tensor": 4 }"#, #""parallelism": { "stages": 2, "layers": [40, "40"] }"#,
      """
      s.json:21:67: schedulers[0].parallelism.layers[1]: found "40", needs a whole number from \
      1 to 10,000
      """),
    FaultCase(
      #""parallelism": { "tensor": 4 }"#,
      #""parallelism": { "stages": 4, "layers": [10, 10, 10, 50] }"#,
      """
      s.json:21:37: schedulers[0].parallelism: PP4 of llama-3.1-70b fits on no GPU type here: \
      stage 3 needs 87.7 GB of weights and 1.6 GB of working memory a GPU, 77.0 GB usable of \
      h100-sxm
      """),
    FaultCase(
      #""parallelism": { "tensor": 4 }"#, #""parallelism": { "tensor": 4, "domain": "prefered" }"#,
      """
      s.json:21:62: schedulers[0].parallelism.domain: found "prefered", needs a value of \
      "domain"; did you mean "preferred"?
      """),
    FaultCase(
      #""parallelism": { "tensor": 4 }"#, #""parallelism": {  }"#,
      """
      s.json:21:37: schedulers[0].parallelism: TP1 of llama-3.1-70b fits on no GPU type here: \
      stage 0 needs 141.1 GB of weights and 1.4 GB of working memory a GPU, 77.0 GB usable of \
      h100-sxm
      """),
    FaultCase(
      #""parallelism": { "tensor": 4 }"#, #""parallelism": "fixed""#,
      """
      s.json:21:37: schedulers[0].parallelism: found "fixed", needs an object
      """),
    FaultCase(
      #""parallelism": { "tensor": 4 }"#,
      #""parallelism": { "tensor": 4 }, "scaling": { "policy": "hpa", "min": 0, "max": 2 }"#,
      """
      s.json:21:91: schedulers[0].scaling.min: found 0, needs a whole number from 1 to 10,000
      """),
    FaultCase(
      #""parallelism": { "tensor": 4 }"#,
      #""parallelism": { "tensor": 4 }, "scaling": { "policy": "knative", "max": 2, "#
        + #""initial": 3, "maxScaleUpRate": 1, "targetBurstCapacity": -0.5 }"#,
      """
      s.json:21:109: schedulers[0].scaling.initial: found 3, needs at most max, 2
      s.json:21:130: schedulers[0].scaling.maxScaleUpRate: found 1, needs more than 1
      s.json:21:156: schedulers[0].scaling.targetBurstCapacity: found -0.5, needs at least 0, or -1
      """),
    FaultCase(
      #""parallelism": { "tensor": 4 }"#,
      #""parallelism": { "tensor": 4 }, "scaling": { "policy": "token-demand", "#
        + #""prefillLower": 2 }"#,
      """
      s.json:21:109: schedulers[0].scaling.prefillLower: found 2.0, needs at most prefillUpper, 0.8
      """),
    FaultCase(
      #""parallelism": { "tensor": 4 }"#,
      #""parallelism": { "tensor": 4 }, "scaling": { "policy": "scheduled", "replicas": [1], "#
        + #""every": "1m", "ahead": "2m" }"#,
      """
      s.json:21:131: schedulers[0].scaling.ahead: found 120.0 s, needs less than every, 60.0 s
      """),
    FaultCase(
      #""parallelism": { "tensor": 4 }"#,
      #""parallelism": { "tensor": 4 }, "scaling": { "policy": "knative", "configMap": "no.yaml" }"#,
      """
      s.json:21:101: schedulers[0].scaling.configMap: no.yaml: no such file beside the scenario or \
      in the folders given
      """),
    FaultCase(
      #""parallelism": { "tensor": 4 }"#,
      #""parallelism": { "tensor": 4 }, "scaling": { "min": 4, "max": 2 }"#,
      """
      s.json:21:74: schedulers[0].scaling.min: found 4, needs at most max, 2
      """),
    FaultCase(
      #""parallelism": { "tensor": 4 }"#,
      #""parallelism": { "tensor": 4 }, "scaling": { "keepAlive": 60 }"#,
      """
      s.json:21:80: schedulers[0].scaling.keepAlive: found 60, needs a time with its unit, such \
      as "30s" (ns, us, ms, s, m, h, d)
      """),
    FaultCase(
      #""parallelism": { "tensor": 4 }"#,
      #""parallelism": { "tensor": 4 }, "keepAlive": { "policy": "lur" }"#,
      """
      s.json:21:79: schedulers[0].keepAlive.policy: found "lur", needs a policy; did you mean "lru"?
      """),
    FaultCase(
      #""parallelism": { "tensor": 4 }"#,
      #""parallelism": { "tensor": 4 }, "keepAlive": { "policy": "histogram", "range": "90s" }"#,
      """
      s.json:21:101: schedulers[0].keepAlive.range: found a range of 90s in bins of 1m, \
      needs 1 to 100,000 whole bins
      """),
    FaultCase(
      #""parallelism": { "tensor": 4 }"#,
      #""parallelism": { "tensor": 4 }, "keepAlive": { "policy": "lru" }, "#
        + #""scaling": { "policy": "knative" }"#,
      """
      s.json:21:67: schedulers[0].keepAlive: found a keep-alive policy with scaling "knative", \
      which decides itself when replicas go, needs to be left out, or scaling "queue"
      """),
    FaultCase(
      #""parallelism": { "tensor": 4 }"#,
      #""parallelism": { "tensor": 4 }, "keepAlive": { "policy": "lru" }, "#
        + #""scaling": { "keepAlive": "30s" }"#,
      """
      s.json:21:114: schedulers[0].scaling.keepAlive: found a time beside a keep-alive policy, \
      needs one of the two: this one is short for policy "fixed" of that duration
      """),
    FaultCase(
      #""parallelism": { "tensor": 4 }"#,
      #""parallelism": { "tensor": 4 }, "keepAlive": { "policy": "tiered" }, "#
        + #""engine": { "prefixCache": true }"#,
      """
      s.json:21:67: schedulers[0].keepAlive: found replicas that sleep, with a prefix cache, which \
      would be lost (engine.prefixCache), needs another keep-alive policy
      """),
    FaultCase(
      #""parallelism": { "tensor": 4 }"#,
      #""parallelism": { "tensor": 4 }, "keepAlive": { "policy": "tiered" }, "#
        + #""engine": { "residentsPerGPU": 2 }"#,
      """
      s.json:21:67: schedulers[0].keepAlive: found replicas that sleep, with replicas that share \
      GPUs (engine.residentsPerGPU), needs another keep-alive policy
      """),
    FaultCase(
      #""parallelism": { "tensor": 4 }"#,
      #""parallelism": { "tensor": 4 }, "routing": { "policy": "least-loded" }"#,
      """
      s.json:21:77: schedulers[0].routing.policy: found "least-loded", needs a policy; did you \
      mean "least-loaded"?
      """),
    FaultCase(
      #""parallelism": { "tensor": 4 }"#,
      #""parallelism": { "tensor": 4 }, "routing": { "policy": "session-sticky" }"#,
      """
      s.json:21:77: schedulers[0].routing.policy: found "session-sticky", and no workload with \
      sessions, needs "sessions", a closed loop or a trace with a column session in some \
      workload, or one of least-loaded, round-robin, power-of-two, prefix-aware, kv-aware, \
      split-pools
      """),
    FaultCase(
      #""parallelism": { "tensor": 4 }"#,
      #""parallelism": { "tensor": 4 }, "batching": { "maxSequences": 256.5 }"#,
      """
      s.json:21:84: schedulers[0].batching.maxSequences: found 256.5, needs a whole number from \
      1 to 65,536
      """),
    FaultCase(
      #""parallelism": { "tensor": 4 }"#,
      #""parallelism": { "tensor": 4 }, "engine": { "gpuMemoryUtilization": 0, "hops": "priced" }"#,
      """
      s.json:21:90: schedulers[0].engine.gpuMemoryUtilization: found 0, needs a share above 0, \
      at most 1
      s.json:21:101: schedulers[0].engine.hops: found "priced", needs a kind of hops; known: \
      async, blocking, flow, free
      """),
    FaultCase(
      #""parallelism": { "tensor": 4 }"#,
      #""parallelism": { "tensor": 4 }, "engine": { "allReduce": "Nccl", "keyValueBlocks": 0 }"#,
      """
      s.json:21:79: schedulers[0].engine.allReduce: found "Nccl", needs an all-reduce; did you \
      mean "nccl"?
      s.json:21:105: schedulers[0].engine.keyValueBlocks: found 0, needs a whole number from 1 \
      to 1,000,000,000
      """),
    FaultCase(
      #""parallelism": { "tensor": 4 }"#,
      #""parallelism": { "tensor": 4 }, "coldStart": { "loader": "fast", "overlapsFetch": 1 }"#,
      """
      s.json:21:79: schedulers[0].coldStart.loader: found "fast", needs "none" or a bandwidth \
      with its unit, such as "200Gbps" (B/s, kB/s, MB/s, GB/s, TB/s, MiB/s, GiB/s, kbps, Mbps, \
      Gbps, Tbps)
      s.json:21:104: schedulers[0].coldStart.overlapsFetch: found 1, needs true or false
      """),
    FaultCase(
      #""parallelism": { "tensor": 4 }"#,
      #""parallelism": { "tensor": 4 }, "coldStart": { "system": "medussa", "warmNodes": 1 }"#,
      """
      s.json:21:79: schedulers[0].coldStart.system: found "medussa", needs a system with cold \
      starts; did you mean "medusa"?
      s.json:21:103: schedulers[0].coldStart.warmNodes: found warm nodes where all of them are up, \
      needs a "nodeProvision" beside it
      """),
    FaultCase(
      #""parallelism": { "tensor": 4 }"#,
      #""parallelism": { "tensor": 4 }, "coldStart": { "peers": "all", "hostCache": "3TB" }"#,
      """
      s.json:21:78: schedulers[0].coldStart.peers: found "all", needs a way from peers; known: \
      none, chain, binomial
      """),
    FaultCase(
      #""parallelism": { "tensor": 4 }"#,
      #""parallelism": { "tensor": 4 }, "coldStart": { "hostCache": "3TB" }"#,
      """
      s.json:21:82: schedulers[0].coldStart.hostCache: found 3,000GB, needs at most 2,000GB, the \
      least host memory of a node
      """),
    FaultCase(
      #""parallelism": { "tensor": 4 }"#,
      #""parallelism": { "tensor": 4 }, "engine": { "residentsPerGPU": 4 }"#,
      """
      s.json:21:37: schedulers[0].parallelism: TP4 of llama-3.1-70b fits on no GPU type here: \
      stage 0 needs 35.3 GB of weights and 1.1 GB of working memory a GPU, 19.2 GB usable of \
      h100-sxm
      """),
    FaultCase(
      #""parallelism": { "tensor": 4 }"#, #""parallelism": { "tensor": 4 }, "bathing": {}"#,
      """
      s.json:21:54: schedulers[0].bathing: unknown key; did you mean "batching"?
      """),
    FaultCase(
      #""schedulers": ["#, #""schedulers": [ 7,"#,
      """
      s.json:20:19: schedulers[0]: found 7, needs an object
      """),
    FaultCase(
      #""schedulers": ["#, #""schedulers": [ { "parallelism": { "tensor": 4 } },"#,
      """
      s.json:20:19: schedulers[0].name: missing, needs a name of 1 to 200 characters
      """),
    FaultCase(
      #""schedulers": ["#, #""schedulers": [ { "name": "tp4", "parallelism": { "tensor": 4 } },"#,
      """
      s.json:21:15: schedulers[1].name: found "tp4" again, needs a name of its own; the first \
      is schedulers[0]
      """),
    FaultCase(
      #""schedulers": ["#,
      #""defaults": { "name": "x", "batching": { "maxSequences": 0 } }, "schedulers": ["#,
      """
      s.json:20:17: defaults.name: unknown key; known: admission, parallelism, placement, \
      scaling, keepAlive, routing, queue, batching, engine, coldStart, allocation
      s.json:20:60: defaults.batching.maxSequences: found 0, needs a whole number from 1 to \
      65,536
      """),
    FaultCase(
      #""schedulers": ["#, #""defaults": 3, "schedulers": ["#,
      """
      s.json:20:15: defaults: found 3, needs an object
      """),
    FaultCase(
      #""parallelism": { "tensor": 4 }"#,
      #""parallelism": { "tensor": 4 }, "scaling": { "policy": "fixed", "replicas": 5 }"#,
      """
      s.json:21:98: schedulers[0].scaling.replicas: found 5 replicas from the start of each of \
      1 model, needs at most 4, all that the empty cluster has room for
      """),
    FaultCase(
      #""parallelism": { "tensor": 4 }"#,
      #""parallelism": { "tensor": 4 }, "scaling": { "min": 9, "max": 16 }"#,
      """
      s.json:21:74: schedulers[0].scaling.min: found 9 replicas from the start of each of \
      1 model, needs at most 4, all that the empty cluster has room for
      """),
    FaultCase(
      #""parallelism": { "tensor": 4 }"#,
      #""parallelism": { "tensor": 4 }, "scaling": { "min": 1, "initial": 9, "max": 16 }"#,
      """
      s.json:21:88: schedulers[0].scaling.initial: found 9 replicas from the start of each of \
      1 model, needs at most 4, all that the empty cluster has room for
      """),
    FaultCase(
      #""parallelism": { "tensor": 4 }"#,
      #""parallelism": { "tensor": 16 }, "scaling": { "min": 9, "max": 16 }"#,
      """
      s.json:21:37: schedulers[0].parallelism: found a stage of 16 GPUs, needs at most 8, the \
      largest NVLink domain here, or "domain": "preferred"
      """),
    FaultCase(
      #""parallelism": { "tensor": 4 }"#,
      #""parallelism": { "policy": "ladder", "plans": [{ "tensor": 16 }, { "tensor": 4 }] }, "#
        + #""scaling": { "min": 9, "max": 16 }"#,
      """
      s.json:21:69: schedulers[0].parallelism.plans[0]: found a stage of 16 GPUs, needs at most \
      8, the largest NVLink domain here, or "domain": "preferred"
      """),
    FaultCase(
      #""parallelism": { "tensor": 4 }"#,
      #""parallelism": { "policy": "ladder", "plans": [{ "tensor": 4 }], "patience": ["1s"] }"#,
      """
      s.json:21:99: schedulers[0].parallelism.patience: found 1 time for 1 plan, needs 0, one \
      for each plan but the last
      """),
    FaultCase(
      #""parallelism": { "tensor": 4 }"#,
      #""parallelism": { "tensor": 4 }, "coldStart": { "nodeProvision": "1m", "warmNodes": 3 }"#,
      """
      s.json:21:105: schedulers[0].coldStart.warmNodes: found 3 warm nodes, needs at most 2, \
      all that the cluster has
      """),
  ]
}
