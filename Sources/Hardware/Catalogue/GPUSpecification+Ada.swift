extension GPUSpecification {
  /// NVIDIA L40S 48 GB.
  public static let l40s = GPUSpecification(
    Datasheet(.l40s),
    AchievedFigures(
      .l40s,
      nvlink: nil,
      pcie: LinkFigures(
        messageNanoseconds: 8_000, messageBytesPerSecond: 20e9, ringStepNanoseconds: 4_000,
        ringBytesPerSecond: 20e9),
      networkMessageNanoseconds: 20_000, allReduceTables: l40sAllReduce,
      sources: FigureSource.notes(
        .measured, "bandwidth fitted to NCCL on 2 GPUs; latency assumed",
        [.pcieMessage, .pcieRing])
        + [
          FigureSource(.networkMessage, .assumed, "as A100"),
          FigureSource(
            .allReduce, .measured,
            SourceText.collectives + "; 8 GPUs without peer-to-peer, not every PCIe node"),
        ]),
    price: .aws(1.861, "2026-08-17", "g6e.xlarge with one L40S"))

  /// Microseconds at 8, 16, 64, 256 KiB and 1, 2, 4, 8, 32, 128, 512 MiB.
  private static let l40sAllReduce: [AllReduceTable] = [
    AllReduceTable(
      link: .pcie, implementation: .customGraph, ranks: 2,
      microseconds: [5.7, 6.2, 9.9, 18.1, 60.2, 116.8, 229.4, 449.9, 1_777, 7_007, 27_988]),
    AllReduceTable(
      link: .pcie, implementation: .customGraph, ranks: 8,
      microseconds: [
        27.6, 27.4, 72.9, 207.1, 582.6, 2_080, 4_014, 8_168, 30_062, 120_267, 480_823,
      ]),
    AllReduceTable(
      link: .pcie, implementation: .customEager, ranks: 2,
      microseconds: [69.0, 68.9, 42.8, 42.9, 66.1, 123.7, 238.2, 454.8, 1_846, 7_455, 29_821]),
    AllReduceTable(
      link: .pcie, implementation: .customEager, ranks: 8,
      microseconds: [
        61.5, 61.1, 69.7, 209.6, 597.7, 2_074, 4_032, 8_204, 29_483, 120_529, 481_718,
      ]),
    AllReduceTable(
      link: .pcie, implementation: .nccl, ranks: 2,
      microseconds: [8.1, 7.5, 12.6, 30.7, 74.8, 120.7, 221.5, 428.9, 1_689, 6_720, 26_700]),
    AllReduceTable(
      link: .pcie, implementation: .nccl, ranks: 8,
      microseconds: [
        32.5, 41.7, 164.5, 426.0, 863.2, 2_618, 5_149, 9_988, 38_854, 162_481, 649_471,
      ]),
  ]

  /// NVIDIA L20 48 GB: an L40S with a third of the computing, for China.
  static let l20 = GPUSpecification(
    Datasheet(
      "l20", memoryMiB: 46_068,
      memoryIs: FigureSource(.memory, .assumed, "as L40S, the same 48 GB with ECC"),
      peakFLOPs: 119.5e12, peakFP8FLOPs: 239e12, memoryBandwidth: 864e9,
      multiprocessors: 92, level2MiB: 96, pcieBandwidth: PCIe.generation4,
      source: "NVIDIA's figures as reported by tomshardware.com (H20, L20 and L2)"),
    from: l40s,
    price: .amortised(
      purchaseDollars: 9_000, watts: 275, date: "2026-11-21",
      "price of a card: jishuzhan.net"))

  /// NVIDIA L4 24 GB: a card of 72 W, which its power, not its units, limits.
  static let l4 = GPUSpecification(
    Datasheet(
      "l4", memoryMiB: 23_034, peakFLOPs: 121e12, peakFP8FLOPs: 242e12, memoryBandwidth: 300e9,
      multiprocessors: 58, level2MiB: 48, pcieBandwidth: PCIe.generation4,
      source: SourceText.nvidia + ", half of the figures with sparsity"),
    from: l40s,
    share: MeasuredShare(
      computing: 53e12 / 121e12, streaming: 218e9 / 300e9,
      source: "layer times of LLaMA-30B (vLLM 0.4), Thesys-lab/Helix-ASPLOS25"),
    price: .aws(0.8048, "2026-08-17", "g6.xlarge with one L4"))

  /// NVIDIA GeForce RTX 4090 24 GB.
  static let rtx4090 = GPUSpecification(
    Datasheet(
      "rtx-4090", memoryMiB: 24_564, peakFLOPs: 165.2e12, peakFP8FLOPs: 330.3e12,
      memoryBandwidth: 1_008e9, multiprocessors: 128, level2MiB: 72,
      pcieBandwidth: PCIe.generation4, supportsPeerToPeer: false,
      source: "NVIDIA Ada whitepaper, accumulating in 32 bits"),
    from: l40s, price: .listed(0.69, "2026-05-27", "runpod.io by gpu.fund, on demand"))
}
