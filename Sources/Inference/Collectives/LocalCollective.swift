import Hardware

/// How long a collective operation takes by its size, over GPUs of one node.
///
/// The measured tables of (link, operation, implementation), between and beyond their numbers of GPUs
/// by `RankTables`; without tables the α–β law of a ring. Over PCIe with peer-to-peer it is a ring at
/// what peers reach, because the tables of PCIe come from a machine without. Nothing beats the link's
/// datasheet.
struct LocalCollective: Sendable {
  private var main: RankTables?
  private var library: RankTables?
  private var isCustomUnmeasured = false
  /// Nanoseconds at any size, and per byte.
  private var baseNanoseconds = 0.0
  private var nanosecondsPerByte = 0.0
  /// Nanoseconds that it takes at least, altogether and per byte.
  private var leastNanoseconds = 0.0
  private var leastNanosecondsPerByte = 0.0

  /// From this size on vLLM leaves all-reduces of more than two GPUs to the library
  /// (vllm-project/vllm, all_reduce_utils.py: 32 MiB for 4 GPUs of compute capability 9.0).
  private static let libraryBytes = 33_554_432.0
  /// The most GPUs of vLLM's own all-reduce.
  private static let mostCustomRanks = 8

  /// Nothing to do.
  init() {}

  /// Prepares the law of `ranks` GPUs over PCIe, or over NVLink where there is no `pcie`.
  init(
    operation: CollectiveOperation, ranks: Int, pcie: PCIePath?, gpu: GPUSpecification,
    implementation: AllReduceImplementation
  ) {
    guard ranks > 1 else { return }
    let link: LinkKind = pcie == nil && gpu.nvlink != nil ? .nvlink : .pcie
    var figures = link == .nvlink ? gpu.nvlink ?? gpu.pcie : gpu.pcie
    let performer = Self.performer(operation, ranks, implementation)
    let tables = gpu.collectives.of(operation, performer, link)
    if let pcie, pcie.isPeerToPeer {
      figures.ringBytesPerSecond = gpu.peerBytesPerSecond
      figures.messageBytesPerSecond = max(
        gpu.peerBytesPerSecond, figures.messageBytesPerSecond)
      addRing(operation, ranks, figures, besides: nil)
      // A kernel launched from the host costs its launch over any link.
      if performer == .customEager { leastNanoseconds = tables.first?.nanoseconds[0] ?? 0 }
    } else if let measured = RankTables(tables, ranks: ranks) {
      main = measured
      if let only = measured.onlyRanks { addRing(operation, ranks, figures, besides: only) }
      if performer == .customGraph || performer == .customEager {
        isCustomUnmeasured = !tables.contains { $0.ranks == ranks }
        library = RankTables(gpu.collectives.of(operation, .nccl, link), ranks: ranks)
      }
    } else {
      addRing(operation, ranks, figures, besides: nil)
    }
    let datasheet =
      link == .nvlink ? gpu.nvlinkBandwidthBytesPerSecond : gpu.pcieBandwidthBytesPerSecond
    leastNanosecondsPerByte = operation.leastShare(ranks: ranks) / datasheet * 1e9
    if let limit = pcie?.bytesPerSecond {
      leastNanosecondsPerByte = max(
        leastNanosecondsPerByte, operation.share(ranks: ranks) / limit * 1e9)
    }
  }

  /// Nanoseconds of one operation on `bytes`.
  func nanoseconds(bytes: Double) -> Double {
    var time = baseNanoseconds + nanosecondsPerByte * bytes
    if let main {
      if isCustomUnmeasured, let library, bytes >= Self.libraryBytes {
        time += max(library.nanoseconds(bytes: bytes), main.nanoseconds(bytes: Self.libraryBytes))
      } else {
        time += main.nanoseconds(bytes: bytes)
      }
    }
    return max(time, leastNanoseconds, leastNanosecondsPerByte * bytes)
  }

  /// Who does it: custom kernels only reduce, and only over so many GPUs.
  private static func performer(
    _ operation: CollectiveOperation, _ ranks: Int, _ asked: AllReduceImplementation
  ) -> AllReduceImplementation {
    switch asked {
    case .ring, .nccl: asked
    case .customGraph, .customEager:
      operation == .allReduce && ranks <= mostCustomRanks ? asked : .nccl
    }
  }

  /// The α–β law of a ring, or what it takes more than a ring of `measured` GPUs.
  private mutating func addRing(
    _ operation: CollectiveOperation, _ ranks: Int, _ figures: LinkFigures, besides measured: Int?
  ) {
    let step =
      operation.steps(ranks: ranks) > 1 || operation == .allReduce
      ? figures.ringStepNanoseconds : figures.messageNanoseconds
    let bandwidth =
      operation == .sendReceive ? figures.messageBytesPerSecond : figures.ringBytesPerSecond
    let steps = operation.steps(ranks: ranks) - (measured.map(operation.steps) ?? 0)
    let share = operation.share(ranks: ranks) - (measured.map(operation.share) ?? 0)
    baseNanoseconds = max(0, steps * step)
    nanosecondsPerByte = max(0, share / bandwidth * 1e9)
  }
}
