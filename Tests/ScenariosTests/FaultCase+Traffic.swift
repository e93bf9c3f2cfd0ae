/// Faults of arrival processes, tables of lengths and sessions, by edits of the small scenario.
extension FaultCase {
  private static let process = #""process": "poisson", "rate": 2"#
  private static let prompt = #""distribution": "constant", "value": 500"#

  static let traffic: [FaultCase] = [
    FaultCase(
      process, #""process": "on-off", "states": [{ "rate": 5, "sojourn": "1s" }]"#,
      """
      s.json:16:52: workloads[0].arrivals.states: found one state, needs two states or more, one of \
      them with a rate above 0
      """),
    FaultCase(
      process,
      #""process": "on-off", "states": [{ "rate": 0, "sojourn": "1s" }, { "rate": 0, "sojourn": 2 }]"#,
      """
      s.json:16:109: workloads[0].arrivals.states[1].sojourn: found 2, needs a time with its unit, \
      such as "30s" (ns, us, ms, s, m, h, d)
      """),
    FaultCase(
      process, #""process": "diurnal", "rate": 2, "hourly": [1, 2, 3]"#,
      """
      s.json:16:64: workloads[0].arrivals.hourly: found a list of 3, needs a list of 24 factors from \
      0 to 1,000,000, not all of them 0
      """),
    FaultCase(
      process, #""process": "diurnal", "rate": 2"#,
      """
      s.json:16:19: workloads[0].arrivals.amplitude: missing, needs a number from 0 to 1
      """),
    FaultCase(
      process,
      #""process": "spikes", "base": { "process": "burst" }, "spikes": [{ "at": "1m", "duration": "1m", "factor": 2, "every": "30s" }]"#,
      """
      s.json:16:63: workloads[0].arrivals.base.process: found "burst", needs a process with a rate; \
      known: poisson, gamma, weibull, constant, on-off, diurnal
      s.json:16:139: workloads[0].arrivals.spikes[0].every: found 30s, needs 0s for a spike that \
      comes once, or at least its duration, 1m
      """),
    FaultCase(
      process, #""process": "poisson", "rate": 2, "modulator": "rush""#,
      """
      s.json:16:67: workloads[0].arrivals.modulator: found "rush", needs a modulator of the scenario; \
      there is none
      """),
    FaultCase(
      process,
      #""process": "closed-loop", "clients": 0, "think": { "distribution": "constant", "value": 1 }"#,
      """
      s.json:16:58: workloads[0].arrivals.clients: found 0, needs a whole number from 1 to 1,000,000
      s.json:16:109: workloads[0].arrivals.think.value: found 1, needs a time with its unit, such as \
      "30s" (ns, us, ms, s, m, h, d)
      """),
    FaultCase(
      prompt, #""distribution": "zipf", "exponent": 1, "max": 2000000"#,
      """
      s.json:17:65: workloads[0].prompt.max: found 2,000,000 lengths from min to max, needs at most \
      1,000,000
      """),
    FaultCase(
      prompt, #""distribution": "empirical", "values": [1, 2], "weights": [1]"#,
      """
      s.json:17:77: workloads[0].prompt.weights: found 1 weights, needs one for each of the 2 values
      """),
    FaultCase(
      prompt, #""distribution": "empirical", "quantiles": [[0, 5], [0.5, 4], [1, 9]]"#,
      """
      s.json:17:70: workloads[0].prompt.quantiles[1]: found a list of 2, needs [share, tokens], both \
      no less than those before, shares from 0 to 1, tokens from 1 to 10,000,000
      """),
    FaultCase(
      #""prompt": {"#, #""lengths": { "rows": [[1, 2]] }, "prompt": {"#,
      """
      s.json:17:50: workloads[0].prompt: "lengths" gives both prompt and output lengths; leave out \
      "lengths", or "prompt" and "output"
      s.json:18:17: workloads[0].output: "lengths" gives both prompt and output lengths; leave out \
      "lengths", or "prompt" and "output"
      """),
    FaultCase(
      #""prompt": {"#, #""sessions": { "turns": 3 }, "prompt": {"#,
      """
      s.json:17:19: workloads[0].sessions.think: missing, needs an object
      s.json:17:30: workloads[0].sessions.turns: found 3, needs an object
      """),
  ]
}
