public import EventKernel

/// Chooses whether a request that arrives is served at all; one instance for all models.
///
/// It is asked once, when the request arrives. What can never be served (longer than the context or than
/// the whole KV pool) has been refused before.
public protocol AdmissionPolicy: Policy {
  /// Whether it reads the predicted time to the first token, which takes time to compute.
  static var needsPrediction: Bool { get }
  /// Takes note of the scenario's tenants before the first request.
  mutating func begin(tenants: [String])
  /// Whether it would ever refuse a request of a workload with this objective.
  func concerns(_ objective: ServiceTargets) -> Bool
  /// Why the request is refused; `none` to admit it.
  mutating func refusal(of request: AdmissionView) -> RequestReason
}

extension AdmissionPolicy {
  /// Nothing is predicted.
  public static var needsPrediction: Bool { false }
  /// Tenants do not matter.
  public mutating func begin(tenants: [String]) {}
  /// Any request.
  public func concerns(_ objective: ServiceTargets) -> Bool { true }
}

/// What a workload's requests are to meet, as far as admission asks.
public struct ServiceTargets: Sendable, Hashable {
  /// The most time to the first token, in nanoseconds; nil: no target.
  public var ttft: Nanoseconds?

  /// Creates targets.
  public init(ttft: Nanoseconds?) { self.ttft = ttft }
}

/// What an admission policy may know about a request.
public struct AdmissionView: Sendable {
  /// Now, in nanoseconds.
  public var now: Nanoseconds
  /// Its tenant among the scenario's.
  public var tenant: Int
  /// Prompt length in tokens.
  public var promptTokens: Int
  /// Tokens it will generate at most.
  public var outputTokens: Int
  /// What its workload is to meet.
  public var targets: ServiceTargets
  /// The time to its first token that is predicted, in nanoseconds; nil when no replica is ready, or
  /// when the policy does not need it.
  public var predictedTTFT: Nanoseconds?
}
