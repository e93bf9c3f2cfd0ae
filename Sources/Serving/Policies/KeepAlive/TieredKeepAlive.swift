public import EventKernel

/// Puts idle replicas to sleep, tier by tier: weights in GPU memory, then in host memory, then on storage
/// only, then gone.
///
/// A sleeping replica keeps its GPUs, its processes and their CUDA contexts and graphs, so waking it takes no
/// more than its weights take to come back (vLLM's sleep mode).
public struct TieredKeepAlive: KeepAlivePolicy {
  /// `tiered`.
  public static let name = "tiered"
  /// One line for help.
  public static let summary =
    "idle replicas sleep: weights to host memory, then to storage, then released; waking beats starting"
  /// The rule's origin.
  public static let source = "vLLM's sleep mode, levels 1 and 2"
  /// `awake`, `host`, `storage`, `bytesPerSecond`, `overhead`, `underPressure`.
  public static let options = [
    OptionDescription(
      "awake", .duration(0...Nanoseconds.max), default: .duration(60_000_000_000),
      "how long an idle replica stays awake"),
    OptionDescription(
      "host", .duration(0...Nanoseconds.max), default: .duration(600_000_000_000),
      "how long it sleeps with its weights in host memory"),
    OptionDescription(
      "storage", .duration(0...Nanoseconds.max), default: .duration(600_000_000_000),
      "how long it sleeps after that with its weights on storage only"),
    OptionDescription(
      "bytesPerSecond", .number(1...1e15), default: .number(16e9),
      "most that goes between a GPU and its host"),
    OptionDescription(
      "overhead", .duration(0...Nanoseconds.max), default: .duration(200_000_000),
      "what falling asleep and waking take beside that, each"),
    OptionDescription(
      "underPressure", .choice(["release", "keep"]), default: .choice("release"),
      "whether sleeping and idle replicas go when another model's demand finds no place"),
  ]

  private let awake: Nanoseconds
  /// How long idle replicas sleep in which tier, and what that takes.
  public let tiers: SleepTiers?
  /// Whether sleeping replicas, and then idle ones, make room for demands.
  public let yieldsToDemands: Bool

  /// Reads the checked options.
  public init(_ values: OptionValues) {
    awake = values.duration("awake")
    tiers = SleepTiers(
      host: values.duration("host"), storage: values.duration("storage"),
      bytesPerSecond: values.number("bytesPerSecond"), overhead: values.duration("overhead"))
    yieldsToDemands = values.choice("underPressure") == "release"
  }

  /// Awake for a fixed time.
  public func plan(_ view: IdleView) -> IdlePlan { IdlePlan(keep: awake) }
}

/// How long replicas sleep in which tier, and what falling asleep and waking take.
public struct SleepTiers: Sendable, Hashable {
  /// How long their weights lie in host memory, in nanoseconds.
  public var host: Nanoseconds
  /// How long they lie on storage only after that, in nanoseconds.
  public var storage: Nanoseconds
  /// Most bytes per second between a GPU and its host.
  public var bytesPerSecond: Double
  /// What falling asleep and waking take beside the bytes, in nanoseconds each.
  public var overhead: Nanoseconds

  /// Creates tiers.
  public init(
    host: Nanoseconds, storage: Nanoseconds, bytesPerSecond: Double, overhead: Nanoseconds
  ) {
    self.host = host
    self.storage = storage
    self.bytesPerSecond = bytesPerSecond
    self.overhead = overhead
  }
}
