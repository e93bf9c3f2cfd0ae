import EventKernel

/// Serves the shortest request first, which makes the mean wait shortest.
///
/// Without `ageing` a long request starves as long as shorter ones come. With it, a request goes as if
/// it had arrived later by that time for each of its tokens: one of n tokens is overtaken only by those
/// who come within n times `ageing` after it. `by` `output` and `total` know what no engine knows
/// before the answer is there; they say what a perfect prediction would bring.
public struct ShortestFirstQueue: QueuePolicy {
  /// `shortest-first`.
  public static let name = "shortest-first"
  /// One line for help.
  public static let summary = "the shortest request; long ones starve without ageing"
  /// The rule's origin.
  public static let source =
    "shortest job first (Schrage, 1968); by predicted output as in SSJF (2024)"
  /// `by`, `ageing`.
  public static let options = [
    OptionDescription(
      "by", .choice(["prompt", "output", "total"]), default: .choice("prompt"),
      "which tokens count; those of the output as a perfect prediction would know them"),
    OptionDescription(
      "ageing", .duration(0...3_600_000_000_000),
      "head start that each token less is worth (default: without end, which starves)"),
  ]
  /// Places.
  public static let order = QueueOrder.place

  private let countsPrompt: Bool
  private let countsOutput: Bool
  private let ageing: Nanoseconds?

  /// Reads the checked options.
  public init(_ values: OptionValues) {
    countsPrompt = values.choice("by") != "output"
    countsOutput = values.choice("by") != "prompt"
    if case .duration(let time)? = values["ageing"] { ageing = time } else { ageing = nil }
  }

  /// By tokens, or by arrival and what its tokens are worth.
  public func place(of request: QueuedRequestView) -> QueuePlace {
    let tokens = Int64(
      (countsPrompt ? request.promptTokens : 0) + (countsOutput ? request.outputTokens : 0))
    guard let ageing else { return QueuePlace(rank: tokens, time: request.arrival) }
    let (later, overflow) = tokens.multipliedReportingOverflow(by: ageing)
    return QueuePlace(
      rank: 0, time: overflow ? .max : request.arrival.addingReportingOverflow(later).partialValue)
  }
}
