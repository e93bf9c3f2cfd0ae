import JSON

extension GPUSpecification {
  /// A figure with its unit for people; nil where the device does not have it.
  public func text(of figure: DeviceFigure) -> String? {
    switch figure {
    case .memory: decimal((Double(memoryBytes) / 1_048_576).rounded()) + " MiB"
    case .peak: teraFLOPs(peakFLOPs) + " dense"
    case .peakFP8: peakFP8FLOPs.map { teraFLOPs($0) + " dense" }
    case .memoryBandwidth: gigabytes(hbmBandwidthBytesPerSecond)
    case .multiprocessors: grouped(multiprocessors)
    case .level2: decimal((Double(level2Bytes) / 1_048_576).rounded()) + " MiB"
    case .gemm: share(headline.gemmFLOPs, of: peakFLOPs, teraFLOPs) + " of peak)"
    case .gemmFP8:
      headline.gemmFP8FLOPs.map {
        share($0, of: peakFP8FLOPs ?? peakFLOPs, teraFLOPs) + " of peak)"
      }
    case .weightStream:
      share(headline.weightStreamBytesPerSecond, of: hbmBandwidthBytesPerSecond, gigabytes) + ")"
    case .weightStreamFP8:
      headline.weightStreamFP8BytesPerSecond.map {
        share($0, of: hbmBandwidthBytesPerSecond, gigabytes) + ")"
      }
    case .kernelFloor:
      microseconds(laws.gemm.floorNanoseconds)
        + (laws.gemmFP8.map { "; FP8 with quantisation " + microseconds($0.floorNanoseconds) }
          ?? "")
    case .attentionFloor: microseconds(laws.decodeAttention.floor) + " a layer"
    case .keyValueStream: gigabytes(headline.keyValueBytesPerSecond)
    case .prefillAttention: teraFLOPs(headline.prefillFLOPs) + " over 8,192 tokens"
    case .nvlink, .nvlinkMessage, .nvlinkRing, .pcie, .pcieMessage, .pcieRing, .networkMessage,
      .allReduce:
      linkText(figure)
    case .price: decimal(price.dollarsPerHour) + " USD an hour"
    }
  }

  /// A figure, and in brackets that are left open the share of its limit.
  private func share(_ value: Double, of limit: Double, _ text: (Double) -> String) -> String {
    text(value) + " (" + percent(value / limit)
  }

  private func linkText(_ figure: DeviceFigure) -> String? {
    switch figure {
    case .nvlink:
      nvlinkTopology == .none
        ? nil
        : gigabytes(nvlinkBandwidthBytesPerSecond) + " per direction, "
          + (nvlinkTopology == .pairs ? "bridges between pairs" : nvlinkTopology.rawValue)
    case .nvlinkMessage: nvlink.map(message)
    case .nvlinkRing: nvlink.map(ring)
    case .pcie:
      gigabytes(pcieBandwidthBytesPerSecond) + " per direction"
        + (supportsPeerToPeer ? "" : ", no peer-to-peer")
    case .pcieMessage: message(pcie)
    case .pcieRing: ring(pcie)
    case .networkMessage: microseconds(networkMessageNanoseconds)
    default:
      collectives.isEmpty
        ? nil
        : LinkKind.allCases.compactMap(tables).joined(separator: "; ")
    }
  }

  private func message(_ link: LinkFigures) -> String {
    microseconds(link.messageNanoseconds) + ", " + gigabytes(link.messageBytesPerSecond)
  }

  private func ring(_ link: LinkFigures) -> String {
    microseconds(link.ringStepNanoseconds) + " a step, " + gigabytes(link.ringBytesPerSecond)
  }

  /// Which tables there are of a kind of link: `nvlink: 2, 8 devices`.
  private func tables(_ link: LinkKind) -> String? {
    let tables = collectives.filter { $0.link == link && $0.operation == .allReduce }
    let ranks = tables.map(\.ranks)
    guard let sizes = tables.map(\.bytes.count).max() else { return nil }
    let counts = Array(Set(ranks)).sorted().map { String($0) }.joined(separator: ", ")
    return "\(link.rawValue): \(sizes) sizes, \(counts) devices"
  }
}

private func teraFLOPs(_ value: Double) -> String { decimal(value / 1e12) + " TFLOP/s" }

private func gigabytes(_ value: Double) -> String { decimal(value / 1e9) + " GB/s" }

private func microseconds(_ nanoseconds: Double) -> String {
  decimal(nanoseconds / 1_000) + " µs"
}

private func percent(_ share: Double) -> String { decimal((share * 100).rounded()) + " %" }

/// A number with at most four significant digits, thousands grouped, no zeros at the end; whole
/// from 1,000 on.
func decimal(_ value: Double) -> String {
  var decimals = 0
  while decimals < 4, value.magnitude * tenTo(decimals) < 999.5 { decimals += 1 }
  let scaled = (value.magnitude * tenTo(decimals)).rounded()
  let unit = Int64(tenTo(decimals))
  var digits = Array(String(Int64(scaled) / unit))
  var place = digits.count - 3
  while place > 0 {
    digits.insert(",", at: place)
    place -= 3
  }
  var fraction = Array(String(Int64(scaled) % unit))
  if decimals > 0 {
    fraction = [Character](repeating: "0", count: decimals - fraction.count) + fraction
    while fraction.last == "0" { fraction.removeLast() }
  } else {
    fraction = []
  }
  return (value < 0 ? "-" : "") + String(digits)
    + (fraction.isEmpty ? "" : "." + String(fraction))
}

private func tenTo(_ exponent: Int) -> Double {
  [1, 10, 100, 1_000, 10_000][exponent]
}
