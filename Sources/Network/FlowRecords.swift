import EventKernel

/// Marks the end of a chain of hops.
let noHop: Int32 = -1

/// Bytes per second in one unit of the sums that tell whether a link can bind.
private let boundUnitBytesPerSecond = 1_024.0

/// A link, with the chain of the flows over it in the order of their starts.
struct Link: Sendable {
  let capacity: Double
  var firstHop = noHop
  var lastHop = noHop
  var flowCount: Int32 = 0

  /// Sum over the flows of what each could use at most, in units rounded up; exact, so that it
  /// depends on which flows run and not on the order in which they came.
  var demandBound: Int64 = 0

  // Scratch of the filling; meaningful only while a component is filled.
  var mark = 0
  var unsettledCount: Int32 = 0
  var remaining = 0.0

  // Ledgers of what is over.
  var creditedBytes: Int64 = 0
  var busyBefore: Nanoseconds = 0
  var busySince: Nanoseconds = 0

  init(capacity: Double) { self.capacity = capacity }

  /// Whether the flows together could use more than the link has.
  ///
  /// A link that cannot bind couples nobody. The margin keeps rounding out of the decision.
  var canBind: Bool {
    Double(demandBound) * boundUnitBytesPerSecond > capacity * (1 - 1e-9)
  }
}

/// One link of one flow's path, in two chains: the flow's path and the link's flows.
struct Hop: Sendable {
  var flow: Int32
  var link: Int32
  var nextInPath: Int32
  var previousOnLink: Int32
  var nextOnLink: Int32
}

/// A flow's progress since its rate last changed.
struct Segment: Sendable {
  var start: Nanoseconds
  var remainingBytes: Double
  var rate: Double
  var completion: Nanoseconds

  func remainingBytes(at now: Nanoseconds) -> Double {
    let sent = rate * Double(now - start) / 1e9
    return Swift.max(0, remainingBytes - sent)
  }
}

/// A transfer that runs.
struct Flow: Sendable {
  var tag: UInt64
  var bytes: Int64
  var order: Int64
  var firstHop: Int32
  var isActive: Bool

  /// Bytes per second; infinite when some link of the path is at least as narrow.
  var rateLimit: Double
  var demandBound: Int64

  var segment: Segment

  /// What ran until `segment.start`, to take up again when its rate returns at that instant.
  var previous: Segment
  var hasPrevious: Bool

  /// The rate it was settled at, and where: the level of the link that bounds it, or, by the highest
  /// number, of its own limit.
  ///
  /// What is computed next lies here until `run(at:now:)`.
  var share = FairShare(of: 0, among: 1)
  var key = Level(bytesPerSecond: 0, node: -1)

  // Scratch of the filling.
  var mark = 0
  var isSettled = false

  init(tag: UInt64, bytes: Int64, order: Int64, at now: Nanoseconds) {
    self.tag = tag
    self.bytes = bytes
    self.order = order
    firstHop = noHop
    isActive = true
    rateLimit = .infinity
    demandBound = 0
    segment = Segment(
      start: now, remainingBytes: Double(bytes), rate: 0, completion: bytes == 0 ? now : .max)
    previous = segment
    hasPrevious = false
  }

  /// Whole bytes sent by `now`; all of them from the completion on.
  func sentBytes(at now: Nanoseconds) -> Int64 {
    if now >= segment.completion { return bytes }
    let left = roundedUp(segment.remainingBytes(at: now))
    return Swift.max(0, bytes - left)
  }

  /// The flow's largest possible rate in units of the links' sums, rounded up.
  static func demandBound(_ bytesPerSecond: Double) -> Int64 {
    roundedUp(bytesPerSecond / boundUnitBytesPerSecond)
  }
}

extension Flow {
  /// Runs on at `share` from `now`.
  ///
  /// A rate that did not change leaves the segment as it is, and one that returns within the
  /// instant takes the earlier segment up again, so that neither unrelated flows nor the order
  /// of changes within an instant leave a trace.
  mutating func run(at share: FairShare, now: Nanoseconds) {
    let rate = share.bytesPerSecond
    if segment.completion <= now {
      segment.rate = rate  // all bytes are sent; only its removal is still to come
      return
    }
    if segment.start < now {
      if rate == segment.rate { return }
      previous = segment
      hasPrevious = true
      segment.remainingBytes = segment.remainingBytes(at: now)
      segment.start = now
    } else if hasPrevious && rate == previous.rate {
      segment = previous
      hasPrevious = false
      return
    }
    segment.rate = rate
    segment.completion = share.completion(
      ofBytes: segment.remainingBytes, from: now, grain: Double(bytes))
  }
}
