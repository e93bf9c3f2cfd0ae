public import Hardware

/// How long an all-reduce takes by its size, over given GPUs.
///
/// Inside a node `LocalAllReduce`; across nodes the library's ring through all GPUs, which enters and
/// leaves a node once per network card, in the cheaper of two protocols.
public struct AllReduceLaw: Sendable {
  private var local = LocalAllReduce()
  private var network: NetworkAllReduce?

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
      local = LocalAllReduce(ranks: ranks, pcie: nil, gpu: gpu, implementation: implementation)
    case .pcie(let path):
      local = LocalAllReduce(ranks: ranks, pcie: path, gpu: gpu, implementation: implementation)
    case .network(let path):
      // Custom kernels need peer memory, so across nodes the library does it all.
      local = LocalAllReduce(
        ranks: path.gpusPerNode, pcie: path.pcie, gpu: gpu,
        implementation: implementation == .ring ? .ring : .nccl)
      network = NetworkAllReduce(
        ranks: ranks, path: path, isIdeal: implementation == .ring,
        messageNanoseconds: gpu.networkMessageNanoseconds + Double(path.latencyNanoseconds))
    }
  }

  /// Nanoseconds of one all-reduce of `bytes`.
  public func nanoseconds(bytes: Double) -> Double {
    let inside = local.nanoseconds(bytes: bytes)
    return network?.nanoseconds(bytes: bytes, inside: inside) ?? inside
  }
}

/// The part across nodes.
///
/// NCCL's protocols: a quick one that sends every byte twice over (data and flags), and one that sends
/// it once in slices of 512 KiB (4 MiB buffers in 8 steps), the first of which have to travel before
/// all cards are busy; inside the nodes it goes on meanwhile. Measured beside it:
/// docs/decisions/0008-collectives-across-nodes.md.
private struct NetworkAllReduce: Sendable {
  private let stepsNanoseconds: Double
  private let fillNanoseconds: Double
  private let nanosecondsPerByte: Double
  private let isIdeal: Bool

  /// A step of NCCL between nodes costs about two small messages: two A100 nodes of four take
  /// 99 µs more than one node at 128 KiB, in two steps, where a message takes 24 µs
  /// (microsoft/vidur profiles).
  private static let messagesPerStep = 2.0
  private static let sliceBytes = 524_288.0

  init(ranks: Int, path: NetworkPath, isIdeal: Bool, messageNanoseconds: Double) {
    let steps = 2 * Self.levels(path.nodes)
    stepsNanoseconds = steps * Self.messagesPerStep * messageNanoseconds
    let card = path.bandwidthBytesPerSecond / Double(max(1, path.cardsPerNode))
    fillNanoseconds = 2 * Self.levels(ranks) * Self.sliceBytes / card * 1e9
    nanosecondsPerByte = ringShare(ranks) / path.bandwidthBytesPerSecond * 1e9
    self.isIdeal = isIdeal
  }

  func nanoseconds(bytes: Double, inside: Double) -> Double {
    let crossing = nanosecondsPerByte * bytes
    if isIdeal { return stepsNanoseconds + max(inside, crossing) }
    let quick = inside + 2 * crossing
    let sliced = fillNanoseconds + max(inside, crossing)
    return stepsNanoseconds + min(quick, sliced)
  }

  /// Levels of a tree over `count`.
  private static func levels(_ count: Int) -> Double {
    var levels = 0
    while 1 << levels < count { levels += 1 }
    return Double(levels)
  }
}

/// Bytes each GPU sends in a ring all-reduce, over the message's bytes.
func ringShare(_ ranks: Int) -> Double { 2 * Double(ranks - 1) / Double(ranks) }
