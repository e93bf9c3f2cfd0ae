/// Faults of queues and admission: each case is an edit of the small scenario and all that is said.
extension FaultCase {
  static let queues: [FaultCase] = [
    FaultCase(
      #""parallelism": { "tensor": 4 }"#,
      #""parallelism": { "tensor": 4 }, "queue": { "policy": "prioritty" }"#,
      """
      s.json:21:75: schedulers[0].queue.policy: found "prioritty", needs a policy; did you mean \
      "priority"?
      """),
    FaultCase(
      #""parallelism": { "tensor": 4 }"#,
      #""parallelism": { "tensor": 4 }, "queue": { "policy": "priority", "ageing": 5 }"#,
      """
      s.json:21:97: schedulers[0].queue.ageing: found 5, needs a time with its unit, such as \
      "30s" (ns, us, ms, s, m, h, d)
      """),
    FaultCase(
      #""parallelism": { "tensor": 4 }"#,
      #""parallelism": { "tensor": 4 }, "queue": { "policy": "vtc", "weights": { "chta": 2 } }"#,
      """
      s.json:21:103: schedulers[0].queue.weights.chta: found "chta", needs a tenant of the \
      workloads; did you mean "chat"?
      """),
    FaultCase(
      #""parallelism": { "tensor": 4 }"#,
      #""parallelism": { "tensor": 4 }, "queue": { "policy": "vtc", "weights": { "chat": 0 } }"#,
      """
      s.json:21:103: schedulers[0].queue.weights.chat: found 0, needs a number from 0.001 to 1,000
      """),
    FaultCase(
      #""parallelism": { "tensor": 4 }"#,
      #""parallelism": { "tensor": 4 }, "queue": { "policy": "vtc", "weights": [1] }"#,
      """
      s.json:21:93: schedulers[0].queue.weights: found a list of 1, needs an object
      """),
    FaultCase(
      #""parallelism": { "tensor": 4 }"#,
      #""parallelism": { "tensor": 4 }, "queue": { "policy": "shortest-first", "by": "age" }"#,
      """
      s.json:21:99: schedulers[0].queue.by: found "age", needs a value of "by"; known: prompt, \
      output, total
      """),
    FaultCase(
      #""parallelism": { "tensor": 4 }"#,
      #""parallelism": { "tensor": 4 }, "admission": { "policy": "reject-early" }"#,
      """
      s.json:21:79: schedulers[0].admission.policy: found "reject-early", and no workload with a \
      TTFT target, needs "slo": { "ttft": … } in some workload, or "ttft" here
      """),
    FaultCase(
      #""parallelism": { "tensor": 4 }"#,
      #""parallelism": { "tensor": 4 }, "admission": { "policy": "token-bucket", "rate": -1 }"#,
      """
      s.json:21:103: schedulers[0].admission.rate: found -1, needs a number from 0 to \
      1,000,000,000
      """),
    FaultCase(
      #""parallelism": { "tensor": 4 }"#,
      #""parallelism": { "tensor": 4 }, "admission": { "policy": "token-bucket", "#
        + #""rates": { "nobody": 5 }, "bursts": { "chat": 0.5 } }"#,
      """
      s.json:21:141: schedulers[0].admission.bursts.chat: found 0.5, needs a number from 1 to \
      1,000,000,000,000
      """),
    FaultCase(
      #""parallelism": { "tensor": 4 }"#,
      #""parallelism": { "tensor": 4 }, "admission": { "policy": "token-bucket", "#
        + #""rates": { "nobody": 5 } }"#,
      """
      s.json:21:116: schedulers[0].admission.rates.nobody: found "nobody", needs a tenant of the \
      workloads; known: chat
      """),
  ]
}
