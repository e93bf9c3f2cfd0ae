import EventKernel

extension KnativeScaling {
  /// Windows and delays are at most an hour long in Knative.
  private static let hour: Nanoseconds = 3_600_000_000_000

  /// The keys of the ConfigMap and the annotations, in words of scenarios.
  public static let options =
    [
      OptionDescription(
        "min", .integer(0...10_000), default: .integer(0), "fewest replicas (min-scale)"),
      OptionDescription(
        "max", .integer(0...10_000), default: .integer(0), "most replicas (max-scale); 0: no limit"
      ),
      OptionDescription(
        "initial", .integer(0...10_000), default: .integer(1),
        "replicas up at the start (initial-scale)"),
      OptionDescription(
        "activationScale", .integer(1...10_000), default: .integer(1),
        "replicas at least, once there are any (activation-scale)"),
      OptionDescription(
        "metric", .choice(["concurrency", "rps"]), default: .choice("concurrency"),
        "what is measured"),
      OptionDescription(
        "containerConcurrency", .integer(0...1_000), default: .integer(0),
        "most requests of a replica, as the autoscaler counts; batching has no such limit; 0: none"),
      OptionDescription(
        "target", .number(0.01...1e9),
        "of the metric for each replica (default: containerConcurrency, or the default below)"),
      OptionDescription(
        "targetUtilizationPercentage", .number(1...100), default: .number(70),
        "how much of its target a replica should have"),
      OptionDescription(
        "containerConcurrencyTargetDefault", .number(0.01...1e9), default: .number(100),
        "concurrency for each replica where nothing else says"),
      OptionDescription(
        "requestsPerSecondTargetDefault", .number(0.01...1e9), default: .number(200),
        "requests per second for each replica where nothing else says"),
      OptionDescription(
        "stableWindow", .duration(6_000_000_000...hour), default: .duration(60_000_000_000),
        "over which the metric is averaged"),
    ] + moreOptions

  private static let moreOptions = [
    OptionDescription(
      "panicWindowPercentage", .number(1...100), default: .number(10),
      "the panic window, in percent of the stable one"),
    OptionDescription(
      "panicThresholdPercentage", .number(110...1_000), default: .number(200),
      "replicas wanted over the panic window at which panic begins, in percent of the ready ones"),
    OptionDescription(
      "maxScaleUpRate", .number(1...1e9), default: .number(1_000),
      "replicas at most, as a multiple of the ready ones"),
    OptionDescription(
      "maxScaleDownRate", .number(1...1e9), default: .number(2),
      "replicas at least: the ready ones over this"),
    OptionDescription(
      "scaleDownDelay", .duration(0...hour), default: .duration(0),
      "for how long fewer must have been wanted"),
    OptionDescription(
      "targetBurstCapacity", .number(-1...1e9), default: .number(211),
      "requests that must fit at once, else the activator stays in the path; -1: it always does"),
    OptionDescription(
      "enableScaleToZero", .flag, default: .flag(true), "whether the last replica may go"),
    OptionDescription(
      "scaleToZeroGracePeriod", .duration(1...hour), default: .duration(30_000_000_000),
      "for how long the activator must be in the path before the last replica goes"),
    OptionDescription(
      "scaleToZeroPodRetentionPeriod", .duration(0...hour), default: .duration(0),
      "for how long the last replica stays at least when nothing is wanted"),
    OptionDescription(
      "tick", .duration(1_000_000...hour), default: .duration(2_000_000_000),
      "between decisions; metrics are collected every half tick (2 s and 1 s in Knative's code)"),
  ]

  /// Bounds that fit, rates above 1, a burst capacity that is a number of requests or -1.
  public static func faults(in values: OptionValues) -> [OptionFault] {
    var faults: [OptionFault] = []
    let most = values.integer("max")
    for key in ["min", "initial", "activationScale"] where most > 0 {
      let found = values.integer(key)
      if found > most, key != "activationScale" || found > 1 {
        faults.append(OptionFault(key: key, found: "\(found)", expected: "at most max, \(most)"))
      }
    }
    for key in ["maxScaleUpRate", "maxScaleDownRate"] where values.number(key) <= 1 {
      faults.append(OptionFault(key: key, found: "1", expected: "more than 1"))
    }
    let burst = values.number("targetBurstCapacity")
    if burst < 0, burst != -1 {
      faults.append(
        OptionFault(key: "targetBurstCapacity", found: "\(burst)", expected: "at least 0, or -1"))
    }
    return faults
  }
}

/// The options, and what follows from several of them.
struct KnativeSettings: Sendable {
  /// How long an activation may take before it is given up: ten minutes of progress deadline and ten seconds.
  static let activationTimeout: Nanoseconds = 610_000_000_000
  /// No revision's target is less than this.
  private static let leastTarget = 0.01

  let minimum: Int
  let maximum: Int
  let initial: Int
  let countsRequests: Bool
  let stableWindow: Nanoseconds
  let panicWindow: Nanoseconds
  let scalesToZero: Bool
  let gracePeriod: Nanoseconds
  let retentionPeriod: Nanoseconds
  let tick: Nanoseconds
  let specification: KnativeSpecification

  init(_ values: OptionValues) {
    minimum = values.integer("min")
    maximum = values.integer("max") > 0 ? values.integer("max") : 10_000
    initial = values.integer("initial")
    countsRequests = values.choice("metric") == "rps"
    tick = values.duration("tick")
    stableWindow = values.duration("stableWindow")
    // Never shorter than a bucket.
    let share = values.number("panicWindowPercentage") / 100
    panicWindow = max(tick / 2, Nanoseconds((Double(stableWindow) * share).rounded()))
    scalesToZero = values.flag("enableScaleToZero")
    gracePeriod = values.duration("scaleToZeroGracePeriod")
    retentionPeriod = values.duration("scaleToZeroPodRetentionPeriod")
    let total = Self.total(values, countsRequests: countsRequests)
    let utilization = values.number("targetUtilizationPercentage") / 100
    var specification = KnativeSpecification(
      target: max(Self.leastTarget, total * utilization), total: total)
    specification.targetBurstCapacity = values.number("targetBurstCapacity")
    specification.panicThreshold = values.number("panicThresholdPercentage") / 100
    specification.maxScaleUpRate = values.number("maxScaleUpRate")
    specification.maxScaleDownRate = values.number("maxScaleDownRate")
    specification.stableWindow = stableWindow
    specification.scaleDownDelay = values.duration("scaleDownDelay")
    specification.activationScale = values.integer("activationScale")
    self.specification = specification
  }

  /// What a replica can have of the metric: the limit, the default where there is none, and never more
  /// than either once a target is given.
  private static func total(_ values: OptionValues, countsRequests: Bool) -> Double {
    var target: Double?
    if case .number(let given)? = values["target"] { target = given }
    if countsRequests { return target ?? values.number("requestsPerSecondTargetDefault") }
    let limit = Double(values.integer("containerConcurrency"))
    if limit == 0 { return target ?? values.number("containerConcurrencyTargetDefault") }
    return min(target ?? limit, limit)
  }
}
