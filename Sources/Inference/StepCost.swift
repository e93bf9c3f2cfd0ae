/// How long a step takes on a stage, and what of it is not computing, in nanoseconds.
@frozen
public struct StepCost: Sendable, Hashable {
  /// The step from its start to its end.
  public var total: Int64
  /// Exposed all-reduces and all-gathers inside the stage.
  public var tensorCommunication: Int64
  /// Exposed all-to-all between experts.
  public var expertCommunication: Int64
  /// Launch, scheduler and sampler gaps of the host.
  public var host: Int64

  /// Creates a cost from its parts.
  @inlinable
  public init(
    total: Int64, tensorCommunication: Int64 = 0, expertCommunication: Int64 = 0, host: Int64 = 0
  ) {
    self.total = total
    self.tensorCommunication = tensorCommunication
    self.expertCommunication = expertCommunication
    self.host = host
  }

  /// A step that takes no time.
  @inlinable
  public static var zero: StepCost { StepCost(total: 0) }

  /// Everything else: the GPU at work.
  @inlinable
  public var compute: Int64 { total - tensorCommunication - expertCommunication - host }
}
