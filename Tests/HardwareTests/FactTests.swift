import Hardware
import Testing

/// The catalogue against published and measured figures, and devices against each other.
@Suite("Hardware facts")
struct HardwareFactTests {
  @Test(
    "Dense peaks in 16 bits and FP8 are the published ones",
    arguments: [
      ("v100-16-sxm", 125, nil), ("t4", 65, nil), ("a10", 125, nil), ("a10g", 70, nil),
      ("l4", 121, 242), ("a100-sxm", 312, nil), ("a100-pcie", 312, nil), ("l40s", 362, 733),
      ("h100-sxm", 989, 1_978), ("h100-pcie", 756, 1_513), ("h200-sxm", 989, 1_979),
      ("b200-sxm", 2_250, 4_500), ("gb200-nvl72", 2_500, 5_000), ("h20-sxm", 148, 296),
      ("mi300x", 1_307, 2_615), ("rtx-3090", 71, nil), ("rtx-4090", 165.2, 330.3),
    ] as [(String, Double, Double?)])
  func peaks(name: String, teraFLOPs: Double, fp8: Double?) throws {
    let device = try device(name)
    #expect(device.peakFLOPs == teraFLOPs * 1e12)
    #expect(device.peakFP8FLOPs == fp8.map { $0 * 1e12 })
  }

  @Test(
    "Memory and its bandwidth are the published ones",
    arguments: [
      ("v100-32-sxm", 32, 900), ("v100-16-pcie", 16, 900), ("t4", 16, 320), ("a10g", 24, 600),
      ("l4", 24, 300), ("l40s", 48, 864), ("l20", 48, 864), ("a100-sxm", 80, 2_039),
      ("a100-pcie", 80, 1_935), ("a100-40-sxm", 40, 1_555), ("h100-sxm", 80, 3_350),
      ("h100-pcie", 80, 2_000), ("h200-sxm", 141, 4_800), ("b200-sxm", 180, 7_700),
      ("h20-sxm", 96, 4_000), ("mi300x", 192, 5_300), ("rtx-a6000", 48, 768),
      ("rtx-a5000", 24, 768), ("rtx-a4000", 16, 448), ("rtx-3090", 24, 936),
      ("rtx-4090", 24, 1_008), ("rtx-5090", 32, 1_792), ("rtx-pro-6000", 96, 1_792),
    ] as [(String, Double, Double)])
  func memory(name: String, gigabytes: Double, bandwidth: Double) throws {
    let device = try device(name)
    #expect(device.hbmBandwidthBytesPerSecond == bandwidth * 1e9)
    // Makers count GB in 10⁹ or 2³⁰ bytes, the driver keeps up to a sixteenth for itself.
    let found = Double(device.memoryBytes) / 1e9
    #expect(found > gigabytes * 0.99 && found < gigabytes * 1.075, "\(found)")
  }

  @Test("NVLink per direction is the published one, less where export rules cut it")
  func links() throws {
    let published: [(String, NVLinkTopology, Double)] = [
      ("v100-32-sxm", .switch, 150), ("a100-sxm", .switch, 300), ("a800-sxm", .switch, 200),
      ("h100-sxm", .switch, 450), ("h800-sxm", .switch, 200), ("h20-sxm", .switch, 450),
      ("b200-sxm", .switch, 900), ("gb200-nvl72", .switch, 900), ("a100-pcie", .pairs, 300),
      ("h100-pcie", .pairs, 300), ("h100-nvl", .pairs, 300), ("rtx-a6000", .pairs, 56.25),
      ("rtx-a5000", .pairs, 56.25), ("rtx-3090", .pairs, 56.25), ("rtx-a4000", .none, 0),
      ("rtx-4090", .none, 0), ("rtx-5090", .none, 0), ("l40s", .none, 0), ("mi300x", .switch, 448),
    ]
    for (name, topology, gigabytes) in published {
      #expect(try device(name).nvlinkTopology == topology, "\(name)")
      #expect(try device(name).nvlinkBandwidthBytesPerSecond == gigabytes * 1e9, "\(name)")
    }
    // Two MI300X have one of their seven links of 64 GB/s, whoever sends.
    #expect(try #require(device("mi300x").nvlink).messageBytesPerSecond <= 64e9)
    let tables = try device("mi300x").collectives
    #expect(tables.count == 13)
    for table in tables {
      // The operation's share of the message leaves each GPU over n − 1 links.
      let share = table.operation.share(ranks: table.ranks)
      let least = try #require(table.bytes.last) * share / Double(table.ranks - 1) / 64
      #expect(try #require(table.nanoseconds.last) > least, "\(table.operation) \(table.ranks)")
    }
    let withoutPeers = HardwareCatalogue.gpus.filter { !$0.supportsPeerToPeer }.map(\.name)
    #expect(withoutPeers == ["rtx-5090", "rtx-4090", "rtx-3090", "v100-16-pcie"])
  }

  @Test("Headline figures are within a few per cent of what was measured on H100, A100, L40S, L4")
  func measured() throws {
    // Medians of ai-dynamo/aiconfigurator's tables; of L4 by layer times of Helix.
    let facts: [(String, KeyPath<HeadlineFigures, Double?>, Double)] = [
      ("h100-sxm", \.someGEMM, 797e12), ("a100-sxm", \.someGEMM, 279e12),
      ("l40s", \.someGEMM, 231e12), ("h100-sxm", \.someStream, 2_902e9),
      ("a100-sxm", \.someStream, 1_499e9), ("l40s", \.someStream, 696e9),
    ]
    for (name, figure, value) in facts {
      let found = try #require(device(name).headline[keyPath: figure])
      #expect(abs(found / value - 1) < 0.08, "\(name) \(found / value)")
    }
    let l4 = try device("l4")
    #expect(abs(l4.headline.gemmFLOPs / 53e12 - 1) < 1e-6)
    // Computing, fitted last, slows streaming a little.
    #expect(abs(l4.headline.weightStreamBytesPerSecond / 240e9 - 1) < 0.01)
    #expect(l4.source(of: .gemm)?.origin == .measured)
  }

  @Test("Newer, larger and uncut devices are ahead of older, smaller and cut ones")
  func relations() throws {
    func streams(_ name: String) throws -> Double {
      try device(name).headline.weightStreamBytesPerSecond
    }
    func computes(_ name: String) throws -> Double { try device(name).headline.gemmFLOPs }
    func reduces(_ name: String) throws -> Double {
      try #require(device(name).nvlink).ringBytesPerSecond
    }
    func falls(_ names: [String], _ figure: (String) throws -> Double) throws {
      for (left, right) in zip(names, names.dropFirst()) {
        let (more, less) = (try figure(left), try figure(right))
        #expect(more > less, "\(left) \(right)")
      }
    }
    try falls(
      ["gb200-nvl72", "b200-sxm", "h200-sxm", "h100-sxm", "h20-sxm", "h100-pcie", "a100-sxm"],
      streams)
    try falls(["rtx-5090", "rtx-4090", "rtx-3090", "rtx-a5000", "a10", "rtx-a4000", "l4"], streams)
    try falls(
      ["b200-sxm", "h100-sxm", "h100-nvl", "h100-pcie", "a100-sxm", "h20-sxm", "v100-16-pcie"],
      computes)
    try falls(["h100-sxm", "mi300x", "l40s", "rtx-4090", "l20", "l4", "t4", "epyc-9654"], computes)
    try falls(["xeon-8480", "epyc-9654", "xeon-8380", "raspberry-pi-5"], computes)
    try falls(["b200-sxm", "h100-sxm", "a100-sxm", "h800-sxm", "a800-sxm", "rtx-a6000"], reduces)
  }

  @Test("Derived devices have the relative's laws and their own datasheet")
  func derivation() throws {
    let relative = try device("h100-sxm")
    let b200 = try device("b200-sxm")
    func isNear(_ left: Double, _ right: Double) -> Bool { abs(left - right) <= right * 1e-12 }
    #expect(b200.laws == relative.laws)
    #expect(b200.limits.peakFLOPs == 2_250e12 && b200.limits.multiprocessors == 148)
    for number in b200.lawNumbers {
      #expect(number.origin == .derived)
      #expect(number.range.contains(number.value), "\(number.path)")
    }
    // Where the three measured GPUs lie.
    let floor = try #require(b200.lawNumbers.first { $0.path == "gemm.floor" })
    let floors = try ["h100-sxm", "a100-sxm", "l40s"].map { name in
      try #require(device(name).lawNumbers.first { $0.path == "gemm.floor" }).range
    }
    #expect(floor.range.lowerBound == floors.map(\.lowerBound).min())
    #expect(floor.range.upperBound == floors.map(\.upperBound).max())
    #expect(isNear(try #require(b200.nvlink).messageBytesPerSecond, 900e9 * 342 / 450))
    // The smallest message's time stays; what a longer one takes beyond it halves with the link.
    let own = try #require(b200.collectives.first)
    let theirs = try #require(relative.collectives.first)
    #expect(own.nanoseconds[0] == theirs.nanoseconds[0])
    let (least, most) = (theirs.nanoseconds[0], theirs.nanoseconds[13])
    #expect(isNear(own.nanoseconds[13], least + (most - least) / 2))
    // A measured share takes all shares of computing along.
    let (l4, l40s) = (try device("l4").laws, try device("l40s").laws)
    let factor = l4.gemm.mathShare / l40s.gemm.mathShare
    #expect(
      abs(l4.prefillAttention.efficiency / l40s.prefillAttention.efficiency / factor - 1) < 1e-9)
    #expect(l4.gemm.floorNanoseconds == l40s.gemm.floorNanoseconds)
    // Without peer-to-peer half the link; the bridge of a 3090 borrows from A100.
    #expect(isNear(try device("rtx-4090").pcie.ringBytesPerSecond, 10e9))
    #expect(isNear(try #require(device("rtx-3090").nvlink).ringBytesPerSecond, 56.25e9 * 223 / 300))
    #expect(
      try device("rtx-3090").collectives.allSatisfy { $0.link == .nvlink && $0.ranks == 2 })
  }
}

extension HeadlineFigures {
  fileprivate var someGEMM: Double? { gemmFLOPs }
  fileprivate var someStream: Double? { weightStreamBytesPerSecond }
}
