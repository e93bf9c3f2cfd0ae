extension Datasheet {
  /// The datasheet of a profile that comes with simpp, with what is no number.
  init(
    _ profile: GPUProfile, nvlink: NVLinkTopology = .none, supportsPeerToPeer: Bool = true,
    notes: [String] = []
  ) {
    func value(_ name: String) -> Double {
      guard let number = profile.number(GPUProfile.datasheetSection, name) else {
        preconditionFailure("the profile of \(profile.gpu) has no \(name)")
      }
      return number.value
    }
    let memory = profile.number(GPUProfile.datasheetSection, "memory")
    let hasFP8 = profile.number(GPUProfile.datasheetSection, "peakFP8FLOPs") != nil
    self.init(
      profile.gpu, memoryMiB: Int64(value("memory")),
      memoryIs: memory.map { FigureSource(.memory, $0.origin, $0.source) },
      peakFLOPs: value("peakFLOPs"), peakFP8FLOPs: hasFP8 ? value("peakFP8FLOPs") : nil,
      memoryBandwidth: value("memoryBandwidth"), nvlink: nvlink,
      nvlinkBandwidth: nvlink == .none ? 0 : value("nvlinkBandwidth"),
      multiprocessors: Int(value("multiprocessors")), level2MiB: Int64(value("level2")),
      pcieBandwidth: value("hostLinkBandwidth"), supportsPeerToPeer: supportsPeerToPeer,
      source: SourceText.nvidia, notes: notes)
  }
}

extension AchievedFigures {
  /// What a device reaches by its profile, and over its links.
  init(
    _ profile: GPUProfile, nvlink: LinkFigures?, pcie: LinkFigures,
    networkMessageNanoseconds: Double, collectives: [CollectiveTable], sources: [FigureSource]
  ) {
    let laws: OperatorLaws
    do {
      laws = try OperatorLaws(profile)
    } catch {
      preconditionFailure("the profile of \(profile.gpu) is whole: \(error.sentence)")
    }
    func notes(_ section: String, _ name: String, _ figures: [DeviceFigure]) -> [FigureSource] {
      profile.number(section, name).map {
        FigureSource.notes($0.origin, $0.source, figures)
      } ?? []
    }
    self.init(
      laws: laws,
      lawNumbers: profile.numbers.filter { $0.section != GPUProfile.datasheetSection },
      coverage: profile.coverage, nvlink: nvlink, pcie: pcie,
      networkMessageNanoseconds: networkMessageNanoseconds, collectives: collectives,
      sources: sources + notes("gemm", "math", [.gemm, .weightStream, .kernelFloor])
        + notes("gemmFP8", "math", [.gemmFP8, .weightStreamFP8])
        + notes("decodeAttention", "floor", [.attentionFloor, .keyValueStream])
        + notes("prefillAttention", "efficiency", [.prefillAttention]))
  }
}
