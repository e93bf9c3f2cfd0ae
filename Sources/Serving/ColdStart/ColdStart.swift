import EventKernel
import Network

/// How far the cold start of a replica has come.
struct ColdStart: Sendable {
  /// Nodes that do not have the image yet.
  var imagesToCome: Int32 = 0
  /// Its shards in the order of its GPUs; empty before the fetch and when it is ready.
  var shards: [ShardStart] = []
  /// Shards still to be fetched and to be loaded.
  var shardsToFetch: Int32 = 0
  var shardsToLoad: Int32 = 0
  var isRuntimeUp = false
  var hasFetched = false
  var isLoaded = false
  /// The phases after loading that have begun and ended, by their bits.
  var begun: UInt8 = 0
  var ended: UInt8 = 0
}

/// A shard of a replica that starts.
struct ShardStart: Sendable {
  var gpu: Int32
  /// Bytes not yet in GPU memory, and those in host memory that the loader has not taken.
  var toLoad: Int64
  var waiting: Int64 = 0
  /// Ways on which parts of it are still being fetched.
  var waysToCome: Int32 = 0
  /// Whether the loader has something in hand.
  var isLoading = false
  /// Whether it reads what its node keeps in host memory.
  var isReader = false
  /// Whether it comes from a peer straight into the GPU.
  var isFromPeer = false
  /// What is still to come of it from GPUs that cut the model otherwise, the next part last.
  var parts: [PeerPart] = []
  /// Its part of the model, where nodes keep weights or peers send them.
  var cells: WeightCells?

  init(gpu: Int32, bytes: Int64, cells: WeightCells?) {
    self.gpu = gpu
    self.cells = cells
    toLoad = bytes
  }
}

/// A transfer in a cold start; the tag of its flow is its place among the simulator's.
struct WeightTransfer: Sendable {
  /// What is moved; the raw value is its number in the event log.
  enum Kind: UInt8, Sendable {
    /// A shard to its host, from the store, or from the node's storage where there is no store.
    case fetch = 2
    /// A shard from its host into its GPU.
    case load = 3
    case image = 5
    /// A part of a shard from the GPU of another replica.
    case peer = 11
    /// A shard to its host from the storage of its node, which has kept it.
    case storage = 12
    /// KV of a pipeline to what has taken over from it; they are numbered by their places.
    case keyValue = 13
    /// A GPU's weights to its host as its replica falls asleep, back as it wakes, and before that from
    /// storage to the host.
    case sleep = 14
    case wake = 15
    case wakeRead = 16
  }

  var kind: Kind
  var replica: Int32
  /// The GPU for which it is, by its place among the replica's.
  var place: Int32
  /// Bytes of the part under way, those of the parts after it, and how many these are.
  var bytes: Int64
  var bytesAfter: Int64 = 0
  var partsAfter: Int64 = 0
  var path: [LinkID]
  var rateLimit: Double?
  /// Its flow; nil when it is over.
  var flow: FlowID?
  /// From a peer: which multicast, from which of its members, to which, and which part.
  var multicast: Int32 = -1
  /// From a peer that cuts the model otherwise: which replica.
  var source: Int32 = -1
  var step = MulticastSchedule.Step(from: 0, to: 0, block: 0)

  init(
    _ kind: Kind, _ replica: Int, _ place: Int, bytes: Int64, over path: [LinkID], parts: Int = 1,
    rateLimit: Double? = nil
  ) {
    self.kind = kind
    self.replica = Int32(replica)
    self.place = Int32(place)
    self.path = path
    self.rateLimit = rateLimit
    self.bytes = bytes / Int64(parts)
    bytesAfter = bytes - self.bytes
    partsAfter = Int64(parts - 1)
  }

  /// Goes on to the next part; parts differ by a byte at most.
  mutating func takeNextPart() {
    bytes = bytesAfter / partsAfter
    bytesAfter -= bytes
    partsAfter -= 1
  }
}
