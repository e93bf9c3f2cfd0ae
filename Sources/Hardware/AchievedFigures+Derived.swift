/// Which part of its datasheet a device reaches, where that alone was measured.
struct MeasuredShare {
  /// Achieved FLOP/s of a large 16-bit product over the peak.
  var computing: Double?
  /// Achieved bytes/s of weights and KV cache over the memory's bandwidth.
  var streaming: Double?
  /// Who measured it.
  var source: String
}

extension AchievedFigures {
  /// The figures of a device that was not measured, from its datasheet and a measured relative.
  ///
  /// One rule for all: the relative's laws hold with the device's own datasheet, since their numbers
  /// are shares of it or plain times (kernel floors, latencies), and what crosses a link reaches the
  /// relative's share of that link. Each number may lie anywhere between those of the measured
  /// devices. NVLink is the A100's where the relative has none. A GPU without peer-to-peer
  /// stages messages in host memory: half the bandwidth, latencies as measured on V100 PCIe.
  /// A share that was measured on the device itself replaces the relative's: all shares of computing,
  /// or of streaming, change by one factor until a large product, or a stream of weights, reaches it.
  static func derived(
    for sheet: Datasheet, from relative: GPUSpecification, share: MeasuredShare? = nil
  ) -> AchievedFigures {
    let scale = Scale(sheet, relative, share)
    let laws = scale.laws
    let nvlinkOf = relative.nvlink == nil ? GPUSpecification.a100SXM : relative
    let nvlinkScale =
      sheet.nvlinkBandwidthBytesPerSecond / nvlinkOf.nvlinkBandwidthBytesPerSecond
    let hasNVLink = sheet.nvlinkTopology != .none
    return AchievedFigures(
      laws: laws,
      lawNumbers: laws.numbers(
        .derived, source: "the laws of \(relative.name) with its own datasheet",
        range: measuredRange),
      coverage: relative.coverage,
      nvlink: hasNVLink ? nvlinkOf.nvlink?.scaled(by: nvlinkScale) : nil,
      pcie: scale.pcie(relative.pcie),
      networkMessageNanoseconds: relative.networkMessageNanoseconds,
      collectives: scale.tables(
        hasNVLink ? nvlinkOf : nil, nvlinkScale: nvlinkScale, pcieOf: relative),
      relative: relative.name,
      sources: scale.sources(nvlinkOf: hasNVLink ? nvlinkOf : nil))
  }
}

/// The proportions between a device and its relative.
private struct Scale {
  let sheet: Datasheet
  let relative: GPUSpecification
  let share: MeasuredShare?

  init(_ sheet: Datasheet, _ relative: GPUSpecification, _ share: MeasuredShare?) {
    self.sheet = sheet
    self.relative = relative
    self.share = share
  }

  /// The relative's laws, changed to what was measured on the device itself.
  var laws: OperatorLaws {
    var laws = relative.laws
    if sheet.peakFP8FLOPs == nil { (laws.gemmFP8, laws.expertsFP8) = (nil, nil) }
    let limits = sheet.limits
    if let streaming = share?.streaming {
      laws = laws.scaled(\.streaming, until: streaming) {
        HeadlineFigures.weightStream($0, limits) / limits.memoryBytesPerSecond
      }
    }
    if let computing = share?.computing {
      laws = laws.scaled(\.computing, until: computing) {
        HeadlineFigures.gemmFLOPs($0, limits) / limits.peakFLOPs
      }
    }
    return laws
  }

  private var pcieRatio: Double {
    sheet.pcieBandwidthBytesPerSecond / relative.pcieBandwidthBytesPerSecond
  }

  func pcie(_ figures: LinkFigures) -> LinkFigures {
    if sheet.supportsPeerToPeer { return figures.scaled(by: pcieRatio) }
    var staged = figures.scaled(by: pcieRatio / 2)
    staged.messageNanoseconds = LinkFigures.throughHost.messageNanoseconds
    staged.ringStepNanoseconds = LinkFigures.throughHost.ringStepNanoseconds
    return staged
  }

  /// The relative's tables, stretched where the link is slower: over NVLink bridges those of two
  /// GPUs, over PCIe those of two with peer-to-peer; the others were measured on one machine.
  func tables(
    _ nvlinkOf: GPUSpecification?, nvlinkScale: Double, pcieOf: GPUSpecification
  ) -> [CollectiveTable] {
    let nvlink = (nvlinkOf?.collectives ?? []).filter {
      $0.link == .nvlink && (sheet.nvlinkTopology == .switch || $0.ranks == 2)
    }
    let pcie = pcieOf.collectives.filter {
      $0.link == .pcie && $0.ranks == 2 && sheet.supportsPeerToPeer
    }
    return nvlink.map { $0.scaled(by: nvlinkScale) } + pcie.map { $0.scaled(by: pcieRatio) }
  }

  func sources(nvlinkOf: GPUSpecification?) -> [FigureSource] {
    let peak = "the laws of \(relative.name) with its own datasheet"
    let computes = share.flatMap { $0.computing == nil ? nil : $0.source }
    let streams = share.flatMap { $0.streaming == nil ? nil : $0.source }
    var notes = FigureSource.notes(
      computes == nil ? .derived : .measured, computes ?? peak, [.gemm])
    notes += FigureSource.notes(
      .derived, computes == nil ? peak : "in proportion to large GEMMs of \(relative.name)",
      [.prefillAttention] + (sheet.peakFP8FLOPs == nil ? [] : [.gemmFP8]))
    notes += FigureSource.notes(
      streams == nil ? .derived : .measured, streams ?? peak, [.weightStream])
    notes += FigureSource.notes(
      .derived, streams == nil ? peak : "in proportion to weights of \(relative.name)",
      [.keyValueStream] + (sheet.peakFP8FLOPs == nil ? [] : [.weightStreamFP8]))
    notes += FigureSource.notes(
      .derived, "the time of \(relative.name)",
      [.kernelFloor, .attentionFloor, .networkMessage])
    notes += FigureSource.notes(
      .derived,
      sheet.supportsPeerToPeer
        ? "the link at the share of \(relative.name)"
        : "half the link's share of \(relative.name), latencies of v100-16-pcie: "
          + "no peer-to-peer, so messages are staged in host memory",
      [.pcieMessage, .pcieRing])
    if let nvlinkOf {
      notes += FigureSource.notes(
        .derived, "the link at the share of \(nvlinkOf.name)", [.nvlinkMessage, .nvlinkRing])
    }
    let tables = self.tables(nvlinkOf, nvlinkScale: 1, pcieOf: relative)
    if !tables.isEmpty {
      let owner = tables.contains { $0.link == .nvlink } ? nvlinkOf ?? relative : relative
      notes.append(
        FigureSource(
          .allReduce, .derived,
          "the tables of \(owner.name), time beyond the smallest message in proportion "
            + "to the link"))
    }
    return notes
  }
}

/// Where the measured devices' numbers may lie: nobody knows better of one that was not measured.
private func measuredRange(_ coefficient: LawCoefficient) -> ClosedRange<Double>? {
  measuredRanges["\(coefficient.section).\(coefficient.name)"]
}

/// Those ranges by section and name, put together once for all devices.
private let measuredRanges: [String: ClosedRange<Double>] = {
  var ranges: [String: ClosedRange<Double>] = [:]
  for profile in [GPUProfile.h100SXM, .a100SXM, .l40s] {
    for number in profile.numbers {
      let key = "\(number.section).\(number.name)"
      let known = ranges[key] ?? number.range
      let low = min(known.lowerBound, number.range.lowerBound)
      ranges[key] = low...max(known.upperBound, number.range.upperBound)
    }
  }
  return ranges
}()

/// The coefficients that are shares of the datasheet.
private struct LawShares {
  /// Of the peak FLOP/s.
  var computing: [String] = [
    "gemm.math", "gemmFP8.math", "prefillAttention.efficiency", "experts.computing",
    "expertsFP8.computing",
  ]
  /// Of the memory's bandwidth.
  var streaming: [String] = [
    "gemm.memory", "gemmFP8.memory", "decodeAttention.memoryEfficiency", "experts.streaming",
    "expertsFP8.streaming", "elementwise.arithmetic",
  ]
}

extension OperatorLaws {
  /// The laws with some shares multiplied by one factor, such that they reach a figure.
  fileprivate func scaled(
    _ shares: KeyPath<LawShares, [String]>, until target: Double,
    reached: (OperatorLaws) -> Double
  ) -> OperatorLaws {
    let names = LawShares()[keyPath: shares]
    let coefficients = Self.coefficients.filter { names.contains($0.section + "." + $0.name) }
    func times(_ factor: Double) -> OperatorLaws {
      var laws = self
      for coefficient in coefficients {
        guard let value = coefficient.value(self) else { continue }
        let bounds = coefficient.bounds
        coefficient.set(&laws, min(max(value * factor, bounds.lowerBound), bounds.upperBound))
      }
      return laws
    }
    var (low, high) = (0.05, 4.0)
    for _ in 0..<40 {
      let middle = (low + high) / 2
      if reached(times(middle)) < target { low = middle } else { high = middle }
    }
    return times(high)
  }
}

extension LinkFigures {
  /// Two GPUs whose messages are staged in host memory: V100 PCIe without peer-to-peer.
  static let throughHost = LinkFigures(
    messageNanoseconds: 10_700, messageBytesPerSecond: 4.4e9, ringStepNanoseconds: 5_500,
    ringBytesPerSecond: 3.76e9)

  /// The same latencies at another bandwidth.
  func scaled(by factor: Double) -> LinkFigures {
    LinkFigures(
      messageNanoseconds: messageNanoseconds,
      messageBytesPerSecond: messageBytesPerSecond * factor,
      ringStepNanoseconds: ringStepNanoseconds, ringBytesPerSecond: ringBytesPerSecond * factor)
  }
}
