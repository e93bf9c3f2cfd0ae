import EventKernel

/// Holds each tenant to a rate of tokens with a burst: a bucket that fills at the rate.
///
/// A request takes as many tokens as it has, or one where requests count; when its tenant's bucket has
/// fewer it is refused and takes none. Buckets start full. A request larger than the burst never passes.
public struct TokenBucketAdmission: AdmissionPolicy {
  /// `token-bucket`.
  public static let name = "token-bucket"
  /// One line for help.
  public static let summary = "each tenant's requests up to a rate of tokens with a burst"
  /// The rule's origin.
  public static let source = "token bucket (Turner, 1986), as in public APIs' limits on tokens"
  /// `rate`, `burst`, `counts`, `rates`, `bursts`.
  public static let options = [
    OptionDescription(
      "rate", .number(0...1e9), default: .number(10_000), "what each bucket gains a second"),
    OptionDescription(
      "burst", .number(1...1e12), default: .number(100_000), "what each bucket holds at most"),
    OptionDescription(
      "counts", .choice(["tokens", "prompt", "requests"]), default: .choice("tokens"),
      "what a request takes: prompt and output tokens, prompt tokens, or one"),
    OptionDescription("rates", .tenants(0...1e9), "rates of tenants, by name (default: rate)"),
    OptionDescription("bursts", .tenants(1...1e12), "bursts of tenants, by name (default: burst)"),
  ]

  /// What a tenant may still take, in 10⁻¹⁵ of a token, so that every nanosecond adds a whole number.
  private struct Bucket {
    let gainPerNanosecond: Int128
    let most: Int128
    var level: Int128
    var filledAt: Nanoseconds = 0

    init(rate: Double, burst: Double) {
      gainPerNanosecond = Int128((rate * 1e6).rounded())
      most = Int128((burst * 1e6).rounded()) * TokenBucketAdmission.microtoken
      level = most
    }
  }

  private static let microtoken: Int128 = 1_000_000_000

  private let counts: String
  private let rate: Double
  private let burst: Double
  private let rates: [String: Double]
  private let bursts: [String: Double]
  private var buckets: [Bucket] = []

  /// Reads the checked options.
  public init(_ values: OptionValues) {
    counts = values.choice("counts")
    rate = values.number("rate")
    burst = values.number("burst")
    rates = values.tenants("rates")
    bursts = values.tenants("bursts")
  }

  /// A full bucket for each tenant.
  public mutating func begin(tenants: [String]) {
    buckets = tenants.map { Bucket(rate: rates[$0] ?? rate, burst: bursts[$0] ?? burst) }
  }

  /// Refused when the tenant's bucket has less than the request takes.
  public mutating func refusal(of request: AdmissionView) -> RequestReason {
    var bucket = buckets[request.tenant]
    let gained = Int128(request.now - bucket.filledAt) * bucket.gainPerNanosecond
    bucket.level = min(bucket.most, bucket.level + gained)
    bucket.filledAt = request.now
    let taken: Int =
      switch counts {
      case "requests": 1
      case "prompt": request.promptTokens
      default: request.promptTokens + request.outputTokens
      }
    let wanted = Int128(taken) * 1_000_000 * Self.microtoken
    let passes = wanted <= bucket.level
    if passes { bucket.level -= wanted }
    buckets[request.tenant] = bucket
    return passes ? .none : .rateLimited
  }
}
