extension GPUSpecification {
  /// AMD Instinct MI300X 192 GB.
  static let mi300x: GPUSpecification = {
    let sheet = Datasheet(
      "mi300x", memoryMiB: 196_592, peakFLOPs: 1_307e12, peakFP8FLOPs: 2_615e12,
      memoryBandwidth: 5_300e9, nvlink: .switch, nvlinkBandwidth: 7 * fabricLink,
      multiprocessors: 304, level2MiB: 256, pcieBandwidth: PCIe.generation5,
      source: "AMD Instinct MI300X datasheet",
      notes: [
        "NVLink here is Infinity Fabric: 7 links of 64 GB/s per direction, one to each of the "
          + "other 7 GPUs, so that two GPUs have one link and only all eight have all seven"
      ])
    let share = MeasuredShare(
      computing: 0.45, streaming: 0.81,
      source: "45 % of the peak, 81 % of the memory bandwidth: Ambati et al., AMD MI300X GPU "
        + "Performance Analysis, 2025-10-31, as aiweekly.co reports it")
    return GPUSpecification(
      sheet, withFabric(.derived(for: sheet, from: h100SXM, share: share)),
      price: .listed(1.99, "2026-05-27", "runpod.io by gpu.fund, on demand"))
  }()

  /// Bytes/s of one Infinity Fabric link per direction.
  private static let fabricLink = 64e9

  /// The links as the mesh has them: a message and two GPUs on one link at the share that a message
  /// reaches over the relative's NVLink, a collective of eight on seven of them.
  private static func withFabric(_ figures: AchievedFigures) -> AchievedFigures {
    guard let relative = h100SXM.nvlink, var link = figures.nvlink else { return figures }
    let share = relative.messageBytesPerSecond / h100SXM.nvlinkBandwidthBytesPerSecond
    link.messageBytesPerSecond = fabricLink * share
    link.ringBytesPerSecond = 7 * fabricLink * share
    let tables = h100SXM.collectives.map { table in
      let links = Double(table.ranks - 1)
      return table.scaled(by: links * fabricLink * share / relative.ringBytesPerSecond)
    }
    return figures.replacing(
      FigureSource.notes(
        .derived,
        "links of 64 GB/s at the share of a message of h100-sxm: one for a message, "
          + "seven for a ring", [.nvlinkMessage, .nvlinkRing])
        + FigureSource.notes(
          .derived,
          "the tables of h100-sxm, time beyond the smallest message in proportion to "
            + "the links: one between 2 GPUs, seven among 8", [.allReduce])
    ) {
      $0.nvlink = link
      $0.collectives = tables
    }
  }
}
