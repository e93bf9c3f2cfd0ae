import JSON

extension GPUSpecification {
  /// The same device by a profile: its laws, and of the datasheet what the profile has.
  ///
  /// - Parameter profile: a profile of this device.
  /// - Returns: the device that it describes; links, price and notes stay.
  /// - Throws: `ProfileFault` for another device's profile, laws that are not whole, and figures of the
  ///   datasheet that mean nothing.
  public func applying(_ profile: GPUProfile) throws(ProfileFault) -> GPUSpecification {
    guard profile.gpu == name else {
      throw ProfileFault(
        path: .root.key("gpu"), offset: 0, found: "a profile of \(profile.gpu)",
        needed: "one of \(name)")
    }
    var changed = self
    changed.laws = try OperatorLaws(profile)
    // In the laws' own order, whatever the file's.
    changed.lawNumbers = OperatorLaws.coefficients.compactMap {
      profile.number($0.section, $0.name)
    }
    changed.coverage = profile.coverage.sorted { ($0.section, $0.size) < ($1.section, $1.size) }
    changed.relative = nil
    for number in profile.numbers where number.section == GPUProfile.datasheetSection {
      guard let figure = DatasheetNumber.all.first(where: { $0.name == number.name }) else {
        throw ProfileFault(
          path: .root.key(number.section).key(number.name), offset: 0, found: "an unknown number",
          needed: "one of " + DatasheetNumber.all.map(\.name).joined(separator: ", "))
      }
      guard number.unit == figure.unit, figure.bounds.contains(number.value) else {
        throw ProfileFault(
          path: .root.key(number.section).key(number.name), offset: 0,
          found: "\(plain(number.value)) \(number.unit)",
          needed: "\(plain(figure.bounds.lowerBound)) to \(plain(figure.bounds.upperBound)) "
            + figure.unit)
      }
      figure.set(&changed, number.value)
    }
    if changed.peakFP8FLOPs == nil { (changed.laws.gemmFP8, changed.laws.expertsFP8) = (nil, nil) }
    return changed
  }

  /// The device's profile: its datasheet and its laws with their origins.
  ///
  /// - Parameter software: whose kernels were measured.
  /// - Returns: the profile, which `applying` takes.
  public func profile(software: String) -> GPUProfile {
    let sheet = DatasheetNumber.all.compactMap { figure in
      figure.value(self).map { value in
        let source = source(of: figure.figure)
        return ProfileNumber(
          section: GPUProfile.datasheetSection, name: figure.name, value: value,
          unit: figure.unit, origin: source?.origin ?? .datasheet, source: source?.source ?? "")
      }
    }
    return GPUProfile(
      gpu: name, software: software, kernels: laws.gemm.kernels, numbers: sheet + lawNumbers,
      coverage: coverage)
  }
}

/// A figure of the datasheet as a profile has it.
struct DatasheetNumber: Sendable {
  let name: String
  let unit: String
  let bounds: ClosedRange<Double>
  let figure: DeviceFigure
  let value: @Sendable (GPUSpecification) -> Double?
  let set: @Sendable (inout GPUSpecification, Double) -> Void

  static let all: [DatasheetNumber] = [
    DatasheetNumber(
      name: "memory", unit: "MiB", bounds: 1...100_000_000, figure: .memory,
      value: { Double($0.memoryBytes) / 1_048_576 },
      set: { $0.memoryBytes = Int64($1 * 1_048_576) }),
    DatasheetNumber(
      name: "peakFLOPs", unit: "FLOP/s", bounds: 1e9...1e18, figure: .peak,
      value: { $0.peakFLOPs }, set: { $0.peakFLOPs = $1 }),
    DatasheetNumber(
      name: "peakFP8FLOPs", unit: "FLOP/s", bounds: 1e9...1e18, figure: .peakFP8,
      value: { $0.peakFP8FLOPs }, set: { $0.peakFP8FLOPs = $1 }),
    DatasheetNumber(
      name: "memoryBandwidth", unit: "B/s", bounds: 1e6...1e15, figure: .memoryBandwidth,
      value: { $0.hbmBandwidthBytesPerSecond }, set: { $0.hbmBandwidthBytesPerSecond = $1 }),
    DatasheetNumber(
      name: "multiprocessors", unit: "count", bounds: 1...100_000, figure: .multiprocessors,
      value: { Double($0.multiprocessors) }, set: { $0.multiprocessors = Int($1) }),
    DatasheetNumber(
      name: "level2", unit: "MiB", bounds: 0.01...1_000_000, figure: .level2,
      value: { Double($0.level2Bytes) / 1_048_576 },
      set: { $0.level2Bytes = Int64($1 * 1_048_576) }),
    DatasheetNumber(
      name: "nvlinkBandwidth", unit: "B/s", bounds: 1e6...1e15, figure: .nvlink,
      value: { $0.nvlinkTopology == .none ? nil : $0.nvlinkBandwidthBytesPerSecond },
      set: { $0.nvlinkBandwidthBytesPerSecond = $1 }),
    DatasheetNumber(
      name: "hostLinkBandwidth", unit: "B/s", bounds: 1e6...1e15, figure: .pcie,
      value: { $0.pcieBandwidthBytesPerSecond }, set: { $0.pcieBandwidthBytesPerSecond = $1 }),
  ]
}
