public import Hardware

extension CatalogueText {
  /// Every device type in a row: memory, peaks, bandwidth, link, price, whose laws.
  public static func gpusText(_ devices: [GPUSpecification] = HardwareCatalogue.gpus) -> String {
    var table = TextTable()
    table.add(["", "memory", "TFLOP/s", "", "memory", "link", "USD", "", "laws"])
    table.add(["device", "GiB", "16 bit", "FP8", "GB/s", "GB/s", "an hour", "as of", "of"])
    for device in devices { table.add(row(device)) }
    let note =
      "Datasheet figures: peaks dense, links per direction (NVLink behind a switch or in pairs,"
      + " else PCIe or a CPU's socket link). The last column names the device whose measured"
      + " laws hold. `simpp gpus NAME` tells every figure of one with its source. A CPU's"
      + " row is one socket."
    return (table.lines(width: 100) + WrappedText.lines(note, width: 100)).map { $0 + "\n" }
      .joined()
  }

  private static func row(_ device: GPUSpecification) -> [String] {
    let host = gigabytes(device.pcieBandwidthBytesPerSecond)
    let nvlink = gigabytes(device.nvlinkBandwidthBytesPerSecond)
    let link =
      switch device.nvlinkTopology {
      case .none: (device.kind == .cpu ? "host " : "PCIe ") + host
      case .pairs: "pairs " + nvlink
      default: "NVLink " + nvlink
      }
    return [
      device.name, FixedPoint.text(Double(device.memoryBytes) / 1_073_741_824, decimals: 1),
      FixedPoint.three(device.peakFLOPs / 1e12),
      device.peakFP8FLOPs.map { FixedPoint.three($0 / 1e12) } ?? "–",
      gigabytes(device.hbmBandwidthBytesPerSecond), link,
      FixedPoint.text(
        device.price.dollarsPerHour, decimals: device.price.dollarsPerHour < 0.1 ? 4 : 2),
      device.price.date ?? "–",
      device.relative ?? "itself",
    ]
  }

  private static func gigabytes(_ bytes: Double) -> String { FixedPoint.three(bytes / 1e9) }

  /// One device type with every figure and where each comes from.
  public static func gpuText(_ device: GPUSpecification) -> String {
    var sources: [String] = []
    var table = TextTable()
    for note in device.sources {
      if !sources.contains(note.text) { sources.append(note.text) }
      let number = (sources.firstIndex(of: note.text) ?? 0) + 1
      table.add([
        "  " + note.figure.rawValue, device.text(of: note.figure) ?? "–", "[\(number)]",
      ])
    }
    var lines = [device.name + (device.kind == .cpu ? " (one CPU socket)" : "")]
    lines += table.lines(width: 100)
    for (index, source) in sources.enumerated() {
      lines += WrappedText.lines(source, width: 100, first: "  [\(index + 1)] ", indent: "      ")
    }
    for note in device.notes {
      lines += WrappedText.lines(note, width: 100, first: "  note: ", indent: "        ")
    }
    return lines.map { $0 + "\n" }.joined()
  }

  /// Every device type as JSON.
  public static func gpusJSON(_ devices: [GPUSpecification] = HardwareCatalogue.gpus) -> String {
    JSONValue.array(devices.map(value)).text() + "\n"
  }

  /// One device type as JSON.
  public static func gpuJSON(_ device: GPUSpecification) -> String { value(device).text() + "\n" }

  private static func value(_ device: GPUSpecification) -> JSONValue {
    .object([
      ("name", .text(device.name)), ("kind", .text(device.kind.rawValue)),
      ("memoryBytes", .integer(device.memoryBytes)),
      ("peakFLOPs", .number(device.peakFLOPs)),
      ("peakFP8FLOPs", .optional(device.peakFP8FLOPs)),
      ("memoryBytesPerSecond", .number(device.hbmBandwidthBytesPerSecond)),
      ("multiprocessors", .integer(Int64(device.multiprocessors))),
      ("level2Bytes", .integer(device.level2Bytes)),
      ("headline", value(device.headline)), ("laws", .array(device.lawNumbers.map(value))),
      ("nvlinkTopology", .text(device.nvlinkTopology.rawValue)),
      ("nvlinkBytesPerSecond", .number(device.nvlinkBandwidthBytesPerSecond)),
      ("nvlink", device.nvlink.map(value) ?? .null),
      ("hostBytesPerSecond", .number(device.pcieBandwidthBytesPerSecond)),
      ("peerToPeer", .flag(device.supportsPeerToPeer)), ("inNode", value(device.pcie)),
      ("networkMessageNanoseconds", .number(device.networkMessageNanoseconds)),
      (
        "price",
        .object([
          ("dollarsPerHour", .number(device.price.dollarsPerHour)),
          ("date", device.price.date.map { .text($0) } ?? .null),
          ("source", .text(device.price.source)),
        ])
      ),
      ("lawsOf", device.relative.map { .text($0) } ?? .null),
      ("notes", .array(device.notes.map { .text($0) })),
      (
        "sources",
        .array(
          device.sources.map { note in
            .object([
              ("figure", .text(note.figure.rawValue)),
              ("value", .text(device.text(of: note.figure) ?? "")),
              ("origin", .text(note.origin.rawValue)), ("source", .text(note.source)),
            ])
          })
      ),
    ])
  }

  private static func value(_ figures: HeadlineFigures) -> JSONValue {
    .object([
      ("gemmFLOPs", .number(figures.gemmFLOPs)),
      ("gemmFP8FLOPs", .optional(figures.gemmFP8FLOPs)),
      ("weightStreamBytesPerSecond", .number(figures.weightStreamBytesPerSecond)),
      ("weightStreamFP8BytesPerSecond", .optional(figures.weightStreamFP8BytesPerSecond)),
      ("keyValueBytesPerSecond", .number(figures.keyValueBytesPerSecond)),
      ("prefillFLOPs", .number(figures.prefillFLOPs)),
    ])
  }

  private static func value(_ number: ProfileNumber) -> JSONValue {
    .object([
      ("law", .text(number.section)), ("name", .text(number.name)),
      ("value", .number(number.value)), ("low", .number(number.range.lowerBound)),
      ("high", .number(number.range.upperBound)), ("unit", .text(number.unit)),
      ("origin", .text(number.origin.rawValue)), ("source", .text(number.source)),
    ])
  }

  private static func value(_ figures: LinkFigures) -> JSONValue {
    .object([
      ("messageNanoseconds", .number(figures.messageNanoseconds)),
      ("messageBytesPerSecond", .number(figures.messageBytesPerSecond)),
      ("ringStepNanoseconds", .number(figures.ringStepNanoseconds)),
      ("ringBytesPerSecond", .number(figures.ringBytesPerSecond)),
    ])
  }
}
