import Hardware
import Testing

/// The device of a name, which the catalogue has.
func device(_ name: String) throws -> GPUSpecification {
  try #require(HardwareCatalogue.gpu(named: name), "\(name)")
}

@Suite("The hardware catalogue")
struct CatalogueTests {
  private let devices = HardwareCatalogue.gpus

  @Test("It has every device that users bring, each under one lower-case name")
  func names() {
    let names = devices.map(\.name)
    #expect(
      Set(names)
        == [
          "gb200-nvl72", "b200-sxm", "rtx-pro-6000", "rtx-5090", "h200-sxm", "h100-sxm",
          "h100-nvl", "h100-pcie", "h800-sxm", "h20-sxm", "l40s", "l20", "l4", "rtx-4090",
          "a100-sxm", "a100-40-sxm", "a100-pcie", "a100-40-pcie", "a800-sxm", "a10", "a10g",
          "rtx-a6000", "rtx-a5000", "rtx-a4000", "rtx-3090", "v100-32-sxm", "v100-16-sxm",
          "v100-16-pcie", "t4", "mi300x", "epyc-9654", "xeon-8480", "xeon-8380",
          "raspberry-pi-5",
        ])
    #expect(names.count == Set(names).count)
    for name in names {
      #expect(HardwareCatalogue.gpu(named: name)?.name == name)
      let isPlain = name.allSatisfy {
        ("a"..."z").contains($0) || ("0"..."9").contains($0) || $0 == "-"
      }
      #expect(isPlain, "\(name)")
    }
    #expect(HardwareCatalogue.gpu(named: "H100-SXM") == nil)
  }

  @Test("Every figure that a device has stands there once with its origin, and no other does")
  func sources() {
    for device in devices {
      for figure in DeviceFigure.allCases {
        let notes = device.sources.filter { $0.figure == figure }
        let text = device.text(of: figure)
        #expect(notes.count == (text == nil ? 0 : 1), "\(device.name) \(figure.rawValue)")
        #expect(text?.isEmpty != true)
        for note in notes { #expect(!note.source.isEmpty) }
        #expect(device.source(of: figure) == notes.first)
      }
    }
  }

  @Test("Borrowed figures are called derived of a device that was measured, directly or in turn")
  func relatives() throws {
    for device in devices where device.kind == .gpu {
      let origins = device.sources.filter { $0.figure == .kernelFloor }.map(\.origin)
      guard let relative = device.relative else {
        #expect(origins == [.fitted], "\(device.name)")
        continue
      }
      #expect(origins == [.derived], "\(device.name)")
      let gemm = try #require(device.source(of: .gemm))
      #expect(
        gemm.origin == .measured
          || gemm.text == "derived: the laws of \(relative) with its own datasheet")
      let source = try #require(HardwareCatalogue.gpu(named: relative)?.source(of: .gemm))
      #expect(source.origin != .derived, "\(device.name) of \(relative)")
    }
    #expect(
      devices.filter { $0.relative == nil && $0.kind == .gpu }.map(\.name) == [
        "h100-sxm", "l40s", "a100-sxm",
      ])
  }

  @Test("Every price is positive, dated by day and says who asks it or how it was computed")
  func prices() throws {
    for device in devices {
      #expect(device.price.dollarsPerHour > 0 && device.price.dollarsPerHour < 20, "\(device.name)")
      let parts = try #require(device.price.date).split(separator: "-").map(String.init)
      #expect(parts.map(\.count) == [4, 2, 2], "\(device.name)")
      let numbers = try parts.map { try #require(Int($0)) }
      #expect((2023...2026).contains(numbers[0]) && (1...12).contains(numbers[1]))
      #expect((1...31).contains(numbers[2]))
      #expect(!device.price.source.isEmpty)
    }
    // 35,000 / 35,064 h + 0.7 kW · 1.4 · 0.10 = 0.99817 + 0.098.
    #expect(try device("h800-sxm").price.dollarsPerHour == 1.0962)
    #expect(DevicePrice.given(2).date == nil)
  }

  @Test("No achieved figure passes the datasheet, and FP8 units are no slower than 16-bit ones")
  func bounds() {
    for device in devices {
      let headline = device.headline
      #expect(headline.gemmFLOPs < device.peakFLOPs, "\(device.name)")
      #expect(headline.prefillFLOPs < device.peakFLOPs, "\(device.name)")
      let streams = [
        headline.weightStreamBytesPerSecond, headline.keyValueBytesPerSecond,
        headline.weightStreamFP8BytesPerSecond ?? 1,
      ]
      for stream in streams {
        #expect(stream > 0 && stream < device.hbmBandwidthBytesPerSecond, "\(device.name)")
      }
      #expect((device.peakFP8FLOPs == nil) == (device.laws.gemmFP8 == nil), "\(device.name)")
      if let peak = device.peakFP8FLOPs, let reached = headline.gemmFP8FLOPs {
        #expect(reached < peak && peak >= device.peakFLOPs, "\(device.name)")
        #expect(reached > headline.gemmFLOPs, "\(device.name)")
      }
      #expect(device.memoryBytes >= 8 << 30 && device.networkMessageNanoseconds > 0)
    }
  }

  @Test("No link carries more than its datasheet says, and only what has NVLink has its figures")
  func links() {
    for device in devices {
      let hasNVLink = device.nvlinkTopology != .none
      #expect((device.nvlink != nil) == hasNVLink, "\(device.name)")
      #expect((device.nvlinkBandwidthBytesPerSecond > 0) == hasNVLink, "\(device.name)")
      var pairs = [(device.pcie, device.pcieBandwidthBytesPerSecond)]
      if let nvlink = device.nvlink { pairs.append((nvlink, device.nvlinkBandwidthBytesPerSecond)) }
      for (figures, limit) in pairs {
        #expect(figures.messageBytesPerSecond > 0 && figures.messageBytesPerSecond <= limit)
        #expect(figures.ringBytesPerSecond > 0 && figures.ringBytesPerSecond <= limit)
        #expect(figures.messageNanoseconds > 0 && figures.ringStepNanoseconds > 0)
      }
      for table in device.collectives {
        #expect(table.link == .pcie || hasNVLink, "\(device.name)")
        #expect(table.ranks == 2 || device.nvlinkTopology != .pairs, "\(device.name)")
        // Each device sends the operation's share of the message.
        let limit =
          table.link == .nvlink
          ? device.nvlinkBandwidthBytesPerSecond : device.pcieBandwidthBytesPerSecond
        let sent = table.operation.share(ranks: table.ranks) * (table.bytes.last ?? 0)
        let slowest = table.nanoseconds.last ?? 0
        #expect(sent / slowest * 1e9 <= limit * 1.05, "\(device.name) \(table.ranks)")
      }
    }
  }

  @Test("A CPU has no NVLink, no FP8, no collectives that were measured, and much memory")
  func cpus() throws {
    let cpus = devices.filter { $0.kind == .cpu }
    #expect(cpus.count == 4)
    for cpu in cpus {
      #expect(cpu.nvlink == nil && cpu.laws.gemmFP8 == nil && cpu.collectives.isEmpty)
      #expect(cpu.source(of: .memory)?.origin == .assumed)
    }
    // 56 cores · 2 GHz · 1,024; 8 channels of 38.4 GB/s.
    #expect(abs(try device("xeon-8480").peakFLOPs - 114.688e12) < 1e6)
    #expect(try device("xeon-8480").memoryBytes == 512 << 30)
  }

  @Test("A figure is told with its unit, four digits and no more")
  func texts() throws {
    let h100 = try device("h100-sxm")
    #expect(h100.text(of: .memory) == "81,559 MiB")
    #expect(h100.text(of: .peak) == "989 TFLOP/s dense")
    #expect(h100.text(of: .gemm) == "815.8 TFLOP/s (82 % of peak)")
    #expect(h100.text(of: .weightStream) == "2,901 GB/s (87 %)")
    #expect(h100.text(of: .kernelFloor) == "2.598 µs; FP8 with quantisation 5.176 µs")
    #expect(h100.text(of: .prefillAttention) == "612.2 TFLOP/s over 8,192 tokens")
    #expect(h100.text(of: .nvlink) == "450 GB/s per direction, switch")
    #expect(h100.text(of: .nvlinkRing) == "1.17 µs a step, 448 GB/s")
    #expect(h100.text(of: .allReduce) == "nvlink: 14 sizes, 2, 8 devices")
    #expect(h100.text(of: .price) == "3.99 USD an hour")
    #expect(try device("raspberry-pi-5").text(of: .peak) == "0.3072 TFLOP/s dense")
    #expect(
      try device("rtx-3090").text(of: .nvlink) == "56.25 GB/s per direction, bridges between pairs")
    #expect(try device("rtx-4090").text(of: .pcie) == "31 GB/s per direction, no peer-to-peer")
  }
}
