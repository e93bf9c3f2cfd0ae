/// The time of a step of a fixed number of decoding sequences on a stage, by their context: a straight
/// line that holds up to a limit.
///
/// Every step without prefill is priced by it, whether its simulator takes one step or many.
@frozen
public struct DecodeLine: Sendable {
  /// Work apart from reading keys and values, in units of work.
  @usableFromInline var base: Int64
  /// What a KV token adds, and what one in layers with a window adds.
  @usableFromInline var perContextToken: Int64
  @usableFromInline var perWindowToken: Int64
  /// The first counts of KV tokens that need another line.
  @usableFromInline var contextLimit: Int
  @usableFromInline var windowLimit: Int
  /// Nanoseconds beside the work: host, and communication where work does not hold it.
  @usableFromInline var fixed: Int64
  /// Nanoseconds of communication, and whether the work holds it already.
  @usableFromInline var communication: Int64
  @usableFromInline var holdsCommunication: Bool
  @usableFromInline var host: Int64

  @inlinable
  init(
    base: Int64, context: StepLine, window: StepLine, communication: Int64,
    holdsCommunication: Bool, host: Int64, given: Int64 = 0
  ) {
    self.base = base + context.base + window.base
    perContextToken = context.slope
    perWindowToken = window.slope
    contextLimit = context.limit
    windowLimit = window.limit
    self.communication = communication
    self.holdsCommunication = holdsCommunication
    self.host = host
    fixed = given + host + (holdsCommunication ? 0 : communication)
  }

  /// A line that holds nowhere.
  public static var unknown: DecodeLine {
    var line = DecodeLine(
      base: 0, context: .none, window: .none, communication: 0, holdsCommunication: false, host: 0)
    line.contextLimit = 0
    return line
  }

  /// Whether the line still holds over so many KV tokens, and those of them inside the model's window.
  @inlinable
  @inline(__always)
  public func holds(contextTokens: Int, windowContextTokens: Int) -> Bool {
    contextTokens < contextLimit && windowContextTokens < windowLimit
  }

  /// Nanoseconds of the work.
  @inlinable
  @inline(__always)
  func workNanoseconds(_ context: Int, _ window: Int) -> Int64 {
    // Contexts and slopes are far from overflow: a step of 2⁴² ns would be above an hour.
    let work = max(
      0, base &+ Int64(context) &* perContextToken &+ Int64(window) &* perWindowToken)
    return (work &+ unitsPerNanosecond / 2) &>> unitShift
  }

  /// Nanoseconds of the step over so many KV tokens, and those of them inside the model's window.
  @inlinable
  @inline(__always)
  public func total(contextTokens: Int, windowContextTokens: Int) -> Int64 {
    workNanoseconds(contextTokens, windowContextTokens) &+ fixed
  }

  /// Whether longer contexts leave communication and host as they are at this one.
  @inlinable
  public func isSteady(contextTokens: Int, windowContextTokens: Int) -> Bool {
    !holdsCommunication || communication <= workNanoseconds(contextTokens, windowContextTokens)
  }

  /// Nanoseconds of exposed communication of the step.
  @inlinable
  @inline(__always)
  public func tensorCommunication(contextTokens: Int, windowContextTokens: Int) -> Int64 {
    holdsCommunication
      ? min(communication, workNanoseconds(contextTokens, windowContextTokens)) : communication
  }

  /// The step with its parts.
  @inlinable
  @inline(__always)
  public func cost(contextTokens: Int, windowContextTokens: Int) -> StepCost {
    let work = workNanoseconds(contextTokens, windowContextTokens)
    return StepCost(
      total: work + fixed,
      tensorCommunication: holdsCommunication ? min(communication, work) : communication,
      host: host)
  }
}
