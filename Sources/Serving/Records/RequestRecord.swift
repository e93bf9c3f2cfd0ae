public import EventKernel
public import Workload

/// How a request ended.
public enum RequestStatus: Int32, Sendable, CaseIterable {
  case completed, rejected, failed, unfinished

  /// The word used in results.
  public var name: String {
    switch self {
    case .completed: "completed"
    case .rejected: "rejected"
    case .failed: "failed"
    case .unfinished: "unfinished"
    }
  }
}

/// Why a request did not complete.
public enum RequestReason: Int32, Sendable, CaseIterable {
  case none, contextTooLong, keyValuePoolTooSmall, drainLimit, rateLimited, predictedTooLate

  /// The key used in JSON.
  public var key: String {
    switch self {
    case .none: "none"
    case .contextTooLong: "contextTooLong"
    case .keyValuePoolTooSmall: "keyValuePoolTooSmall"
    case .drainLimit: "drainLimit"
    case .rateLimited: "rateLimited"
    case .predictedTooLate: "predictedTooLate"
    }
  }

  /// The words used in results; empty for `none`.
  public var text: String {
    switch self {
    case .none: ""
    case .contextTooLong: "longer than the model's context"
    case .keyValuePoolTooSmall: "longer than the whole KV pool"
    case .rateLimited: "rate-limited"
    case .predictedTooLate: "predicted to miss its TTFT"
    case .drainLimit: "still in the system at the drain limit"
    }
  }
}

/// Rejected requests, counted by reason.
public struct RejectionCounts: Sendable, Hashable {
  /// The reasons for which requests are rejected, in the order in which they are told.
  public static let reasons: [RequestReason] = [
    .contextTooLong, .keyValuePoolTooSmall, .rateLimited, .predictedTooLate,
  ]

  private var counts = Array(repeating: Int64(0), count: reasons.count)

  /// None.
  public init() {}

  /// Requests rejected for a reason; 0 for what is no reason to reject.
  public subscript(reason: RequestReason) -> Int64 {
    get { Self.reasons.firstIndex(of: reason).map { counts[$0] } ?? 0 }
    set { if let place = Self.reasons.firstIndex(of: reason) { counts[place] = newValue } }
  }

  /// Adds the counts of others.
  public static func += (left: inout RejectionCounts, right: RejectionCounts) {
    for place in left.counts.indices { left.counts[place] += right.counts[place] }
  }
}

/// Everything a run says about one request; nanoseconds since the start of the run.
public struct RequestRecord: Sendable, Hashable {
  /// Number in order of arrival, from 0.
  public var requestID: Int64 = 0
  /// Index into the scenario's workloads; tenant and priority follow from it.
  public var workload: Int32 = 0
  /// Index into the scenario's models.
  public var model: Int32 = 0
  /// The conversation or client of its workload that it belongs to, -1 when it stands alone.
  public var session: Int64 = -1
  /// Which turn of its session it is, from 0.
  public var turn: Int32 = 0
  /// Prompt length in tokens.
  public var promptTokens: Int32 = 0
  /// Prompt tokens found in a cache.
  public var cachedTokens: Int32 = 0
  /// Tokens to generate, the first one included; all of them when it completed.
  public var outputTokens: Int32 = 0
  /// How it ended.
  public var status: RequestStatus = .completed
  /// Why it did not complete.
  public var reason: RequestReason = .none
  /// Times it was started: 1, and one more for each retry after a failure; 0 when never started.
  public var attempts: Int32 = 0
  /// The replica that finally served it (or was meant to), -1 when none.
  public var replicaID: Int32 = -1
  /// Arrival.
  public var arrival: Nanoseconds = 0
  /// First token, nil when there was none.
  public var firstToken: Nanoseconds?
  /// Last token, nil unless completed.
  public var finish: Nanoseconds?
  /// When it left the system, or the run's end.
  public var end: Nanoseconds = 0
  /// The labels; they sum to `end - arrival`.
  public var parts = LatencyParts()
  /// The labels up to the first token; they sum to `firstToken - arrival`, all zero without one.
  public var firstTokenParts = LatencyParts()
  /// Time a decoding request lost to prefill tokens in its steps; inside compute.
  public var batchInterference: Nanoseconds = 0

  /// An empty record.
  public init() {}

  /// The request as it arrived.
  public var arriving: ArrivingRequest {
    ArrivingRequest(
      arrival: arrival, workload: workload, promptTokens: promptTokens,
      outputTokens: outputTokens, session: session, turn: turn, model: model)
  }

  /// Time to the first token, in nanoseconds.
  public var ttft: Nanoseconds? { firstToken.map { $0 - arrival } }

  /// Mean time per further output token, in nanoseconds rounded half up; nil for one token or
  /// when the request did not complete.
  public var tpot: Nanoseconds? {
    guard let finish, let firstToken, outputTokens > 1 else { return nil }
    let gaps = Int64(outputTokens - 1)
    return (2 * (finish - firstToken) + gaps) / (2 * gaps)
  }

  /// End-to-end time of a completed request, in nanoseconds.
  public var e2e: Nanoseconds? { finish.map { $0 - arrival } }
}
