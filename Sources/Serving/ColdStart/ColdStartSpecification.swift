public import EventKernel

/// What a cold start consists of, and what of it may go on beside what else.
///
/// The chain is: nodes provisioned → image pulled → container → runtime → process group → weights
/// fetched → loaded → engine initialised → compiled → graphs captured → warmed up. How long weights take
/// follows from bytes and links; the other phases are times. A phase of no time that is not among the
/// five of the plain chain (container, runtime, fetch, load, engine init) is not there at all.
public struct ColdStartSpecification: Sendable, Hashable {
  /// The system whose figures they are.
  public var system = ColdStartSystem.vllm
  /// Provisioning of a node that is down, in nanoseconds; 0: all nodes are up (60–300 s by a cluster
  /// autoscaler).
  public var nodeProvision: Nanoseconds = 0
  /// Nodes that are up from the start, the first ones of the cluster; nil: all of them.
  public var warmNodes: Int?
  /// Bytes of the container image, which a node pulls for its first replica; 0: every node has it.
  public var imageBytes: Int64 = 0
  /// Pod schedule and container create, in nanoseconds (0.5–3 s in production).
  public var container: Nanoseconds = 1_000_000_000
  /// Python, imports, CUDA context, in nanoseconds (2–6 s plus 0.5–2 s).
  public var runtime: Nanoseconds = 5_000_000_000
  /// The process group of a replica of several GPUs, in nanoseconds.
  public var processGroup: Nanoseconds = 0
  /// The check whether one GPU of a tensor-parallel group reaches another one's memory, in nanoseconds:
  /// each of the t (t − 1) ordered pairs of a group takes it, one after the other.
  public var peerCheck: Nanoseconds = 0
  /// Most bytes per second that a GPU's loader moves host → GPU; nil: the PCIe link's own rate.
  ///
  /// 5.3 GB/s: safetensors from a warm page cache on an H100 host (ServerlessLLM benchmarks).
  public var loaderBytesPerSecond: Double? = 5.3e9
  /// Memory profiling and KV allocation, and compilation and graph capture where they have no times of
  /// their own, in nanoseconds; vLLM 0.11 on H100 takes 21–36 s for all of it.
  public var engineInit: Nanoseconds = 21_000_000_000
  /// Compilation, in nanoseconds.
  public var compile: Nanoseconds = 0
  /// Capture of CUDA graphs, in nanoseconds.
  public var capture: Nanoseconds = 0
  /// A first request that nobody asked for, in nanoseconds.
  public var warmUp: Nanoseconds = 0
  /// Whether weights are fetched from the moment the nodes are up (HydraServe), else after the runtime
  /// and the process group.
  public var overlapsFetch = false
  /// Whether each part of a shard is loaded as soon as it is in host memory, else all once all are.
  public var streamsLoad = false
  /// Whether the model is compiled while weights are fetched and loaded, else after.
  public var overlapsCompile = false
  /// Whether graphs are captured, or restored, while weights are fetched and loaded, else after.
  public var overlapsCapture = false
  /// Parts in which a shard travels where loading streams or peers send it on.
  public var blocks = 32
  /// Bytes of weights that each node keeps in host memory; 0: none.
  public var hostCacheBytes: Int64 = 0
  /// Bytes of weights from the store that each node keeps on its own storage; 0: none.
  public var storageCacheBytes: Int64 = 0
  /// How weights come from GPUs of replicas that have them.
  public var peers = PeerLoading.none

  /// How weights come from the GPUs of ready replicas into those of starting ones.
  public enum PeerLoading: String, Sendable, CaseIterable {
    /// Not at all.
    case none
    /// Each sends on to the next one what it gets (BlitzScale).
    case chain
    /// As a binomial pipeline (λScale).
    case binomial
  }

  /// Whether weights may come from nearer than the store.
  var findsWeights: Bool { hostCacheBytes > 0 || storageCacheBytes > 0 || peers != .none }

  /// The defaults: what vLLM does.
  public init() {}

  /// The phases that the cold start of a replica of so many stages of `tensor` GPUs has, in their order.
  public func phases(tensor: Int, stages: Int) -> [ColdStartPhase] {
    ColdStartPhase.allCases.filter { phase in
      switch phase {
      case .container, .runtime, .fetch, .load, .engineInit: true
      case .image: imageBytes > 0
      default: time(of: phase, tensor: tensor, stages: stages) > 0
      }
    }
  }

  /// How long a phase takes that is not the network's, on a replica of so many stages of `tensor` GPUs;
  /// nanoseconds.
  func time(of phase: ColdStartPhase, tensor: Int, stages: Int) -> Nanoseconds {
    switch phase {
    case .nodeProvision: nodeProvision
    case .container: container
    case .runtime: runtime
    case .processGroup:
      tensor * stages > 1
        ? processGroup + peerCheck * Nanoseconds(tensor * (tensor - 1)) : 0
    case .engineInit: engineInit
    case .compile: compile
    case .capture: capture
    case .warmUp: warmUp
    case .image, .fetch, .load: 0
    }
  }

  /// Whether a phase after loading goes on beside the weights.
  func isBesideWeights(_ phase: ColdStartPhase) -> Bool {
    phase == .compile && overlapsCompile || phase == .capture && overlapsCapture
  }
}
