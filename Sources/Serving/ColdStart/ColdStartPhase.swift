/// A phase of a cold start, in the order of the chain; the raw value is its number in the event log.
public enum ColdStartPhase: Int64, Sendable, CaseIterable {
  /// Nodes that are down are provisioned.
  case nodeProvision = 4
  /// The image is pulled to nodes that lack it.
  case image = 5
  /// Pod schedule and container create.
  case container = 0
  /// Python, imports and the CUDA context.
  case runtime = 1
  /// The process group of several GPUs, and the check which of them reach each other.
  case processGroup = 6
  /// Weights to the memory of the hosts, or from peers straight into that of the GPUs.
  case fetch = 2
  /// Weights from the hosts into the memory of the GPUs.
  case load = 3
  /// Memory profile and KV allocation, and whatever has no phase of its own.
  case engineInit = 7
  /// Compilation.
  case compile = 8
  /// CUDA graphs are captured.
  case capture = 9
  /// A first request, so that no real one is slowed down by being it.
  case warmUp = 10

  /// The phase in words.
  public var name: String {
    switch self {
    case .nodeProvision: "node provisioning"
    case .image: "image pull"
    case .container: "container"
    case .runtime: "runtime"
    case .processGroup: "process group"
    case .fetch: "fetch"
    case .load: "load"
    case .engineInit: "engine init"
    case .compile: "compile"
    case .capture: "graph capture"
    case .warmUp: "warm-up"
    }
  }

  /// What holds from its end on, as `explain` says it.
  public var outcome: String {
    switch self {
    case .nodeProvision: "its nodes are up"
    case .image: "the image is on its nodes"
    case .container: "container is up"
    case .runtime: "runtime is up"
    case .processGroup: "its GPUs form a process group"
    case .fetch: "weights are fetched to the hosts"
    case .load: "weights are loaded into the GPUs"
    case .engineInit: "the engine is initialised"
    case .compile: "the model is compiled"
    case .capture: "its CUDA graphs are captured"
    case .warmUp: "it is warm"
    }
  }

  /// Those after loading, in their order.
  static let preparations: [ColdStartPhase] = [.engineInit, .compile, .capture, .warmUp]
}
