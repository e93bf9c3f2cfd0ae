/// Faults at the top: each case is an edit of the small scenario and the whole of what is said.
extension FaultCase {
  static let top: [FaultCase] = [
    FaultCase(
      #""schemaVersion": 1"#, #""schemaVersion": 2"#,
      """
      s.json:2:20: schemaVersion: found 2, needs 1, the version of this format
      """),
    FaultCase(
      #""schemaVersion": 1,"#, #""#,
      """
      s.json:1:1: schemaVersion: missing, needs 1, the version of this format
      """),
    FaultCase(
      #""name": "small""#, #""name": """#,
      """
      s.json:3:11: name: found "", needs a name of 1 to 200 characters
      """),
    FaultCase(
      #""name": "small""#, #""nmae": "small""#,
      """
      s.json:1:1: name: missing, needs a name of 1 to 200 characters
      s.json:3:3: nmae: unknown key; did you mean "name"?
      """),
    FaultCase(
      #""name": "small""#, #""name": null"#,
      """
      s.json:3:11: name: found null, needs a name of 1 to 200 characters
      """),
    FaultCase(
      #""10m""#, #"600"#,
      """
      s.json:4:15: duration: found 600, needs a time with its unit, such as "30s" (ns, us, ms, \
      s, m, h, d)
      """),
    FaultCase(
      #""10m""#, #""600""#,
      """
      s.json:4:15: duration: found "600", needs a time with its unit, such as "30s" (ns, us, \
      ms, s, m, h, d)
      """),
    FaultCase(
      #""10m""#, #""10min""#,
      """
      s.json:4:15: duration: found "10min", needs a time with its unit, such as "30s" (ns, us, \
      ms, s, m, h, d); did you mean "10m"?
      """),
    FaultCase(
      #""10m""#, #""-10m""#,
      """
      s.json:4:15: duration: found "-10m", needs a time from 1ms to 366d
      """),
    FaultCase(
      #""10m""#, #""0s""#,
      """
      s.json:4:15: duration: found "0s", needs a time from 1ms to 366d
      """),
    FaultCase(
      #""10m""#, #""1000d""#,
      """
      s.json:4:15: duration: found "1000d", needs a time from 1ms to 366d
      """),
    FaultCase(
      #""10m""#, #""10m", "warmup": "10m""#,
      """
      s.json:4:32: warmup: found 10m, needs a time below the duration, 10m
      """),
    FaultCase(
      #""10m""#, #""10m", "sampleInterval": "1us""#,
      """
      s.json:4:40: sampleInterval: found 4,200,000,000 samples in duration and drainLimit, \
      needs at most 1,000,000, so an interval of at least 4,200us
      """),
    FaultCase(
      #""10m""#, #""10m", "seed": -1"#,
      """
      s.json:4:30: seed: found -1, needs a whole number from 0 to 18,446,744,073,709,551,615
      """),
    FaultCase(
      #""10m""#, #""10m", "seed": 1.5"#,
      """
      s.json:4:30: seed: found 1.5, needs a whole number from 0 to 18,446,744,073,709,551,615
      """),
    FaultCase(
      #""10m""#, #""10m", "drainlimit": "1h""#,
      """
      s.json:4:22: drainlimit: unknown key; did you mean "drainLimit"?
      """),
    FaultCase(
      #""workloads": ["#, #""workload": ["#,
      """
      s.json:1:1: workloads: missing, needs a list of workloads
      s.json:14:3: workload: unknown key; did you mean "workloads"?
      """),
  ]
}
