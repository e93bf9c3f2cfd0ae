import Hardware

/// The part of a collective across nodes.
///
/// NCCL's protocols: a quick one, a tree over one card a node that sends data with flags, and a ring
/// that sends every byte once in slices of up to 512 KiB (4 MiB buffers in 8 steps), the first of
/// which have to travel before all cards are busy; inside the nodes it goes on meanwhile. Measured
/// beside it: docs/decisions/0008-collectives-across-nodes.md.
struct NetworkCollective: Sendable {
  /// Bytes that the part inside nodes has of a message.
  let shareInside: Double
  private let stepsNanoseconds: Double
  private let ringNanoseconds: Double
  private let fillNanosecondsPerByte: Double
  private let bytesOfFullSlices: Double
  private let quickNanosecondsPerByte: Double
  private let nanosecondsPerByte: Double
  private let isIdeal: Bool

  /// Bytes that the quick protocol moves per byte of data, flags and its tree's detours together: two
  /// A100 nodes take 0.45 ns a byte up to 256 KiB over one card of 6.7 GB/s (microsoft/vidur).
  private static let quickRatio = 3.0
  /// A slice: an eighth of the message up to 512 KiB.
  private static let sliceBytes = 524_288.0
  private static let slicesPerMessage = 8.0
  /// Steps of the ring that stay inside nodes still wait for those that do not: half a message each, and
  /// as much to start it (two A100 nodes of four take 252 µs at 512 KiB, 24 µs a message;
  /// microsoft/vidur).
  private static let messagesPerRingStep = 0.5
  /// Steps through the host's memory and sockets take longer than a message does: two V100 over
  /// Ethernet 258 µs for two steps, where a message takes 30 µs (microsoft/apex_plus).
  private static let messagesPerHostStep = 3.0

  init(
    operation: CollectiveOperation, ranks: Int, path: NetworkPath, isIdeal: Bool,
    messageNanoseconds: Double
  ) {
    self.isIdeal = isIdeal
    let card = path.bandwidthBytesPerSecond / Double(max(1, path.cardsPerNode))
    let share: Double
    let crossings: Double
    switch operation {
    case .allToAll:
      // Of a GPU's parts only those for other nodes leave it, with those of its neighbours.
      let others = Double(ranks - path.gpusPerNode) / Double(ranks)
      shareInside = Double(path.gpusPerNode) / Double(ranks)
      share = others * Double(path.gpusPerNode)
      crossings = 1
    case .sendReceive:
      shareInside = 0
      share = 1
      crossings = 1
    case .allReduce, .allGather, .reduceScatter:
      shareInside = 1
      share = operation.share(ranks: ranks)
      crossings = (operation == .allReduce ? 2 : 1) * Self.levels(path.nodes)
    }
    let perStep = path.isThroughHost ? Self.messagesPerHostStep : 1
    stepsNanoseconds =
      crossings * messageNanoseconds * (operation == .sendReceive || isIdeal ? 1 : perStep)
    let isRing = operation.steps(ranks: ranks) > 1
    ringNanoseconds =
      isRing && !path.isThroughHost
      ? max(1, operation.steps(ranks: ranks) - crossings + 1) * Self.messagesPerRingStep
        * messageNanoseconds : 0
    // Sockets send slices of whole messages, one after another up the tree.
    let slices = path.isThroughHost ? 1 : 1 / Self.slicesPerMessage
    bytesOfFullSlices = Self.sliceBytes / slices
    let deep = path.isThroughHost ? Self.levels(ranks) : Self.levels(path.nodes)
    let ways = operation == .allReduce ? 2.0 : 1
    fillNanosecondsPerByte = isRing ? ways * deep * slices / card * 1e9 : 0
    quickNanosecondsPerByte =
      isRing
      ? (path.isThroughHost
        ? 2 * share / path.bandwidthBytesPerSecond : Self.quickRatio * share / card) * 1e9
      : .infinity
    nanosecondsPerByte = share / path.bandwidthBytesPerSecond * 1e9
  }

  func nanoseconds(bytes: Double, inside: Double) -> Double {
    let crossing = nanosecondsPerByte * bytes
    if isIdeal { return stepsNanoseconds + max(inside, crossing) }
    let fill = fillNanosecondsPerByte * min(bytes, bytesOfFullSlices)
    let sliced = ringNanoseconds + fill + max(inside, crossing)
    return stepsNanoseconds + min(inside + quickNanosecondsPerByte * bytes, sliced)
  }

  /// Levels of a tree over `count`.
  private static func levels(_ count: Int) -> Double {
    var levels = 0
    while 1 << levels < count { levels += 1 }
    return Double(levels)
  }
}
