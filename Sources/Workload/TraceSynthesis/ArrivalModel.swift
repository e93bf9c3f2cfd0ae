public import EventKernel

/// How a trace's arrivals come, fitted so that as many can be drawn as one likes.
public struct ArrivalModel: Sendable, Hashable {
  /// The two ways in which arrivals are drawn.
  public enum Kind: String, Sendable, Hashable, CaseIterable {
    /// Instants with independent gaps, drawn from the quantiles of the trace's; several requests at
    /// an instant by a cascade over the instants.
    case renewal
    /// A cascade over time: the rate in up to 32 segments as in the trace, and within them the
    /// burstiness of each scale.
    case cascade
  }

  /// Which way.
  public let kind: Kind
  /// Positions of the cascade are so many nanoseconds apart; 1 where it runs over instants.
  let unit: Nanoseconds
  /// Gaps between instants, of `renewal`.
  let gaps: QuantileTable?
  /// Where arrivals lie in time, or, of `renewal`, the further ones of each instant.
  let cascade: SplitCascade
  /// Instants of one round, of `renewal`.
  let instants: Int64
  /// One round's time, in nanoseconds: after it the same rates come again, with other draws.
  public let period: Nanoseconds
}

/// Draws arrivals one at a time, round after round, without end.
struct ArrivalDraw {
  private let model: ArrivalModel
  private let seed: UInt64
  private var round: UInt64 = 0
  private var cascade: CascadeDraw
  /// The next position of the cascade.
  private var position: Int64?
  /// Of `renewal`: the present instant, its number in the round, and whether its own request is out.
  private var now: Nanoseconds = 0
  private var instant: Int64 = 0
  private var isOut = false
  private var gapStream: RandomStream

  init(_ model: ArrivalModel, seed: UInt64) {
    self.model = model
    self.seed = seed
    cascade = CascadeDraw(model.cascade, seed: seed, name: "trace/round/0")
    gapStream = RandomStream(seed: seed, name: "trace/gaps/0")
    position = cascade.next()
  }

  /// The next arrival in nanoseconds since the first instant; nil when it lies beyond 2⁶² ns.
  mutating func next() -> Nanoseconds? {
    switch model.kind {
    case .cascade: nextOfCascade()
    case .renewal: nextOfRenewal()
    }
  }

  private mutating func nextOfCascade() -> Nanoseconds? {
    while position == nil {
      guard startRound() else { return nil }
    }
    guard let found = position else { return nil }
    position = cascade.next()
    let start = Int64(round) * model.period
    return start < 1 << 62 ? start + found * model.unit : nil
  }

  private mutating func nextOfRenewal() -> Nanoseconds? {
    if !isOut {
      isOut = true
      return now
    }
    if position == instant {
      position = cascade.next()
      return now
    }
    instant += 1
    if instant >= model.instants {
      guard startRound() else { return nil }
      instant = 0
    }
    let gap = model.gaps?.draw(gapStream, at: UInt64(instant)) ?? 0
    guard now < 1 << 62 else { return nil }
    now += max(1, gap)
    return now
  }

  private mutating func startRound() -> Bool {
    // A model without arrivals or time has one round only.
    guard model.cascade.arrivals > 0 || model.kind == .renewal, model.period > 0,
      round < 1 << 40,
      Int64(round + 1).multipliedReportingOverflow(by: model.period).overflow == false
    else { return false }
    round += 1
    cascade = CascadeDraw(model.cascade, seed: seed, name: "trace/round/\(round)")
    gapStream = RandomStream(seed: seed, name: "trace/gaps/\(round)")
    position = cascade.next()
    return true
  }
}
