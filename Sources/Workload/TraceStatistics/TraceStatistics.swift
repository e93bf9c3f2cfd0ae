public import EventKernel

/// What a trace's requests are like, gathered in one pass in memory that does not grow with it.
///
/// Lengths are counted exactly; gaps to 0.003 %. Only sessions and prefix blocks need memory for each
/// different one, up to a stated limit.
public struct TraceStatistics: Sendable {
  /// Requests.
  public private(set) var requests: Int64 = 0
  /// When the first request arrived, in nanoseconds.
  public private(set) var firstArrival: Nanoseconds = 0
  /// When the last request arrived, in nanoseconds.
  public private(set) var lastArrival: Nanoseconds = 0
  /// From one arrival to the next, in nanoseconds.
  public private(set) var gaps = ValueCounts.times
  /// Prompt lengths in tokens.
  public private(set) var prompt = ValueCounts.lengths
  /// Output lengths in tokens.
  public private(set) var output = ValueCounts.lengths
  /// How the two go together.
  public private(set) var pairs = LengthPairs()
  /// Output over prompt of each request, in millionths.
  public private(set) var ratioMillionths = ValueCounts(significantBits: 12)
  /// Arrivals in windows, in the order in which they were asked for.
  public private(set) var windows: [WindowCounts]
  /// Arrivals over time.
  public private(set) var timeline = ArrivalTimeline()
  /// The conversations.
  public private(set) var sessions = SessionCounts()
  /// What prompts share.
  public private(set) var prefix = PrefixCounts()
  /// Requests that arrive at the very instant of the one before.
  public private(set) var sameInstant: Int64 = 0
  /// Requests that repeat arrival, prompt and output length of the one before.
  public private(set) var repeated: Int64 = 0
  private var last = ArrivingRequest(arrival: 0, workload: 0, promptTokens: 0, outputTokens: 0)

  /// The windows that are looked at unless others are asked for: 1, 10 and 60 s.
  public static let standardWindows: [Nanoseconds] = [
    1_000_000_000, 10_000_000_000, 60_000_000_000,
  ]

  /// No requests yet.
  ///
  /// - Parameter windows: The lengths of the windows in which arrivals are counted, in nanoseconds.
  public init(windows: [Nanoseconds] = standardWindows) {
    self.windows = windows.map { WindowCounts(window: $0) }
  }

  /// Takes the next request; arrivals never decrease.
  ///
  /// - Parameters:
  ///   - request: The request.
  ///   - blocks: What is known about its prompt's content.
  public mutating func add(_ request: ArrivingRequest, blocks: PrefixBlocks = .unknown) {
    if requests == 0 {
      firstArrival = request.arrival
    } else {
      precondition(request.arrival >= lastArrival, "arrivals never decrease")
      gaps.add(request.arrival - lastArrival)
      if request.arrival == lastArrival {
        sameInstant += 1
        if request.promptTokens == last.promptTokens, request.outputTokens == last.outputTokens {
          repeated += 1
        }
      }
    }
    requests += 1
    lastArrival = request.arrival
    last = request
    let time = request.arrival - firstArrival
    for index in windows.indices { windows[index].add(time) }
    timeline.add(time)
    prompt.add(Int64(request.promptTokens))
    output.add(Int64(request.outputTokens))
    pairs.add(prompt: request.promptTokens, output: request.outputTokens)
    ratioMillionths.add(
      Int64(request.outputTokens) * 1_000_000 / Int64(max(1, request.promptTokens)))
    sessions.add(request)
    prefix.add(request, blocks)
  }

  /// From the first arrival to the last, in nanoseconds.
  public var span: Nanoseconds { lastArrival - firstArrival }

  /// Requests per second: one over the mean gap; nil where no time passes.
  public var requestsPerSecond: Double? {
    span > 0 ? Double(requests - 1) / (Double(span) / 1e9) : nil
  }
}
