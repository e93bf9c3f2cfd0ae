public import EventKernel

/// When those phases of a cold start ended that not every cold start has; nanoseconds since the start
/// of the run, nil where there was no such phase or where it never ended.
public struct ColdStartMarks: Sendable, Hashable {
  /// When all its nodes were up.
  public var nodeProvisionEnd: Nanoseconds?
  /// When all its nodes had the image.
  public var imageEnd: Nanoseconds?
  /// When its GPUs formed a process group.
  public var processGroupEnd: Nanoseconds?
  /// When its engine was initialised, where other phases follow.
  public var engineInitEnd: Nanoseconds?
  /// When the model was compiled.
  public var compileEnd: Nanoseconds?
  /// When its CUDA graphs were captured.
  public var captureEnd: Nanoseconds?
  /// When it was warm; then it is ready.
  public var warmUpEnd: Nanoseconds?

  /// No marks.
  public init() {}

  /// The phases it has instants of, in the order of the chain.
  public static let phases: [ColdStartPhase] = [
    .nodeProvision, .image, .processGroup, .engineInit, .compile, .capture, .warmUp,
  ]

  /// The end of a phase; nil for those that stand in the replica's record itself.
  public subscript(phase: ColdStartPhase) -> Nanoseconds? {
    get {
      switch phase {
      case .nodeProvision: nodeProvisionEnd
      case .image: imageEnd
      case .processGroup: processGroupEnd
      case .engineInit: engineInitEnd
      case .compile: compileEnd
      case .capture: captureEnd
      case .warmUp: warmUpEnd
      case .container, .runtime, .fetch, .load: nil
      }
    }
    set {
      switch phase {
      case .nodeProvision: nodeProvisionEnd = newValue
      case .image: imageEnd = newValue
      case .processGroup: processGroupEnd = newValue
      case .engineInit: engineInitEnd = newValue
      case .compile: compileEnd = newValue
      case .capture: captureEnd = newValue
      case .warmUp: warmUpEnd = newValue
      case .container, .runtime, .fetch, .load: break
      }
    }
  }
}
