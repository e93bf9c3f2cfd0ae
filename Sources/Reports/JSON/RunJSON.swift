public import Serving

/// What `run --json` prints: one object, its keys in a fixed order.
public enum RunJSON {
  /// The object, indented, ended by a line feed.
  ///
  /// - Parameters:
  ///   - runs: The runs, in scenario order.
  ///   - context: The scenario's name, digest and the version.
  ///   - uncertainty: Whether the verdict holds at the ends of the figures' ranges, where asked.
  /// - Returns: JSON; a figure that does not exist is null.
  public static func text(
    _ runs: [RunSummary], context: ReportContext, uncertainty: Uncertainty? = nil
  ) -> String {
    var members: [(String, JSONValue)] = [
      ("scenario", .text(context.scenario)),
      ("scenarioDigest", .text(context.scenarioDigest)),
      ("version", .text(context.version)),
      ("runs", .array(runs.map(value))),
    ]
    if let uncertainty { members.append(("uncertainty", value(uncertainty))) }
    return JSONValue.object(members).text() + "\n"
  }

  private static func value(_ run: RunSummary) -> JSONValue {
    let head: [(String, JSONValue)] = [
      ("scheduler", .text(run.scheduler)),
      ("seed", .unsigned(run.seed)),
      ("replication", .integer(Int64(run.replication))),
      ("digest", .text(run.digest)),
      ("requests", .integer(run.requests)),
      ("completed", .integer(run.completed)),
      ("rejected", .integer(run.rejected)),
      ("rejectedFor", rejections(run.rejections)),
      ("failed", .integer(run.failed)),
      ("unfinished", .integer(run.unfinished)),
      ("simulatedSeconds", .number(Double(run.simulated) / 1e9)),
      ("state", .text(run.state.rawValue)),
    ]
    let tail: [(String, JSONValue)] = [
      ("gpuHours", .number(run.gpuHours)),
      ("gpuUtilization", .optional(run.gpuUtilization)),
      ("bubbleFraction", .optional(run.bubbleFraction)),
      ("bubble", run.bubble.map(bubble) ?? .null),
      ("straggler", run.straggler.map(straggler) ?? .null),
      ("mfu", .optional(run.mfu)),
      ("mbu", .optional(run.mbu)),
      ("linkShare", .optional(run.linkShare)),
      ("costUSD", .number(run.costUSD)),
      ("coldStarts", .integer(run.coldStarts)),
      ("preemptions", .integer(run.preemptions)),
    ]
    let cache = run.prefixCache.map { [("prefixCache", value($0))] } ?? []
    let weights = run.weights.map { [("weights", value($0))] } ?? []
    let workloads: [(String, JSONValue)] = [
      ("workloads", .object(run.workloads.map { ($0.name, workload($0)) }))
    ]
    return .object(
      head + figures(run.overall) + tail + placement(run) + cache + weights + workloads)
  }

  /// Only where weights can come from more than one place.
  private static func value(_ weights: WeightSources) -> JSONValue {
    .object(
      WeightTier.allCases.map { tier in
        let found = weights[tier]
        return (
          tier.name,
          .object([
            ("lookups", .integer(found.lookups)), ("hits", .integer(found.hits)),
            ("bytes", .integer(found.bytes)),
          ])
        )
      })
  }

  /// Only where engines share prefixes.
  private static func value(_ cache: PrefixCacheSummary) -> JSONValue {
    let tiers = cache.tiers.map { tier in
      JSONValue.object([
        ("name", .text(tier.name)), ("fetches", .integer(tier.fetches)),
        ("tokens", .integer(tier.tokens)), ("bytesIn", .integer(tier.bytesIn)),
        ("bytesOut", .integer(tier.bytesOut)),
      ])
    }
    return .object([
      ("lookups", .integer(cache.lookups)), ("hits", .integer(cache.hits)),
      ("promptTokens", .integer(cache.promptTokens)),
      ("cachedTokens", .integer(cache.cachedTokens)),
      ("hitRate", .optional(cache.hitRate)), ("tiers", .array(tiers)),
    ])
  }

  /// Seconds of all stages by cause.
  private static func bubble(_ parts: BubbleParts) -> JSONValue {
    .object(
      BubbleCause.allCases.map { ($0.name, JSONValue.number(Double(parts[$0]) / 1e9)) })
  }

  private static func straggler(_ straggler: Straggler) -> JSONValue {
    .object([
      ("replica", .integer(Int64(straggler.replicaID))),
      ("stage", .integer(Int64(straggler.stage))), ("ratio", .number(straggler.ratio)),
      ("cause", .text(straggler.cause.name)),
    ])
  }

  /// Rejected requests by reason.
  private static func rejections(_ counts: RejectionCounts) -> JSONValue {
    .object(RejectionCounts.reasons.map { ($0.key, .integer(counts[$0])) })
  }

  private static func workload(_ summary: WorkloadSummary) -> JSONValue {
    let counts: [(String, JSONValue)] = [
      ("requests", .integer(summary.requests)),
      ("completed", .integer(summary.completed)),
      ("rejected", .integer(summary.rejected)),
      ("rejectedFor", rejections(summary.rejections)),
      ("failed", .integer(summary.failed)),
      ("unfinished", .integer(summary.unfinished)),
    ]
    return .object(counts + figures(summary))
  }

  /// What a run and a workload both have.
  private static func figures(_ summary: WorkloadSummary) -> [(String, JSONValue)] {
    [
      (
        "latency",
        .object([
          ("ttft", metric(summary.ttft)), ("tpot", metric(summary.tpot)),
          ("itl", metric(summary.itl)), ("e2e", metric(summary.e2e)),
        ])
      ),
      ("decomposition", decomposition(summary.decomposition)),
      ("ttftDecomposition", decomposition(summary.ttftDecomposition)),
      ("tailDecomposition", decomposition(summary.tailDecomposition)),
      (
        "throughput",
        .object([
          ("requestsPerSecond", .number(summary.requestsPerSecond)),
          ("outputTokensPerSecond", .number(summary.outputTokensPerSecond)),
        ])
      ),
      ("sloAttainment", .optional(summary.sloAttainment)),
      ("goodputRequestsPerSecond", .optional(summary.goodputRequestsPerSecond)),
    ]
  }

  static func metric(_ summary: MetricSummary) -> JSONValue {
    .object([
      ("mean", .optional(summary.mean)), ("p50", .optional(summary.p50)),
      ("p90", .optional(summary.p90)), ("p95", .optional(summary.p95)),
      ("p99", .optional(summary.p99)), ("max", .optional(summary.max)),
    ])
  }

  private static func decomposition(_ summary: DecompositionSummary) -> JSONValue {
    let components = LatencyComponent.allCases.map {
      ($0.rawValue, JSONValue.number(summary.meanSeconds($0)))
    }
    let parts = LatencyLabel.allCases.map {
      ($0.name, JSONValue.number(summary.meanSeconds($0)))
    }
    return .object(components + [("parts", .object(parts))])
  }
}
