import Hardware

/// How long an all-reduce takes by its size, over GPUs of one node.
///
/// The measured table of (link, implementation), straight lines between its sizes, between 2 and 8
/// GPUs in proportion to the ring's bytes per GPU, 2(n − 1)/n; beyond 8 and without a table the ring's
/// α–β law. Over PCIe with peer-to-peer it is a ring at what peers reach, because the tables of PCIe
/// come from a machine without.
struct LocalAllReduce: Sendable {
  /// The measured part, straight lines between sizes in bytes.
  private var table = PiecewiseLinear(x: [], y: [])
  /// Nanoseconds added at any size.
  private var baseNanoseconds = 0.0
  /// Nanoseconds added per byte.
  private var nanosecondsPerByte = 0.0
  /// Nanoseconds that it takes at least, altogether and per byte.
  private var leastNanoseconds = 0.0
  private var leastNanosecondsPerByte = 0.0

  /// Nothing to reduce.
  init() {}

  /// Prepares the law of `ranks` GPUs over PCIe, or over NVLink where there is no `pcie`.
  init(
    ranks: Int, pcie: PCIePath?, gpu: GPUSpecification, implementation: AllReduceImplementation
  ) {
    guard ranks > 1 else { return }
    let link: LinkKind = pcie == nil && gpu.nvlink != nil ? .nvlink : .pcie
    let tables = gpu.allReduceTables.filter {
      $0.link == link && $0.implementation == implementation
    }.sorted { $0.ranks < $1.ranks }
    if let pcie, pcie.isPeerToPeer {
      var figures = gpu.pcie
      figures.ringBytesPerSecond = gpu.peerBytesPerSecond
      addRing(ranks: ranks, figures: figures, factor: 1)
      // A kernel launched from the host costs its launch over any link.
      if implementation == .customEager { leastNanoseconds = tables.first?.nanoseconds[0] ?? 0 }
    } else {
      let figures = link == .nvlink ? gpu.nvlink ?? gpu.pcie : gpu.pcie
      addMeasured(ranks: ranks, figures: figures, tables: tables)
    }
    if let limit = pcie?.bytesPerSecond {
      leastNanosecondsPerByte = ringShare(ranks) / limit * 1e9
    }
  }

  /// Nanoseconds of one all-reduce of `bytes`.
  func nanoseconds(bytes: Double) -> Double {
    let time = table.value(at: bytes) + baseNanoseconds + nanosecondsPerByte * bytes
    return max(time, leastNanoseconds, leastNanosecondsPerByte * bytes)
  }

  private mutating func addMeasured(
    ranks: Int, figures: LinkFigures, tables: [AllReduceTable]
  ) {
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
}

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
