/// What a group of GPUs does with each other's data.
public enum CollectiveOperation: String, Sendable, Hashable, CaseIterable {
  /// Every GPU gets the sum of all GPUs' messages.
  case allReduce = "all-reduce"
  /// Every GPU gets every GPU's part of the message.
  case allGather = "all-gather"
  /// Every GPU gets its part of the sum.
  case reduceScatter = "reduce-scatter"
  /// Every GPU sends each other GPU a part of its message: experts' dispatch and combine.
  case allToAll = "all-to-all"
  /// One GPU sends another a message.
  case sendReceive = "send-receive"

  /// Bytes that each GPU sends in a ring, over the message's bytes; the message is the whole sum, the
  /// whole gathered or scattered tensor, or all that one GPU holds for others and itself.
  public func share(ranks: Int) -> Double {
    guard ranks > 1 else { return 0 }
    let others = Double(ranks - 1) / Double(ranks)
    switch self {
    case .allReduce: return 2 * others
    case .allGather, .reduceScatter, .allToAll: return others
    case .sendReceive: return 1
    }
  }

  /// Bytes that each GPU sends at least, over the message's bytes: a switch that sums saves an
  /// all-reduce all but one way.
  public func leastShare(ranks: Int) -> Double {
    self == .allReduce ? min(1, share(ranks: ranks)) : share(ranks: ranks)
  }

  /// Steps after one another in a ring.
  public func steps(ranks: Int) -> Double {
    guard ranks > 1 else { return 0 }
    switch self {
    case .allReduce: return 2 * Double(ranks - 1)
    case .allGather, .reduceScatter: return Double(ranks - 1)
    // Parts go to all others at once.
    case .allToAll, .sendReceive: return 1
    }
  }
}
