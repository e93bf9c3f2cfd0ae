import EventKernel

/// Draws two replicas and sends the request to the one with fewer requests.
///
/// Two choices keep the longest queue at log log n beside log n of one choice, without anybody
/// knowing all loads. The draws are functions of the request's number.
public struct PowerOfTwoRouting: RoutingPolicy {
  /// `power-of-two`.
  public static let name = "power-of-two"
  /// One line for help.
  public static let summary = "of two replicas drawn at random the one with fewer requests"
  /// The rule's origin.
  public static let source = "Mitzenmacher, The Power of Two Choices (IEEE TPDS 2001)"
  /// `holdsAtReplica`.
  public static let options = [OptionDescription.holdsAtReplica(false)]

  /// Whether requests wait at replicas.
  public let holdsAtReplica: Bool

  /// Reads the checked options.
  public init(_ values: OptionValues) { holdsAtReplica = values.flag("holdsAtReplica") }

  /// Two different replicas among those with room; the first one drawn when they have equally many.
  public mutating func route(
    _ request: RoutedRequestView, among replicas: [ReplicaView]
  ) -> Int? {
    let count = replicas.count { $0.hasRoom }
    guard count > 1 else { return replicas.firstIndex { $0.hasRoom } }
    let first = draw(request, lane: 0, below: count)
    var second = draw(request, lane: 1, below: count - 1)
    if second >= first { second += 1 }
    var (one, other) = (-1, -1)
    var place = 0
    for index in replicas.indices where replicas[index].hasRoom {
      if place == first { one = index }
      if place == second { other = index }
      place += 1
    }
    return replicas[other].outstanding < replicas[one].outstanding ? other : one
  }

  /// A whole number below a bound.
  private func draw(_ request: RoutedRequestView, lane: UInt64, below bound: Int) -> Int {
    let bits = request.draws.bits(at: UInt64(request.number), lane: lane)
    return Int(bits.multipliedFullWidth(by: UInt64(bound)).high)
  }
}
