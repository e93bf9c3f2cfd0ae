/// Faults of models that there are several of, and of workloads that ask for several.
extension FaultCase {
  static let popularity: [FaultCase] = [
    FaultCase(
      #"{ "name": "llama-3.1-70b" }"#, #"{ "name": "llama-3.1-70b", "copies": 0 }"#,
      """
      s.json:12:42: models[0].copies: found 0, needs a whole number from 1 to 10,000
      """),
    FaultCase(
      #"{ "name": "llama-3.1-70b" }"#, #"{ "name": "llama-3.1-70b", "copies": 4 }"#,
      """
      s.json:15:5: workloads[0].model: found "llama-3.1-70b", of which there are 4, needs \
      one of them, such as "llama-3.1-70b-1", or "models" for requests to several
      """),
    FaultCase(
      #"{ "name": "llama-3.1-70b" }"#,
      #"{ "name": "m", "like": "llama-3.1-8b", "copies": 2 }, "#
        + #"{ "name": "m-2", "like": "llama-3.1-8b" }"#,
      """
      s.json:12:69: models[1].name: found a model "m-2" beside another of this name, needs \
      names that differ, those of copies included
      s.json:15:5: workloads[0].model: missing, needs a model of the scenario, one of m-1, \
      m-2
      """),
    FaultCase(
      #""name": "chat","#, #""name": "chat", "model": "llama-3.1-70b", "models": {},"#,
      """
      s.json:15:32: workloads[0].model: found "models" beside it, needs one of the two
      """),
    FaultCase(
      #""name": "chat","#, #""name": "chat", "models": { "names": ["llama-3.1-7b"] },"#,
      """
      s.json:15:45: workloads[0].models.names[0]: found "llama-3.1-7b", needs a model of the\
       scenario; did you mean "llama-3.1-70b"?
      """),
    FaultCase(
      #""name": "chat","#,
      #""name": "chat", "models": { "names": ["llama-3.1-70b", "llama-3.1-70b"] },"#,
      """
      s.json:15:62: workloads[0].models.names[1]: found "llama-3.1-70b" twice, needs each \
      model once
      """),
    FaultCase(
      #""name": "chat","#, #""name": "chat", "models": { "popularity": "pareto" },"#,
      """
      s.json:15:49: workloads[0].models.popularity: found "pareto", needs a popularity; \
      known: zipf, equal, shares, clients
      """),
    FaultCase(
      #""name": "chat","#,
      #""name": "chat", "models": { "popularity": "shares", "shares": [1, 2] },"#,
      """
      s.json:15:69: workloads[0].models.shares: found a list of 2, needs a list of 1 \
      number, one for each model, not below 0 and not all 0
      """),
    FaultCase(
      #""name": "chat","#, #""name": "chat", "models": { "popularity": "clients" },"#,
      """
      s.json:15:33: workloads[0].models: found "popularity": "clients" for requests that \
      name no client or conversation, needs ServeGen client data, a trace with sessions, \
      "sessions" or closed-loop arrivals
      """),
    FaultCase(
      #""name": "chat","#,
      #""name": "chat", "models": { "popularity": "clients", "demand": "independent" },"#,
      """
      s.json:15:70: workloads[0].models.demand: found "popularity": "clients" beside it, \
      needs to be left out, for each client's own requests say when it asks
      """),
    FaultCase(
      #""process": "poisson", "rate": 2 }"#,
      #""process": "burst", "count": 2 }, "models": { "demand": "independent" }"#,
      """
      s.json:16:65: workloads[0].models: found "demand": "independent" for arrivals without \
      a rate of their own, needs poisson, gamma, weibull, constant, on-off or spikes, or \
      "joint"
      """),
    FaultCase(
      #""process": "poisson", "rate": 2 }"#,
      #""process": "burst", "count": 2 }, "models": { "demand": "independent", "#
        + #""wave": { "amplitude": 1, "period": "1h" } }"#,
      """
      s.json:16:65: workloads[0].models: found "demand": "independent" for arrivals without \
      a rate of their own, needs poisson, gamma, weibull, constant, on-off or spikes, or \
      "joint"
      """),
    FaultCase(
      #""process": "poisson", "rate": 2 }"#,
      #""process": "diurnal", "rate": 2, "amplitude": 0.5 }, "#
        + #""models": { "demand": "independent", "wave": { "amplitude": 1, "period": "1h" } }"#,
      """
      s.json:16:84: workloads[0].models: found a wave beside arrivals that swing already, \
      needs one of the two: no wave, or arrivals without a swing
      """),
    FaultCase(
      #""name": "chat","#,
      #""name": "chat", "models": { "wave": { "amplitude": 2, "period": "1ms" } },"#,
      """
      s.json:15:58: workloads[0].models.wave.amplitude: found 2, needs a number above 0, at \
      most 1
      s.json:15:71: workloads[0].models.wave.period: found "1ms", needs a time from 1s to \
      366d
      """),
    FaultCase(
      #""process": "poisson", "rate": 2 }"#,
      #""process": "poisson", "rate": 2 }, "sessions": { "turns": { "distribution": "constant", "#
        + #""value": 2 }, "think": { "distribution": "constant", "value": "1s" } }, "#
        + #""models": { "wave": { "amplitude": 1, "period": "1h" } }"#,
      """
      s.json:16:191: workloads[0].models: found a wave over conversations, each of which \
      keeps its model, needs "demand": "independent", or no wave
      """),
  ]
}
