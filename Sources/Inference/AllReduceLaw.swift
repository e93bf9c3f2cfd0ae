public import Hardware

/// How long an all-reduce takes by its size, over given GPUs.
///
/// Inside a node: the measured table of (link, implementation), straight lines between its sizes,
/// between 2 and 8 GPUs in proportion to the ring's bytes per GPU, 2(n − 1)/n; beyond 8 and
/// without a table the ring's α–β law. Across nodes: reduce-scatter and all-gather inside each
/// node, an all-reduce between nodes on the nodes' network cards.
public struct AllReduceLaw: Sendable {
  /// The measured part, straight lines between sizes in bytes.
  private var table = PiecewiseLinear(x: [], y: [])
  /// Nanoseconds added at any size.
  private var baseNanoseconds = 0.0
  /// Nanoseconds added per byte.
  private var nanosecondsPerByte = 0.0

  /// Prepares the law of `ranks` GPUs.
  public init(
    ranks: Int, fabric: TensorFabric, gpu: GPUSpecification,
    implementation: AllReduceImplementation
  ) {
    guard ranks > 1 else { return }
    switch fabric {
    case .single:
      break
    case .nvlinkSwitch, .nvlinkPair:
      addLocal(ranks: ranks, link: .nvlink, gpu: gpu, implementation: implementation)
    case .pcie:
      addLocal(ranks: ranks, link: .pcie, gpu: gpu, implementation: implementation)
    case .network(let nodes, let gpusPerNode, let bandwidth, let latency):
      // Custom kernels need peer memory, so across nodes the library does it all.
      addLocal(
        ranks: gpusPerNode, link: gpu.nvlink == nil ? .pcie : .nvlink, gpu: gpu,
        implementation: implementation == .ring ? .ring : .nccl)
      addNetwork(
        nodes: nodes, bandwidthBytesPerSecond: bandwidth,
        messageNanoseconds: gpu.networkMessageNanoseconds + Double(latency))
    }
  }

  /// Nanoseconds of one all-reduce of `bytes`.
  public func nanoseconds(bytes: Double) -> Double {
    table.value(at: bytes) + baseNanoseconds + nanosecondsPerByte * bytes
  }

  private mutating func addLocal(
    ranks: Int, link: LinkKind, gpu: GPUSpecification, implementation: AllReduceImplementation
  ) {
    guard ranks > 1 else { return }
    let figures = link == .nvlink ? gpu.nvlink ?? gpu.pcie : gpu.pcie
    let tables = gpu.allReduceTables.filter {
      $0.link == link && $0.implementation == implementation
    }.sorted { $0.ranks < $1.ranks }
    guard let smallest = tables.first, let largest = tables.last else {
      addRing(ranks: ranks, figures: figures, factor: 1)
      return
    }
    let sizes = AllReduceTable.sizesInBytes.map(Double.init)
    if ranks > largest.ranks {
      table = PiecewiseLinear(x: sizes, y: largest.risingNanoseconds)
      addRing(ranks: ranks, figures: figures, factor: 1)
      addRing(ranks: largest.ranks, figures: figures, factor: -1)
      return
    }
    let above = tables.first { $0.ranks >= ranks } ?? largest
    let below = tables.last { $0.ranks <= ranks } ?? smallest
    let span = ringShare(above.ranks) - ringShare(below.ranks)
    let weight = span > 0 ? (ringShare(ranks) - ringShare(below.ranks)) / span : 1
    let times = zip(below.risingNanoseconds, above.risingNanoseconds).map { low, high in
      low + weight * (high - low)
    }
    table = PiecewiseLinear(x: sizes, y: times)
  }

  private mutating func addRing(ranks: Int, figures: LinkFigures, factor: Double) {
    baseNanoseconds += factor * 2 * Double(ranks - 1) * figures.ringStepNanoseconds
    nanosecondsPerByte += factor * ringShare(ranks) / figures.ringBytesPerSecond * 1e9
  }

  /// Adds the part between nodes: a tree up and down, each node's bytes through its cards.
  private mutating func addNetwork(
    nodes: Int, bandwidthBytesPerSecond: Double, messageNanoseconds: Double
  ) {
    guard nodes > 1 else { return }
    var levels = 0
    while 1 << levels < nodes { levels += 1 }
    baseNanoseconds += 2 * Double(levels) * Self.messagesPerNetworkStep * messageNanoseconds
    nanosecondsPerByte += ringShare(nodes) / bandwidthBytesPerSecond * 1e9
  }

  /// A step of NCCL between nodes costs about two small messages: two A100 nodes of four take
  /// 99 µs more than one node at 128 KiB, in two steps, where a message takes 24 µs
  /// (microsoft/vidur profiles).
  private static let messagesPerNetworkStep = 2.0
}

/// Bytes each GPU sends in a ring all-reduce, over the message's bytes.
func ringShare(_ ranks: Int) -> Double { 2 * Double(ranks - 1) / Double(ranks) }

extension AllReduceTable {
  /// The measured times without their dips: a longer message never takes less.
  fileprivate var risingNanoseconds: [Double] {
    var highest = 0.0
    return nanoseconds.map { time in
      highest = max(highest, time)
      return highest
    }
  }
}
