/// What each tenant of a model has been served, in charged tokens: the counters of `FairTokenQueue`.
///
/// One set for all replicas of a model. While an engine plans, the set is the engine's.
struct TokenCounters: Sendable {
  /// What a token of each tenant adds.
  private let charges: [TokenCharge]
  /// What each has been served.
  private(set) var served: [Int64]
  /// The same and the prompts that were handed to a replica and not admitted there yet: what decides in
  /// the model's queue.
  private(set) var claimed: [Int64]
  /// Requests of each that wait, in the model's queue or in front of an engine.
  private var waiting: [Int32]
  /// The tenant of the request that was admitted last; -1 before the first.
  private var lastAdmitted = -1

  /// Counters that nobody reads.
  init() { self.init([]) }

  init(_ charges: [TokenCharge]) {
    self.charges = charges
    served = Array(repeating: 0, count: charges.count)
    claimed = served
    waiting = Array(repeating: 0, count: charges.count)
  }

  /// Whether tokens are counted at all.
  var isUsed: Bool { !charges.isEmpty }

  /// Whether a tenant has nobody waiting, so that its next request lifts its counter.
  func isAway(_ tenant: Int32) -> Bool { waiting[Int(tenant)] == 0 }

  /// A request arrives; who was away is lifted to the least counter of those who wait, or when nobody
  /// does to that of who was admitted last.
  mutating func arrive(_ tenant: Int32) {
    let tenant = Int(tenant)
    if waiting[tenant] == 0 {
      var least: Int64?
      for other in waiting.indices where waiting[other] > 0 {
        least = min(least ?? served[other], served[other])
      }
      if least == nil, lastAdmitted >= 0 { least = served[lastAdmitted] }
      let lift = max(0, (least ?? 0) - served[tenant])
      served[tenant] += lift
      claimed[tenant] += lift
    }
    waiting[tenant] += 1
  }

  /// A request leaves the model's queue for a replica.
  mutating func handOver(_ tenant: Int32, prompt: Int32) {
    claimed[Int(tenant)] += charges[Int(tenant)].prompt * Int64(prompt)
  }

  /// An engine admits a request for the first time.
  mutating func admit(_ tenant: Int32, prompt: Int32) {
    served[Int(tenant)] += charges[Int(tenant)].prompt * Int64(prompt)
    readmit(tenant)
  }

  /// An engine admits a request that it had preempted.
  mutating func readmit(_ tenant: Int32) {
    waiting[Int(tenant)] -= 1
    lastAdmitted = Int(tenant)
  }

  /// A request waits again.
  mutating func preempt(_ tenant: Int32) { waiting[Int(tenant)] += 1 }

  /// Steps set out that make tokens.
  mutating func make(_ tokens: Int32, _ tenant: Int32) {
    let charge = charges[Int(tenant)].output * Int64(tokens)
    served[Int(tenant)] += charge
    claimed[Int(tenant)] += charge
  }
}
