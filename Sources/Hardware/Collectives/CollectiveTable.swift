/// Measured times of one collective operation over some GPUs of a node.
///
/// Noise only adds time, so that a shorter message counts as never taking longer than a longer one.
/// Between its sizes a table is straight (a time and a rate of their own, as within one protocol),
/// below the first flat, beyond the last at the last rate.
public struct CollectiveTable: Sendable, Hashable {
  /// The links in use.
  public var link: LinkKind
  /// What is done.
  public var operation: CollectiveOperation
  /// Who performs it.
  public var implementation: AllReduceImplementation
  /// How many GPUs take part.
  public var ranks: Int
  /// The sizes of messages in bytes, ascending.
  public private(set) var bytes: [Double]
  /// Nanoseconds at each size, never falling.
  public private(set) var nanoseconds: [Double]

  /// Creates a table.
  ///
  /// - Parameters:
  ///   - link: the links in use.
  ///   - operation: what is done.
  ///   - implementation: who performs it.
  ///   - ranks: how many GPUs take part.
  ///   - bytes: sizes of messages, ascending and above 0.
  ///   - nanoseconds: the time at each, above 0.
  public init(
    link: LinkKind, operation: CollectiveOperation, implementation: AllReduceImplementation,
    ranks: Int, bytes: [Double], nanoseconds: [Double]
  ) {
    precondition(!bytes.isEmpty && bytes.count == nanoseconds.count, "one time per size")
    precondition(zip(bytes, bytes.dropFirst()).allSatisfy { $0 < $1 }, "sizes ascend")
    self.link = link
    self.operation = operation
    self.implementation = implementation
    self.ranks = ranks
    self.bytes = bytes
    var least = Double.infinity
    self.nanoseconds = nanoseconds.reversed().map { time in
      least = min(least, time)
      return least
    }.reversed()
  }

  /// Nanoseconds of a message.
  public func nanoseconds(bytes size: Double) -> Double {
    guard size > bytes[0], bytes.count > 1 else { return nanoseconds[0] }
    var upper = 1
    while upper < bytes.count - 1, bytes[upper] < size { upper += 1 }
    let slope =
      (nanoseconds[upper] - nanoseconds[upper - 1]) / (bytes[upper] - bytes[upper - 1])
    return nanoseconds[upper - 1] + slope * (size - bytes[upper - 1])
  }

  /// The same table with every time `factor` times as long.
  func stretched(by factor: Double) -> CollectiveTable {
    var changed = self
    changed.nanoseconds = nanoseconds.map { $0 * factor }
    return changed
  }

  /// The same table over a link `factor` times as fast: the smallest message's time stays, what
  /// longer ones take beyond it changes.
  func scaled(by factor: Double) -> CollectiveTable {
    guard factor != 1 else { return self }
    var changed = self
    changed.nanoseconds = nanoseconds.map { nanoseconds[0] + ($0 - nanoseconds[0]) / factor }
    return changed
  }
}

extension [CollectiveTable] {
  /// The tables of one operation by one implementation over one kind of link, by rising ranks.
  public func of(
    _ operation: CollectiveOperation, _ implementation: AllReduceImplementation, _ link: LinkKind
  ) -> [CollectiveTable] {
    filter {
      $0.operation == operation && $0.implementation == implementation && $0.link == link
    }.sorted { $0.ranks < $1.ranks }
  }
}
