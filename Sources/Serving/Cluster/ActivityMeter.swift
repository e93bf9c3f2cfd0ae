public import EventKernel

/// How finely a model's activity is counted, and for how long it is remembered.
public struct ActivityMetering: Sendable, Hashable {
  /// The length of a bucket, in nanoseconds; buckets begin at whole multiples of it.
  public var bucket: Nanoseconds
  /// Buckets remembered.
  public var buckets: Int

  /// Buckets of a second, and a minute of them, unless told.
  public init(bucket: Nanoseconds = 1_000_000_000, buckets: Int = 60) {
    self.bucket = bucket
    self.buckets = buckets
  }
}

/// What a model's requests did in one bucket of time, or in several.
public struct Activity: Sendable, Hashable {
  /// The time of all requests in the system, in request-nanoseconds.
  public var requestTime: Int64 = 0
  /// Requests that arrived and were admitted.
  public var arrivals: Int64 = 0
  /// Their prompt tokens.
  public var promptTokens: Int64 = 0
  /// Requests that completed.
  public var completed: Int64 = 0
  /// Output tokens of those.
  public var outputTokens: Int64 = 0
  /// Their times to the first token, in nanoseconds.
  public var timeToFirstToken: Int64 = 0
  /// Their times from the first to the last token, in nanoseconds.
  public var generationTime: Int64 = 0
  /// Whether a replica was ready at the end of the bucket, or some request was there during it: what an
  /// autoscaler that scrapes pods and listens to an activator hears of.
  public var isReported = false

  static func += (left: inout Activity, right: Activity) {
    left.requestTime += right.requestTime
    left.arrivals += right.arrivals
    left.promptTokens += right.promptTokens
    left.completed += right.completed
    left.outputTokens += right.outputTokens
    left.timeToFirstToken += right.timeToFirstToken
    left.generationTime += right.generationTime
    left.isReported = left.isReported || right.isReported
  }
}

/// What a model's requests do, in buckets of equal length; kept lazily, in constant time for each request.
///
/// Bucket k covers [k, k + 1) lengths of a bucket. What has happened up to now is in it once `advance` has
/// been told of now.
public struct ActivityMeter: Sendable {
  /// How it counts.
  public let metering: ActivityMetering
  /// Requests of the model in the system.
  public private(set) var inFlight = 0
  /// Buckets that have ended so far; the next one is under way.
  public private(set) var ended: Int64 = 0
  /// The ended ones that are remembered, by their number modulo how many that are; empty until there is
  /// something to remember.
  private var ring: [Activity] = []
  private var current = Activity()
  private var accountedTo: Nanoseconds = 0
  private var hasReplica = false

  /// An empty meter at time 0.
  public init(_ metering: ActivityMetering) { self.metering = metering }

  /// The length of a bucket, in nanoseconds.
  public var bucket: Nanoseconds { metering.bucket }

  /// An ended bucket; nothing happened in one that is too long ago to be remembered.
  public subscript(number: Int64) -> Activity {
    guard number >= 0, number < ended, number >= ended - Int64(metering.buckets), !ring.isEmpty
    else { return Activity() }
    return ring[Int(number % Int64(metering.buckets))]
  }

  /// The last ended buckets that make up a window, summed, and their time in nanoseconds, which is less than
  /// the window at the beginning of the run.
  public func last(_ window: Nanoseconds) -> (activity: Activity, time: Nanoseconds) {
    let count = min(ended, Int64(metering.buckets), max(1, window / bucket))
    var sum = Activity()
    for number in ended - count..<ended { sum += self[number] }
    return (sum, count * bucket)
  }

  /// Requests in the system on average over the last ended buckets of a window; those in it now where none
  /// has ended.
  public func meanRequests(over window: Nanoseconds) -> Double {
    let (activity, time) = last(window)
    return time > 0 ? Double(activity.requestTime) / Double(time) : Double(inFlight)
  }

  /// Requests that arrived per second in the last ended buckets of a window.
  public func arrivalsPerSecond(over window: Nanoseconds) -> Double {
    let (activity, time) = last(window)
    return time > 0 ? Double(activity.arrivals) * 1e9 / Double(time) : 0
  }

  /// Accounts for the time up to now.
  public mutating func advance(to now: Nanoseconds) {
    let reached = now / bucket
    if reached > ended { endBuckets(upTo: reached) }
    current.requestTime += Int64(inFlight) * (now - accountedTo)
    accountedTo = now
  }

  private mutating func endBuckets(upTo reached: Int64) {
    if ring.isEmpty { ring = Array(repeating: Activity(), count: metering.buckets) }
    let count = Int64(metering.buckets)
    if reached - ended > count {
      // What lies between is forgotten at once.
      finish(ended)
      accountedTo = (reached - count) * bucket
      ended = reached - count
    }
    while ended < reached { finish(ended) }
  }

  private mutating func finish(_ number: Int64) {
    let end = (number + 1) * bucket
    current.requestTime += Int64(inFlight) * (end - accountedTo)
    accountedTo = end
    current.isReported = hasReplica || current.requestTime > 0 || current.arrivals > 0
    ring[Int(number % Int64(metering.buckets))] = current
    current = Activity()
    ended = number + 1
  }

  /// A request arrives.
  public mutating func arrive(promptTokens: Int32, at now: Nanoseconds) {
    advance(to: now)
    inFlight += 1
    current.arrivals += 1
    current.promptTokens += Int64(promptTokens)
  }

  /// A request leaves; `generation` is nil for one that has not completed, times are in nanoseconds.
  public mutating func leave(
    outputTokens: Int32, timeToFirstToken: Nanoseconds, generation: Nanoseconds?,
    at now: Nanoseconds
  ) {
    advance(to: now)
    inFlight -= 1
    guard let generation else { return }
    current.completed += 1
    current.outputTokens += Int64(outputTokens)
    current.timeToFirstToken += timeToFirstToken
    current.generationTime += generation
  }

  /// Some replica is ready from now on, or none is any more.
  public mutating func setReplica(_ isThere: Bool, at now: Nanoseconds) {
    guard isThere != hasReplica else { return }
    advance(to: now)
    hasReplica = isThere
  }
}
