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
    FaultCase(
      before, #""parallelism": { "tensor": 4, "virtualStages": 2 }"#,
      """
      s.json:21:69: schedulers[0].parallelism.virtualStages: found 2 on one stage, needs 1, or \
      "stages" of at least 2
      """),
    FaultCase(
      before, #""parallelism": { "stages": 2, "topology": "loop" }"#,
      """
      s.json:21:64: schedulers[0].parallelism.topology: found "loop" with one virtual stage a \
      stage, needs "virtualStages" of at least 2, or to be left out
      """),
    FaultCase(
      before, #""parallelism": { "stages": 4, "virtualStages": 3 }"#,
      """
      s.json:21:37: schedulers[0].parallelism: PP4v3 cannot cut llama-3.1-70b: 80 layers do not \
      divide among 4 stages of 3 virtual stages; needs virtualStages 1, 2, 4, 5, 10, 20, or \
      layers listed or balanced
      """),
    FaultCase(
      before, #""parallelism": { "stages": 8, "virtualStages": 16 }"#,
      """
      s.json:21:37: schedulers[0].parallelism: PP8v16 cannot cut llama-3.1-70b: 128 stages for \
      only 80 layers
      """),
    FaultCase(
      before,
      #""parallelism": { "stages": 2, "virtualStages": 2, "layers": [40, 40] }"#,
      """
      s.json:21:37: schedulers[0].parallelism: PP2v2 cannot cut llama-3.1-70b: the partition \
      names 2 stages, the plan has 4
      """),
    FaultCase(
      before,
      #""parallelism": { "policy": "ladder", "plans": [{ "tensor": 4 }, { "stages": 4, "#
        + #""virtualStages": 0 }, { "stages": 4, "virtualStages": 3 }] }"#,
      """
      s.json:21:118: schedulers[0].parallelism.plans[1].virtualStages: found 0, needs a whole \
      number from 1 to 256
      """),
    FaultCase(
      before,
      #""parallelism": { "policy": "ladder", "plans": [{ "tensor": 4 }, { "stages": 4, "#
        + #""virtualStages": 3, "topology": "fold-back" }] }"#,
      """
      s.json:21:86: schedulers[0].parallelism.plans[1]: PP4v3 cannot cut llama-3.1-70b: 80 \
      layers do not divide among 4 stages of 3 virtual stages; needs virtualStages 1, 2, 4, 5, \
      10, 20, or layers listed or balanced
      """),
    FaultCase(
      before,
      #""parallelism": { "policy": "pp-then-consolidate", "plans": [{ "tensor": 4 }], "#
        + #""endTensor": 4 }"#,
      """
      s.json:21:81: schedulers[0].parallelism.plans: found no plan of several stages, needs a \
      pipeline among them
      """),
    FaultCase(
      before,
      #""parallelism": { "policy": "pp-then-consolidate", "plans": [{ "tensor": 2, "stages": 2 }], "#
        + #""endTensor": 4, "survivors": "all" }"#,
      """
      s.json:21:142: schedulers[0].parallelism.survivors: found "all", where stages have other \
      numbers of GPUs than endTensor, needs "one", or plans of tensor 4
      """),
    FaultCase(
      before,
      #""parallelism": { "policy": "pp-then-consolidate", "plans": [{ "tensor": 2, "stages": 2 }], "#
        + #""endTensor": 4 }, "engine": { "residentsPerGPU": 2 }"#,
      """
      s.json:21:49: schedulers[0].parallelism.policy: found pipelines that consolidate, with \
      replicas that share GPUs (engine.residentsPerGPU), needs another policy, or one resident \
      on a GPU
      """),
  ]
}
