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
  /// One rule for all: what computes reaches the same share of the peak as the relative's does,
  /// what streams the same share of the memory's bandwidth, what crosses a link the same share of
  /// that link; times that no bandwidth explains (kernel floors, latencies, ridges, paddings) are
  /// the relative's. NVLink is the A100's where the relative has none. A GPU without peer-to-peer
  /// stages messages in host memory: half the bandwidth, latencies as measured on V100 PCIe.
  /// A share that was measured on the device itself replaces the relative's; other computing then
  /// changes in proportion.
  static func derived(
    for sheet: Datasheet, from relative: GPUSpecification, share: MeasuredShare? = nil
  ) -> AchievedFigures {
    let scale = Scale(sheet, relative, share)
    let nvlinkOf = relative.nvlink == nil ? GPUSpecification.a100SXM : relative
    let nvlinkScale =
      sheet.nvlinkBandwidthBytesPerSecond / nvlinkOf.nvlinkBandwidthBytesPerSecond
    let hasNVLink = sheet.nvlinkTopology != .none
    return AchievedFigures(
      gemm: scale.gemm(relative.gemm, peaks: scale.computing),
      gemmFP8: scale.gemmFP8(relative),
      attention: scale.attention(relative.attention),
      nvlink: hasNVLink ? nvlinkOf.nvlink?.scaled(by: nvlinkScale) : nil,
      pcie: scale.pcie(relative.pcie),
      networkMessageNanoseconds: relative.networkMessageNanoseconds,
      allReduceTables: scale.tables(
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
  let computing: Double
  let streaming: Double

  init(_ sheet: Datasheet, _ relative: GPUSpecification, _ share: MeasuredShare?) {
    (self.sheet, self.relative, self.share) = (sheet, relative, share)
    let reached = relative.gemm.achievedFLOPs / relative.peakFLOPs
    let streamed =
      relative.gemm.weightStreamBytesPerSecond / relative.hbmBandwidthBytesPerSecond
    computing = sheet.peakFLOPs / relative.peakFLOPs * ((share?.computing ?? reached) / reached)
    streaming =
      sheet.memoryBandwidthBytesPerSecond / relative.hbmBandwidthBytesPerSecond
      * ((share?.streaming ?? streamed) / streamed)
  }

  func gemm(_ figures: GEMMFigures, peaks: Double) -> GEMMFigures {
    GEMMFigures(
      achievedFLOPs: figures.achievedFLOPs * peaks,
      weightStreamBytesPerSecond: figures.weightStreamBytesPerSecond * streaming,
      floorNanoseconds: figures.floorNanoseconds, ridgeSharpness: figures.ridgeSharpness)
  }

  func gemmFP8(_ relative: GPUSpecification) -> GEMMFigures? {
    guard let peak = sheet.peakFP8FLOPs, let figures = relative.gemmFP8,
      let relativePeak = relative.peakFP8FLOPs
    else { return nil }
    let reached = computing * relative.peakFLOPs / sheet.peakFLOPs
    return gemm(figures, peaks: peak / relativePeak * reached)
  }

  func attention(_ figures: AttentionFigures) -> AttentionFigures {
    AttentionFigures(
      floorNanoseconds: figures.floorNanoseconds,
      keyValueBytesPerSecond: figures.keyValueBytesPerSecond * streaming,
      prefillFLOPs: figures.prefillFLOPs * computing,
      prefillPaddingPairsPerToken: figures.prefillPaddingPairsPerToken,
      unsplitNanosecondsPerToken: figures.unsplitNanosecondsPerToken)
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
  ) -> [AllReduceTable] {
    let nvlink = (nvlinkOf?.allReduceTables ?? []).filter {
      $0.link == .nvlink && (sheet.nvlinkTopology == .switch || $0.ranks == 2)
    }
    let pcie = pcieOf.allReduceTables.filter {
      $0.link == .pcie && $0.ranks == 2 && sheet.supportsPeerToPeer
    }
    return nvlink.map { $0.scaled(by: nvlinkScale) } + pcie.map { $0.scaled(by: pcieRatio) }
  }

  func sources(nvlinkOf: GPUSpecification?) -> [FigureSource] {
    let peak = "the peak at the share of \(relative.name)"
    let computes = share.flatMap { $0.computing == nil ? nil : $0.source }
    let streams = share.flatMap { $0.streaming == nil ? nil : $0.source }
    let bandwidth = "the memory bandwidth at the share of \(relative.name)"
    var notes = FigureSource.notes(
      computes == nil ? .derived : .measured, computes ?? peak, [.gemm])
    notes += FigureSource.notes(
      .derived, computes == nil ? peak : "in proportion to large GEMMs of \(relative.name)",
      [.prefillAttention] + (sheet.peakFP8FLOPs == nil ? [] : [.gemmFP8]))
    notes += FigureSource.notes(
      streams == nil ? .derived : .measured, streams ?? bandwidth, [.weightStream])
    notes += FigureSource.notes(
      .derived, streams == nil ? bandwidth : "in proportion to weights of \(relative.name)",
      [.keyValueStream] + (sheet.peakFP8FLOPs == nil ? [] : [.weightStreamFP8]))
    notes += FigureSource.notes(
      .derived, "the time of \(relative.name)",
      [.kernelFloor, .ridge, .attentionFloor, .networkMessage]
        + (relative.attention.unsplitNanosecondsPerToken > 0 ? [.unsplitAttention] : []))
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

extension AllReduceTable {
  /// The same table over a link `factor` times as fast: the smallest message's time stays, what
  /// longer ones take beyond it changes.
  func scaled(by factor: Double) -> AllReduceTable {
    guard let least = nanoseconds.min(), factor != 1 else { return self }
    return AllReduceTable(
      link: link, implementation: implementation, ranks: ranks,
      microseconds: nanoseconds.map { (least + ($0 - least) / factor) / 1_000 })
  }
}
