extension GPUProfile {
  /// The profile of a device: the one that comes with simpp, or its datasheet with the laws that the
  /// catalogue derived for it.
  public init(_ device: GPUSpecification) {
    if let shipped = Self.shipped.first(where: { $0.gpu == device.name }) {
      self = shipped
      return
    }
    let relative = Self.shipped.first { $0.gpu == device.relative }
    self.init(
      gpu: device.name, software: relative?.software ?? "none measured",
      kernels: device.laws.gemm.kernels, numbers: device.datasheetNumbers + device.lawNumbers,
      coverage: device.coverage)
  }
}

extension GPUSpecification {
  /// The datasheet's figures as a profile lists them.
  fileprivate var datasheetNumbers: [ProfileNumber] {
    let mebibyte = 1_048_576.0
    let figures: [(name: String, value: Double?, unit: String, figure: DeviceFigure)] = [
      ("memory", Double(memoryBytes) / mebibyte, "MiB", .memory),
      ("peakFLOPs", peakFLOPs, "FLOP/s", .peak),
      ("peakFP8FLOPs", peakFP8FLOPs, "FLOP/s", .peakFP8),
      ("memoryBandwidth", hbmBandwidthBytesPerSecond, "B/s", .memoryBandwidth),
      ("multiprocessors", Double(multiprocessors), "count", .multiprocessors),
      ("level2", Double(level2Bytes) / mebibyte, "MiB", .level2),
      (
        "nvlinkBandwidth", nvlinkTopology == .none ? nil : nvlinkBandwidthBytesPerSecond, "B/s",
        .nvlink
      ),
      ("hostLinkBandwidth", pcieBandwidthBytesPerSecond, "B/s", .pcie),
    ]
    return figures.compactMap { figure in
      figure.value.map { value in
        let known = source(of: figure.figure)
        return ProfileNumber(
          section: GPUProfile.datasheetSection, name: figure.name, value: value,
          unit: figure.unit, origin: known?.origin ?? .datasheet,
          source: known?.source ?? "datasheet")
      }
    }
  }
}
