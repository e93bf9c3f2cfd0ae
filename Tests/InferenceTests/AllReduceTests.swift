import Hardware
import Inference
import Testing

/// All-reduces over PCIe and across nodes: by hand, and beside what was measured.
@Suite("All-reduces over poor links")
struct AllReduceTests {
  /// A measured point, and by which share of it the law may be off.
  struct Point: Sendable, CustomTestStringConvertible {
    var kibibytes: Int
    var microseconds: Double
    var within: Double

    init(_ kibibytes: Int, _ microseconds: Double, within: Double) {
      self.kibibytes = kibibytes
      self.microseconds = microseconds
      self.within = within
    }

    var testDescription: String { "\(kibibytes) KiB" }
  }

  private func check(
    _ point: Point, ranks: Int, _ path: NetworkPath, _ gpu: GPUSpecification
  ) {
    let law = AllReduceLaw(
      ranks: ranks, fabric: .network(path), gpu: gpu, implementation: .customGraph)
    let time = law.nanoseconds(bytes: Double(point.kibibytes << 10)) / 1e3
    #expect(isNear(time, point.microseconds, within: point.within), "\(time)")
  }

  /// microsoft/vidur, a100_dgx: four cards at work reach 6.3 GB/s each, one alone 6.7.
  @Test(
    "Two A100 nodes of four, four cards each",
    arguments: [
      Point(64, 107, within: 0.15), Point(128, 154, within: 0.15), Point(512, 252, within: 0.05),
      Point(1_024, 304, within: 0.06), Point(4_096, 648, within: 0.05),
      Point(16_384, 1_475, within: 0.05), Point(65_536, 4_955, within: 0.05),
    ])
  func fourCards(_ point: Point) {
    let path = NetworkPath(
      nodes: 2, gpusPerNode: 4, cardsPerNode: 4, bandwidthBytesPerSecond: 25.3e9,
      latencyNanoseconds: 4_000)
    check(point, ranks: 8, path, .a100SXM)
  }

  @Test(
    "Two A100 nodes of one",
    arguments: [
      Point(64, 67, within: 0.16), Point(128, 98, within: 0.15), Point(512, 169, within: 0.08),
      Point(1_024, 240, within: 0.08), Point(4_096, 806, within: 0.06),
      Point(16_384, 2_691, within: 0.05), Point(65_536, 10_313, within: 0.05),
    ])
  func oneCard(_ point: Point) {
    let path = NetworkPath(
      nodes: 2, gpusPerNode: 1, bandwidthBytesPerSecond: 6.7e9, latencyNanoseconds: 4_000)
    check(point, ranks: 2, path, .a100SXM)
  }

  /// microsoft/apex_plus: 1.14 GB/s through TCP, messages of 30 µs; no GPUDirect, so 10 µs on each
  /// side for the way through the host.
  private static let ethernet: (gpu: GPUSpecification, latency: Int64) = {
    var gpu = GPUSpecification.l40s
    gpu.collectives = []
    gpu.pcie.ringBytesPerSecond = 3.7e9
    gpu.pcie.ringStepNanoseconds = 6_000
    gpu.networkMessageNanoseconds = 30_000
    return (gpu, 20_000)
  }()

  @Test(
    "Two V100 nodes of four over Ethernet, one card each",
    arguments: [
      Point(64, 831, within: 0.35), Point(256, 1_077, within: 0.2),
      Point(1_024, 3_885, within: 0.05), Point(4_096, 9_674, within: 0.05),
      Point(16_384, 29_196, within: 0.05),
      Point(65_536, 104_633, within: 0.05), Point(262_144, 401_712, within: 0.05),
    ])
  func ethernetOfFour(_ point: Point) {
    let path = NetworkPath(
      nodes: 2, gpusPerNode: 4, bandwidthBytesPerSecond: 1.14e9,
      latencyNanoseconds: Self.ethernet.latency, pcie: PCIePath(),
      isThroughHost: true)
    check(point, ranks: 8, path, Self.ethernet.gpu)
  }

  @Test(
    "Two V100 nodes of one over Ethernet",
    arguments: [
      Point(64, 621, within: 0.35), Point(256, 831, within: 0.1), Point(1_024, 2_143, within: 0.05),
      Point(4_096, 5_210, within: 0.1), Point(16_384, 18_746, within: 0.2),
      Point(65_536, 67_292, within: 0.15), Point(262_144, 235_047, within: 0.05),
    ])
  func ethernetOfOne(_ point: Point) {
    let path = NetworkPath(
      nodes: 2, gpusPerNode: 1, bandwidthBytesPerSecond: 1.14e9,
      latencyNanoseconds: Self.ethernet.latency, pcie: PCIePath(),
      isThroughHost: true)
    check(point, ranks: 2, path, Self.ethernet.gpu)
  }

  @Test("With peer-to-peer it is a ring at 0.86 of PCIe, without it what was measured")
  func peers() {
    func time(_ path: PCIePath, _ implementation: AllReduceImplementation) -> Double {
      AllReduceLaw(ranks: 8, fabric: .pcie(path), gpu: .l40s, implementation: implementation)
        .nanoseconds(bytes: 1_048_576)
    }
    // 14 steps of 4 µs, and 7/4 of the message at 0.86 · 31 GB/s.
    let ring = 56_000 + 1.75 * 1_048_576 / 26.66
    #expect(isNear(time(PCIePath(isPeerToPeer: true), .nccl), ring, within: 1e-9))
    #expect(isNear(time(PCIePath(isPeerToPeer: true), .customGraph), ring, within: 1e-9))
    #expect(time(PCIePath(), .customGraph) == 582_600)
    // Launched from the host it takes at least what any size takes on two GPUs.
    #expect(time(PCIePath(isPeerToPeer: true), .customEager) > ring - 1)
  }

  @Test("Uplinks and host bridges that leave less bound it from below")
  func sharedUplinks() {
    let path = PCIePath(isPeerToPeer: true, bytesPerSecond: 5e9)
    let law = AllReduceLaw(ranks: 4, fabric: .pcie(path), gpu: .l40s, implementation: .nccl)
    #expect(isNear(law.nanoseconds(bytes: 1e9), 1.5e9 / 5, within: 1e-9))
  }

  @Test("Inside nodes without NVLink the part within is PCIe's, with the GPU's NVLink idle")
  func insideWithoutNVLink() {
    func time(_ pcie: PCIePath?) -> Double {
      let path = NetworkPath(
        nodes: 2, gpusPerNode: 4, bandwidthBytesPerSecond: 1e12, latencyNanoseconds: 0, pcie: pcie)
      return AllReduceLaw(
        ranks: 8, fabric: .network(path), gpu: .a100SXM, implementation: .nccl
      ).nanoseconds(bytes: 67_108_864)
    }
    // A ring of four over PCIe at 19 GB/s: 6 · 4 µs + 1.5 · 64 MiB / 19 GB/s.
    let inside = 24_000 + 1.5 * 67_108_864 / 19
    #expect(time(PCIePath()) > inside && time(PCIePath()) < inside + 200_000)
    #expect(time(nil) < inside / 4)
  }

  @Test("A longer message never takes less", arguments: [1, 4])
  func rising(gpus: Int) {
    let path = NetworkPath(
      nodes: 4, gpusPerNode: gpus, bandwidthBytesPerSecond: 12.5e9, latencyNanoseconds: 4_000)
    let law = AllReduceLaw(
      ranks: 4 * gpus, fabric: .network(path), gpu: .h100SXM, implementation: .nccl)
    let times = (10...29).map { law.nanoseconds(bytes: Double(1 << $0)) }
    #expect(zip(times, times.dropFirst()).allSatisfy { $0 < $1 })
  }
}
