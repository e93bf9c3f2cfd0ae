import JSON
import Serving

extension ScenarioDecoding {
  /// The keep-alive policy that a scheduler names, if it names one; nil when it is unfit.
  ///
  /// It needs a scaling policy that leaves idle replicas to it, and stands instead of that one's own time.
  func keepAlive(
    _ scheduler: ObjectReader, besides scaling: (policy: any ScalingPolicy, choice: PolicyChoice)?
  ) -> (policy: (any KeepAlivePolicy)?, choice: PolicyChoice?)? {
    guard scheduler.has("keepAlive") else { return (nil, nil) }
    guard
      let chosen = choose(
        "keepAlive", catalogue.keepAlive, "fixed", scheduler, policy: { $0 }, make: { $0.init($1) })
    else { return nil }
    guard let scaling else { return (chosen.policy, chosen.choice) }
    if scaling.policy.keepAlive == nil {
      let name = type(of: scaling.policy).name
      scheduler.fault(
        "keepAlive",
        .unfit(
          found:
            "a keep-alive policy with scaling \"\(name)\", which decides itself when replicas go",
          needed: "to be left out, or scaling \"queue\""))
      return nil
    }
    if scaling.choice.reader.has("keepAlive") {
      scaling.choice.reader.fault(
        "keepAlive",
        .unfit(
          found: "a time beside a keep-alive policy",
          needed: "one of the two: this one is short for policy \"fixed\" of that duration"))
      return nil
    }
    return (chosen.policy, chosen.choice)
  }

  /// Refuses sleep where replicas share GPUs, or keep prefixes that would have to be forgotten.
  func checkSleep(
    _ scheduler: ObjectReader, _ keepAlive: (any KeepAlivePolicy)?, _ engine: EngineSpecification,
    _ parallelism: any ParallelismPolicy
  ) {
    guard keepAlive?.tiers != nil else { return }
    let obstacle: String? =
      if engine.residentsPerGPU > 1 {
        "replicas that share GPUs (engine.residentsPerGPU)"
      } else if parallelism.consolidation != nil {
        "pipelines that consolidate (parallelism)"
      } else if engine.keyValue.sharesPrefixes {
        "a prefix cache, which would be lost (engine.prefixCache)"
      } else { nil }
    guard let obstacle else { return }
    scheduler.fault(
      "keepAlive",
      .unfit(
        found: "replicas that sleep, with \(obstacle)", needed: "another keep-alive policy"))
  }

  /// Refuses pipelines that end on GPUs which other replicas compute on too: nobody would own the blocks that
  /// a successor takes over.
  func checkConsolidation(
    _ parallelism: (policy: any ParallelismPolicy, choice: PolicyChoice),
    _ engine: EngineSpecification
  ) {
    guard parallelism.policy.consolidation != nil, engine.residentsPerGPU > 1 else { return }
    parallelism.choice.reader.fault(
      "policy",
      .unfit(
        found: "pipelines that consolidate, with replicas that share GPUs (engine.residentsPerGPU)",
        needed: "another policy, or one resident on a GPU"))
  }
}
