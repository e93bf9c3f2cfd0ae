/// Faults of models and workloads: each case is an edit of the small scenario and the whole of what
/// is said.
extension FaultCase {
  static let workloads: [FaultCase] = [
    FaultCase(
      #"{ "name": "llama-3.1-70b" }"#, #"{ "name": "llama-3.1-70" }"#,
      """
      s.json:12:15: models[0].name: found "llama-3.1-70", needs a model of the catalogue, or \
      "like", "config" or "shape" to say what it is; did you mean "llama-3.1-70b"?
      """),
    FaultCase(
      #"{ "name": "llama-3.1-70b" }"#, #"{ "name": "mine", "like": "lama-7b" }"#,
      """
      s.json:12:31: models[0].like: found "lama-7b", needs a model of the catalogue; did you mean \
      "llama-7b"?
      """),
    FaultCase(
      #"{ "name": "llama-3.1-70b" }"#, #"{ "name": "mine", "config": "config.json" }"#,
      """
      s.json:12:33: models[0].config: config.json: no such file beside the scenario or in the \
      folders given
      """),
    FaultCase(
      #"{ "name": "llama-3.1-70b" }"#, #"{ "name": "mine", "config": 7 }"#,
      """
      s.json:12:33: models[0].config: found 7, needs the name of a config.json, or the object in it
      """),
    FaultCase(
      #"{ "name": "llama-3.1-70b" }"#,
      #"{ "name": "mine", "config": { "model_type": "mamba", "hidden_size": 64 } }"#,
      """
      s.json:12:49: models[0].config.model_type: found "mamba", needs one of llama, mistral, \
      qwen2, qwen3, phi3, gemma, gemma2, gemma3_text, mixtral, qwen2_moe, qwen3_moe, deepseek_v3, \
      gpt_oss, opt, gpt2, gpt_bigcode, bloom, falcon, phi; to be read like most it lacks \
      num_hidden_layers, num_attention_heads, intermediate_size, vocab_size, \
      max_position_embeddings
      """),
    FaultCase(
      #"{ "name": "llama-3.1-70b" }"#,
      #"{ "name": "mine", "like": "llama-2-7b", "shape": {} }"#,
      """
      s.json:12:54: models[0].shape: found like beside it, needs one of like, config and shape
      """),
    FaultCase(
      #"{ "name": "llama-3.1-70b" }"#,
      #"{ "name": "mine", "shape": { "layers": 2, "hiddenSize": 64, "attentionHeads": 8, "#
        + #""keyValueHeads": 3, "intermediateSize": 64, "vocabularySize": 9, "#
        + #""maxContextTokens": 9, "biases": ["all"], "slidingWindow": { "tokens": 4, "#
        + #""layers": { "period": 2, "positions": [2] } } } }"#,
      """
      s.json:12:185: models[0].shape.biases[0]: found "all", needs one of queryKeyValue, \
      attentionOutput, feedForward, router, head
      s.json:12:264: models[0].shape.slidingWindow.layers.positions[0]: found 2, needs a whole \
      number from 0 to 1
      """),
    FaultCase(
      #"{ "name": "llama-3.1-70b" }"#,
      #"{ "name": "mine", "shape": { "layers": 2, "hiddenSize": 64, "attentionHeads": 8, "#
        + #""keyValueHeads": 3, "vocabularySize": 9, "maxContextTokens": 9 } }"#,
      """
      s.json:12:32: models[0].shape.intermediateSize: found 0, needs a width, for 2 layers have \
      no experts
      s.json:12:103: models[0].shape.keyValueHeads: found 3, needs a number that divides the 8 \
      attention heads
      """),
    FaultCase(
      #"{ "name": "llama-3.1-70b" }"#, #"{ "name": "llama-3.1-70b", "weights": "mxfp4" }"#,
      """
      s.json:12:43: models[0].weights: found "mxfp4", needs another format, for it stores experts \
      only and llama-3.1-70b has none
      """),
    FaultCase(
      #"{ "name": "llama-3.1-70b" }"#, #"{ "name": "llama-3.1-70b", "kvCache": "int4" }"#,
      """
      s.json:12:43: models[0].kvCache: found "int4", needs a number format; did you mean \
      "int8"?
      """),
    FaultCase(
      #"{ "name": "llama-3.1-70b" }"#, #"{ "name": "llama-3.1-70b", "weights": "fp32" }"#,
      """
      s.json:12:43: models[0].weights: found "fp32", needs a number format; known: bf16, fp16, \
      fp8, int8, int4, mxfp4
      """),
    FaultCase(
      #"{ "name": "llama-3.1-70b" }"#,
      #"{ "name": "llama-3.1-70b" }, { "name": "llama-3.1-70b" }"#,
      """
      s.json:12:44: models[1].name: found "llama-3.1-70b" again, needs a name of its own; the \
      first is models[0]
      """),
    FaultCase(
      #"{ "name": "llama-3.1-70b" }"#,
      #"{ "name": "llama-3.1-70b", "cost": { "policy": "constant" } }"#,
      """
      s.json:12:40: models[0].cost.base: missing, needs a time from 0s to 1,000s, such as "30s"
      """),
    FaultCase(
      #"{ "name": "llama-3.1-70b" }"#,
      #"{ "name": "llama-3.1-70b", "cost": { "policy": "rooflin", "base": "1ms" } }"#,
      """
      s.json:12:52: models[0].cost.policy: found "rooflin", needs a cost model; did you mean \
      "roofline"?
      """),
    FaultCase(
      #"{ "name": "llama-3.1-70b" }"#,
      #"{ "name": "llama-3.1-70b", "cost": { "computeFactor": -1 } }"#,
      """
      s.json:12:59: models[0].cost.computeFactor: found -1, needs a factor from 0 to 1,000
      """),
    FaultCase(
      #"{ "name": "llama-3.1-70b" }"#,
      #"{ "name": "llama-3.1-70b", "cost": { "policy": "stochastic", "stepTime": { "#
        + #""distribution": "constant", "value": 3 } } }"#,
      """
      s.json:12:117: models[0].cost.stepTime.value: found 3, needs a time with its unit, such \
      as "30s" (ns, us, ms, s, m, h, d)
      """),
    FaultCase(
      #"{ "name": "llama-3.1-70b" }"#,
      #"{ "name": "llama-3.1-70b", "cost": { "policy": "table", "stages": [{ "layers": "#
        + #"40, "decode": [[1, "3ms"]], "prefill": [[1, "3ms"]] }] } }"#,
      """
      s.json:21:37: schedulers[0].parallelism: TP4 of llama-3.1-70b has no cost: no measurement \
      for a stage of 80 layers on 4 GPUs; there are: 40 layers on 1
      """),
    FaultCase(
      #"{ "name": "llama-3.1-70b" }"#,
      #"{ "name": "llama-3.1-70b", "cost": { "policy": "table", "stages": [{ "layers": "#
        + #"80, "tensor": 4, "decode": [[1, "3ms"]], "prefill": [[1, "3ms"]], "#
        + #""mixed": [[1, "1ms"]], "mixedSteps": [[9, 1, "4ms"]] }] } }"#,
      """
      s.json:12:159: models[0].cost.stages[0].mixed: found "mixed" beside "mixedSteps", needs one \
      of them: the added time, or the times of whole steps
      """),
    FaultCase(
      #"{ "name": "llama-3.1-70b" }"#,
      #"{ "name": "llama-3.1-70b", "cost": { "policy": "table", "stages": [{ "layers": "#
        + #"80, "tensor": 4, "decode": [[1, "3ms"]], "prefill": [[1, "3ms"]], "#
        + #""mixedSteps": [[9, 1, "4ms"], [8, 1, "4ms"]] }] } }"#,
      """
      s.json:12:180: models[0].cost.stages[0].mixedSteps[1]: found [8, 1, "4ms"], needs a triple \
      such as [496, 16, "39.88ms"], each number of sequences once
      """),
    FaultCase(
      #"{ "name": "llama-3.1-70b" }"#,
      #"{ "name": "llama-3.1-70b", "cost": { "policy": "table", "stages": [{ "layers": "#
        + #"80, "decode": [[2, "3ms"], [1, "4ms"]], "prefill": [] }] } }"#,
      """
      s.json:12:111: models[0].cost.stages[0].decode[1]: found [1, "4ms"], needs a pair such as \
      [8, "12.5ms"], counts ascending, times to 1,000s
      s.json:12:135: models[0].cost.stages[0].prefill: found an empty list, needs a list of 1 \
      to 10,000 pairs [count, time]
      """),
    FaultCase(
      #"{ "name": "chat","#, #"{ "name": "chat", "model": "lama","#,
      """
      s.json:15:32: workloads[0].model: found "lama", needs a model of the scenario; known: \
      llama-3.1-70b
      """),
    FaultCase(
      #"{ "name": "chat","#, #"{ "name": "chat", "trace": { "file": "a.csv" },"#,
      """
      s.json:15:42: workloads[0].trace.file: a.csv: no such file beside the scenario, in Traces \
      beside its folder, or in --trace-dir
      """),
    FaultCase(
      #"{ "name": "chat","#, #"{ "name": "chat", "slo": { "ttft": 2, "tpto": "1s" },"#,
      """
      s.json:15:40: workloads[0].slo.ttft: found 2, needs a time with its unit, such as "30s" \
      (ns, us, ms, s, m, h, d)
      s.json:15:43: workloads[0].slo.tpto: unknown key; did you mean "tpot"?
      """),
    FaultCase(
      #""poisson", "rate": 2"#, #""poison", "rate": 2"#,
      """
      s.json:16:32: workloads[0].arrivals.process: found "poison", needs an arrival process; \
      did you mean "poisson"?
      """),
    FaultCase(
      #""rate": 2"#, #""rate": 0"#,
      """
      s.json:16:51: workloads[0].arrivals.rate: found 0, needs a number of requests per second \
      from 0.000001 to 1,000,000
      """),
    FaultCase(
      #""rate": 2"#, #""rate": 1e400"#,
      """
      s.json:16:51: workloads[0].arrivals.rate: found 1e400, needs a number of requests per \
      second from 0.000001 to 1,000,000
      """),
    FaultCase(
      #""rate": 2"#, #""rate": "2""#,
      """
      s.json:16:51: workloads[0].arrivals.rate: found "2", needs a number of requests per \
      second from 0.000001 to 1,000,000
      """),
    FaultCase(
      #""rate": 2"#, #""cv": 2"#,
      """
      s.json:16:19: workloads[0].arrivals.rate: missing, needs a number of requests per second \
      from 0.000001 to 1,000,000
      s.json:16:43: workloads[0].arrivals.cv: unknown key; known: process, rate, \
      modulator
      """),
    FaultCase(
      #""poisson", "rate": 2"#, #""gamma", "rate": 2, "cv": -1"#,
      """
      s.json:16:58: workloads[0].arrivals.cv: found -1, needs a number from 0 to 100
      """),
    FaultCase(
      #""poisson", "rate": 2"#, #""burst", "count": 3, "at": "20m""#,
      """
      s.json:16:59: workloads[0].arrivals.at: found 20m, needs a time below the duration, 10m
      """),
    FaultCase(
      #""poisson", "rate": 2"#, #""burst", "count": 100000, "every": "1us""#,
      """
      s.json:16:67: workloads[0].arrivals.every: found about 60,000,000,100,000 requests in the \
      duration, needs at most 1,000,000,000
      """),
    FaultCase(
      #""poisson", "rate": 2"#, #""instants", "times": ["1s", "3s", "2s"]"#,
      """
      s.json:16:66: workloads[0].arrivals.times[2]: found 2s after 3s, needs ascending times
      """),
    FaultCase(
      #""poisson", "rate": 2"#, #""instants", "times": ["1s", 3]"#,
      """
      s.json:16:60: workloads[0].arrivals.times[1]: found 3, needs a time with its unit, such \
      as "30s" (ns, us, ms, s, m, h, d)
      """),
    FaultCase(
      #""poisson", "rate": 2"#, #""instants", "times": []"#,
      """
      s.json:16:53: workloads[0].arrivals.times: found an empty list, needs a list of 1 to \
      100,000 times
      """),
    FaultCase(
      #""constant", "value": 500"#, #""uniform", "low": 9, "high": 3"#,
      """
      s.json:17:53: workloads[0].prompt.low: found 9, needs at most high, 3
      """),
    FaultCase(
      #""constant", "value": 500"#, #""constant", "value": 0"#,
      """
      s.json:17:56: workloads[0].prompt.value: found 0, needs a number of tokens from 1 to \
      10,000,000
      """),
    FaultCase(
      #""constant", "value": 500"#, #""lognormal", "mean": 500"#,
      """
      s.json:17:17: workloads[0].prompt.cv: missing, needs a number from 0 to 100
      """),
    FaultCase(
      #""constant", "value": 500"#, #""normal", "mean": 500"#,
      """
      s.json:17:35: workloads[0].prompt.distribution: found "normal", needs a distribution; \
      known: constant, uniform, exponential, lognormal, gamma, weibull, zipf, empirical, \
      trace
      """),
    FaultCase(
      #""value": 500"#, #""value": 500, "min": 10, "max": 5"#,
      """
      s.json:17:68: workloads[0].prompt.min: found 10, needs at most max, 5
      """),
  ]
}
