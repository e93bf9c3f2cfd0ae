/// Faults of plans: each case is an edit of the small scenario and the whole of what is said.
extension FaultCase {
  private static let before = #""parallelism": { "tensor": 4 }"#

  static let plans: [FaultCase] = [
    FaultCase(
      before,
      #""parallelism": { "stages": 2, "layers": [40, 40], "partition": "balanced" }"#,
      """
      s.json:21:85: schedulers[0].parallelism.partition: found "balanced" beside "layers", needs \
      only one of the two
      """),
    FaultCase(
      before, #""parallelism": { "stages": 2, "partition": "best" }"#,
      """
      s.json:21:65: schedulers[0].parallelism.partition: found "best", needs a value of \
      "partition"; known: even, balanced
      """),
    FaultCase(
      before, #""parallelism": { "stages": 2, "balanceFor": "prefill" }"#,
      """
      s.json:21:66: schedulers[0].parallelism.balanceFor: found "prefill" without "partition": \
      "balanced", needs to stand beside it, or to be left out
      """),
  ]
}
