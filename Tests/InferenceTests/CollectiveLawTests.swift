import Hardware
import Inference
import Testing

@Suite("Collective operations")
struct CollectiveLawTests {
  static let sizes = (0...120).map { 256 * tenth($0) }

  /// 2^(index / 5), by products alone.
  private static func tenth(_ index: Int) -> Double {
    var value = 1.0
    for _ in 0..<index { value *= 1.148_698_354_997_035 }
    return value
  }

  static let fabrics: [TensorFabric] = [
    .nvlinkSwitch, .nvlinkPair, .pcie(PCIePath()), .pcie(PCIePath(isPeerToPeer: true)),
    network(nodes: 2), network(nodes: 4), network(nodes: 4, isThroughHost: true),
  ]

  private static func network(nodes: Int, isThroughHost: Bool = false) -> TensorFabric {
    .network(
      NetworkPath(
        nodes: nodes, gpusPerNode: 4, cardsPerNode: 4, bandwidthBytesPerSecond: 100e9,
        latencyNanoseconds: 4_000, isThroughHost: isThroughHost))
  }

  private static func ranks(_ fabric: TensorFabric) -> [Int] {
    switch fabric {
    case .network(let path): [path.nodes * path.gpusPerNode]
    case .nvlinkPair: [2]
    default: [2, 3, 4, 5, 6, 7, 8, 16, 72]
    }
  }

  @Test("A longer message never takes less, whatever is done", arguments: fabrics)
  func monotone(fabric: TensorFabric) {
    for gpu in HardwareCatalogue.gpus {
      for operation in CollectiveOperation.allCases {
        for implementation in AllReduceImplementation.allCases {
          for ranks in Self.ranks(fabric) {
            let law = CollectiveLaw(
              operation: operation, ranks: ranks, fabric: fabric, gpu: gpu,
              implementation: implementation)
            let times = Self.sizes.map(law.nanoseconds)
            let isRising = zip(times, times.dropFirst()).allSatisfy { $0 <= $1 * (1 + 1e-12) }
            #expect(isRising, "\(gpu.name) \(operation) \(implementation) \(ranks)")
          }
        }
      }
    }
  }

  @Test("Nothing beats the link's datasheet")
  func datasheet() {
    for gpu in HardwareCatalogue.gpus {
      for fabric in Self.fabrics.prefix(4) {
        if case .nvlinkSwitch = fabric, gpu.nvlinkTopology != .switch { continue }
        if case .nvlinkPair = fabric, gpu.nvlinkTopology == .none { continue }
        let bandwidth: Double
        switch fabric {
        case .pcie: bandwidth = gpu.pcieBandwidthBytesPerSecond
        default: bandwidth = gpu.nvlinkBandwidthBytesPerSecond
        }
        for operation in CollectiveOperation.allCases {
          for ranks in Self.ranks(fabric) {
            let law = CollectiveLaw(
              operation: operation, ranks: ranks, fabric: fabric, gpu: gpu,
              implementation: .customGraph)
            for bytes in [65_536.0, 16_777_216, 8e9] {
              let least = operation.leastShare(ranks: ranks) * bytes / bandwidth * 1e9
              #expect(
                law.nanoseconds(bytes: bytes) >= least * (1 - 1e-12),
                "\(gpu.name) \(operation) \(ranks) \(bytes)")
            }
          }
        }
      }
    }
  }

  @Test("Across nodes nothing beats the cards")
  func cards() {
    for operation in CollectiveOperation.allCases {
      for (nodes, perNode) in [(2, 1), (2, 8), (4, 4)] {
        let ranks = nodes * perNode
        let path = NetworkPath(
          nodes: nodes, gpusPerNode: perNode, cardsPerNode: perNode,
          bandwidthBytesPerSecond: 50e9 * Double(perNode), latencyNanoseconds: 4_000)
        let law = CollectiveLaw(
          operation: operation, ranks: ranks, fabric: .network(path), gpu: .h100SXM,
          implementation: .nccl)
        // Each node sends the others' share of what its GPUs hold, or the ring's share once.
        let leaving: Double
        switch operation {
        case .allToAll: leaving = Double(perNode) * (1 - 1 / Double(nodes))
        case .sendReceive: leaving = 1
        default: leaving = operation.share(ranks: ranks)
        }
        let bytes = 1e9
        let least = leaving * bytes / path.bandwidthBytesPerSecond * 1e9
        let time = law.nanoseconds(bytes: bytes)
        #expect(time >= least && time < least * 2, "\(operation) \(nodes)×\(perNode): \(time)")
      }
    }
  }

  @Test("Four GPUs take what lies between two and eight, at every measured size")
  func ranks() throws {
    for gpu in [GPUSpecification.h100SXM, .a100SXM] {
      for operation in [CollectiveOperation.allReduce, .allGather, .reduceScatter] {
        let laws = [2, 4, 8].map { ranks in
          CollectiveLaw(
            operation: operation, ranks: ranks, fabric: .nvlinkSwitch, gpu: gpu,
            implementation: .nccl)
        }
        let table = try #require(gpu.collectives.of(operation, .nccl, .nvlink).first)
        for bytes in table.bytes {
          let times = laws.map { $0.nanoseconds(bytes: bytes) }
          // Two A100 take longer than eight at 1 MiB, as measured: then four do as well.
          #expect(times[0] <= times[1] * (1 + 1e-9), "\(gpu.name) \(operation) \(bytes)")
          #expect(times[1] <= max(times[0], times[2]) * (1 + 1e-9), "\(operation) \(bytes)")
        }
      }
    }
  }

  @Test("Four GPUs lie a third of the way from two to eight in steps, two thirds in bytes")
  func four() {
    func table(_ ranks: Int) -> CollectiveTable {
      // 1 µs a step and 100 GB/s: what a ring of n takes.
      let sizes = [1.0, 1_024, 1_048_576, 1_073_741_824, 1_099_511_627_776]
      return CollectiveTable(
        link: .nvlink, operation: .allGather, implementation: .nccl, ranks: ranks, bytes: sizes,
        nanoseconds: sizes.map {
          1_000 * Double(ranks - 1) + $0 * Double(ranks - 1) / Double(ranks) / 100
        })
    }
    var gpu = GPUSpecification.h100SXM
    gpu.collectives = [table(2), table(8)]
    for ranks in [2, 3, 4, 6, 8, 16] {
      let law = CollectiveLaw(
        operation: .allGather, ranks: ranks, fabric: .nvlinkSwitch, gpu: gpu, implementation: .nccl)
      let short = 1_000 * Double(ranks - 1)
      #expect(isNear(law.nanoseconds(bytes: 512), short, within: 0.01), "\(ranks)")
      let long = 1_099_511_627_776 * Double(ranks - 1) / Double(ranks) / 100
      #expect(isNear(law.nanoseconds(bytes: 1_099_511_627_776), long, within: 0.001), "\(ranks)")
    }
  }

  @Test("All-reduces of four GPUs in a CUDA graph lie where two and eight put them")
  func fourInGraph() {
    // Short messages are read from n − 1 peers: 1/3 of the way from two GPUs to eight.
    let law = CollectiveLaw(
      operation: .allReduce, ranks: 4, fabric: .nvlinkSwitch, gpu: .h100SXM,
      implementation: .customGraph)
    let points = [(131_072.0, 4.751 + (7.864 - 4.751) / 3), (4_194_304, 20.24 + 10.57 * 2 / 3)]
    for (bytes, microseconds) in points {
      #expect(isNear(law.nanoseconds(bytes: bytes) / 1e3, microseconds, within: 0.001))
    }
  }

  @Test("A second table of all-gathers over PCIe says what four GPUs take", arguments: [64, 1_024])
  func measuredFour(kibibytes: Int) throws {
    let gpu = try #require(HardwareCatalogue.gpus.first { $0.name == "v100-16-pcie" })
    let law = CollectiveLaw(
      operation: .allGather, ranks: 4, fabric: .pcie(PCIePath()), gpu: gpu, implementation: .nccl)
    let measured = kibibytes == 64 ? 47.12 : 216.2
    #expect(isNear(law.nanoseconds(bytes: Double(kibibytes << 10)) / 1e3, measured, within: 0.001))
  }

  @Test("Custom kernels reduce over at most eight GPUs; all else is the library's")
  func performers() {
    for operation in CollectiveOperation.allCases {
      for ranks in [2, 8, 16] where operation != .allReduce || ranks > 8 {
        let laws = [AllReduceImplementation.customGraph, .nccl].map {
          CollectiveLaw(
            operation: operation, ranks: ranks, fabric: .nvlinkSwitch, gpu: .h100SXM,
            implementation: $0)
        }
        for bytes in [16_384.0, 4e6] {
          #expect(laws[0].nanoseconds(bytes: bytes) == laws[1].nanoseconds(bytes: bytes))
        }
      }
    }
  }

  /// microsoft/apex_plus, V100 over Ethernet: cards of 1.14 GB/s through the host.
  @Test(
    "All-gathers over Ethernet take what was measured",
    arguments: [
      (2, 1, 262_144, 142_482, 0.2), (2, 4, 1_024, 1_977, 0.1), (2, 4, 65_536, 55_587, 0.1),
    ])
  func gathers(nodes: Int, gpus: Int, kibibytes: Int, microseconds: Double, within: Double) throws {
    var gpu = try #require(HardwareCatalogue.gpus.first { $0.name == "v100-16-pcie" })
    gpu.networkMessageNanoseconds = 30_000
    let path = NetworkPath(
      nodes: nodes, gpusPerNode: gpus, bandwidthBytesPerSecond: 1.14e9, latencyNanoseconds: 20_000,
      pcie: PCIePath(), isThroughHost: true)
    let law = CollectiveLaw(
      operation: .allGather, ranks: nodes * gpus, fabric: .network(path), gpu: gpu,
      implementation: .nccl)
    let time = law.nanoseconds(bytes: Double(kibibytes << 10)) / 1e3
    #expect(isNear(time, microseconds, within: within), "\(time)")
  }
}
