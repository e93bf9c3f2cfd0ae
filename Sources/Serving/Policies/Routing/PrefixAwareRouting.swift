/// Sends a request to the replica that holds most of its prompt, unless loads are far apart.
///
/// Loads are far apart when the most loaded replica has more than `balanceDifference` requests more
/// than the least loaded one and also more than `balanceRatio` times as many; then, and when no
/// replica holds more than the share `cacheThreshold` of the prompt, the least loaded one is taken.
/// SGLang's router mirrors each replica's cache in a tree of its own; here it knows the caches.
public struct PrefixAwareRouting: RoutingPolicy {
  /// `prefix-aware`.
  public static let name = "prefix-aware"
  /// One line for help.
  public static let summary = "the replica with most of the prompt in its prefix cache"
  /// The rule's origin, with its defaults.
  public static let source = "SGLang's router, policy cache_aware"
  /// `cacheThreshold`, `balanceDifference`, `balanceRatio`, `holdsAtReplica`.
  public static let options = [
    OptionDescription(
      "cacheThreshold", .number(0...1), default: .number(0.3),
      "share of the prompt that must be cached for its replica to be preferred"),
    OptionDescription(
      "balanceDifference", .integer(0...1_000_000), default: .integer(64),
      "requests by which loads may differ before the least loaded replica is taken"),
    OptionDescription(
      "balanceRatio", .number(1...1000), default: .number(1.5),
      "ratio of loads that must be passed too"),
    OptionDescription.holdsAtReplica(true),
  ]
  /// Prefix caches.
  public static let needs: RoutingNeeds = .cachedTokens

  /// Whether requests wait at replicas.
  public let holdsAtReplica: Bool
  private let cacheThreshold: Double
  private let balanceDifference: Int
  private let balanceRatio: Double

  /// Reads the checked options.
  public init(_ values: OptionValues) {
    holdsAtReplica = values.flag("holdsAtReplica")
    cacheThreshold = values.number("cacheThreshold")
    balanceDifference = values.integer("balanceDifference")
    balanceRatio = values.number("balanceRatio")
  }

  /// Most cached tokens, of several the fewest requests, of several the oldest.
  public mutating func route(
    _ request: RoutedRequestView, among replicas: [ReplicaView]
  ) -> Int? {
    guard let least = replicas.leastLoaded() else { return nil }
    var best = least
    var (low, high) = (Int.max, 0)
    for index in replicas.indices {
      let view = replicas[index]
      low = min(low, view.outstanding)
      high = max(high, view.outstanding)
      guard view.hasRoom else { continue }
      let gain = view.cachedTokens - replicas[best].cachedTokens
      if gain > 0 || gain == 0 && view.outstanding < replicas[best].outstanding { best = index }
    }
    let isFarApart =
      high - low > balanceDifference && Double(high) > balanceRatio * Double(low)
    let share = Double(replicas[best].cachedTokens) / Double(max(1, request.promptTokens))
    return isFarApart || share <= cacheThreshold ? least : best
  }
}
