import EventKernel

/// Serves a class only when nobody of a higher one waits; a class in order of arrival.
///
/// `interactive` is the highest class and `batch` the lowest; others lie between them in the order of
/// the scenario's workloads. When KV blocks run out the lowest class loses its own first. Strict
/// order starves low classes under load; with `ageing` a request goes as if it had arrived that much
/// later for each class above its own, so those who come after that no longer overtake it. With
/// `preempts` a request that finds all sequences or blocks taken takes them from lower classes.
/// Batch requests then fill what interactive ones leave of the pipeline's micro-batches.
public struct PriorityQueue: QueuePolicy {
  /// `priority`.
  public static let name = "priority"
  /// One line for help.
  public static let summary = "by the workloads' classes, interactive first, batch last"
  /// The rule's origin.
  public static let source = "vLLM's scheduling policy priority, with the workload's class"
  /// `ageing`, `preempts`.
  public static let options = [
    OptionDescription(
      "ageing", .duration(0...86_400_000_000_000),
      "head start of each class before the next one (default: without end, which starves)"),
    OptionDescription(
      "preempts", .flag, default: .flag(false),
      "whether one who finds no room has running requests of lower classes preempted"),
  ]
  /// Places.
  public static let order = QueueOrder.place
  /// The lowest class is preempted first.
  public static let respectsClasses = true

  /// Whether lower classes are preempted for higher ones.
  public let preemptsLowerClasses: Bool
  private let ageing: Nanoseconds?

  /// Reads the checked options.
  public init(_ values: OptionValues) {
    preemptsLowerClasses = values.flag("preempts")
    if case .duration(let time)? = values["ageing"] { ageing = time } else { ageing = nil }
  }

  /// By class, or by arrival and the head starts of the classes above.
  public func place(of request: QueuedRequestView) -> QueuePlace {
    guard let ageing else {
      return QueuePlace(rank: Int64(request.priorityClass), time: request.arrival)
    }
    return QueuePlace(rank: 0, time: request.arrival + Int64(request.priorityClass) * ageing)
  }
}
