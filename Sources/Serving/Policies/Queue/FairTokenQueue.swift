/// Serves the tenant that has been served least, in weighted tokens: the Virtual Token Counter.
///
/// Each tenant of a model has a counter. A prompt token adds `inputWeight` when its request is admitted, an
/// output token `outputWeight` when the step that makes it sets out, both over the tenant's weight. The
/// tenant with the least counter is next, its requests in order of arrival. A tenant that
/// comes back from having nobody waiting is lifted to the least counter of those who wait, so that
/// nobody saves up while away. Two tenants that both have somebody waiting all the time are served
/// alike within 2 · max(inputWeight · longest prompt, outputWeight · KV tokens of an engine); the
/// engine never idles for fairness. A preempted request is not charged for its prompt again.
public struct FairTokenQueue: QueuePolicy {
  /// `vtc`.
  public static let name = "vtc"
  /// One line for help.
  public static let summary = "the tenant served least, in weighted tokens"
  /// The rule's origin.
  public static let source = "Sheng et al., Fairness in Serving Large Language Models (OSDI 2024)"
  /// `inputWeight`, `outputWeight`, `weights`.
  public static let options = [
    OptionDescription(
      "inputWeight", .number(0.001...1000), default: .number(1), "what a prompt token counts"),
    OptionDescription(
      "outputWeight", .number(0.001...1000), default: .number(2), "what an output token counts"),
    OptionDescription(
      "weights", .tenants(0.001...1000), "shares of tenants, by name (default: 1 each)"),
  ]
  /// Counters.
  public static let order = QueueOrder.tenant

  private let inputWeight: Double
  private let outputWeight: Double
  private let weights: [String: Double]

  /// Reads the checked options.
  public init(_ values: OptionValues) {
    inputWeight = values.number("inputWeight")
    outputWeight = values.number("outputWeight")
    weights = values.tenants("weights")
  }

  /// Charges in units of 2⁻²⁰, so that counters are whole numbers.
  public func charge(ofTenant tenant: String) -> TokenCharge {
    let unit = 0x1p20 / (weights[tenant] ?? 1)
    return TokenCharge(
      prompt: max(1, Int64((inputWeight * unit).rounded())),
      output: max(1, Int64((outputWeight * unit).rounded())))
  }
}
