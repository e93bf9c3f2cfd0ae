extension GPUSpecification {
  /// NVIDIA H100 SXM5 80 GB.
  public static let h100SXM = GPUSpecification(
    Datasheet(.h100SXM, nvlink: .switch),
    AchievedFigures(
      .h100SXM,
      nvlink: LinkFigures(
        messageNanoseconds: 6_000, messageBytesPerSecond: 342e9, ringStepNanoseconds: 1_170,
        ringBytesPerSecond: 448e9),
      pcie: LinkFigures(
        messageNanoseconds: 8_000, messageBytesPerSecond: 39e9, ringStepNanoseconds: 4_000,
        ringBytesPerSecond: 39e9),
      networkMessageNanoseconds: 14_000, allReduceTables: h100AllReduce,
      sources: nvlinkSources
        + FigureSource.notes(
          .assumed, "as L40S, in proportion to PCIe", [.pcieMessage, .pcieRing])),
    price: .lambda(3.99))

  /// Microseconds at 8, 16, 64, 256 KiB and 1, 2, 4, 8, 32, 128, 512 MiB.
  private static let h100AllReduce: [AllReduceTable] = [
    AllReduceTable(
      link: .nvlink, implementation: .customGraph, ranks: 2,
      microseconds: [4.4, 4.5, 4.5, 5.2, 8.3, 12.4, 20.2, 45.0, 156.3, 468.8, 1_706]),
    AllReduceTable(
      link: .nvlink, implementation: .customGraph, ranks: 8,
      microseconds: [5.1, 5.3, 6.4, 10.8, 15.0, 19.4, 30.8, 50.7, 177.8, 577.4, 2_117]),
    AllReduceTable(
      link: .nvlink, implementation: .customEager, ranks: 2,
      microseconds: [20.6, 20.7, 20.3, 19.9, 20.1, 20.2, 27.5, 54.1, 186.5, 560.1, 2_047]),
    AllReduceTable(
      link: .nvlink, implementation: .customEager, ranks: 8,
      microseconds: [23.3, 23.0, 22.5, 40.5, 42.1, 41.4, 40.5, 59.2, 207.7, 664.6, 2_476]),
    AllReduceTable(
      link: .nvlink, implementation: .nccl, ranks: 2,
      microseconds: [6.8, 7.3, 7.3, 8.8, 14.7, 27.9, 33.1, 47.3, 143.6, 466.2, 1_686]),
    AllReduceTable(
      link: .nvlink, implementation: .nccl, ranks: 8,
      microseconds: [16.0, 19.0, 18.7, 19.1, 25.4, 38.2, 50.5, 78.9, 199.8, 578.7, 2_111]),
  ]

  /// NVIDIA H100 PCIe 80 GB.
  static let h100PCIe = GPUSpecification(
    Datasheet(
      "h100-pcie", memoryMiB: 81_559, peakFLOPs: 756e12, peakFP8FLOPs: 1_513e12,
      memoryBandwidth: 2_000e9, nvlink: .pairs, nvlinkBandwidth: 300e9,
      multiprocessors: 114, level2MiB: 50, pcieBandwidth: PCIe.generation5,
      source: SourceText.nvidia),
    from: h100SXM, price: .runPod(2.89, "2026-11-09"))

  /// NVIDIA H100 NVL 94 GB, a card that is sold to be bridged in pairs.
  static let h100NVL = GPUSpecification(
    Datasheet(
      "h100-nvl", memoryMiB: 95_830, peakFLOPs: 835e12, peakFP8FLOPs: 1_671e12,
      memoryBandwidth: 3_938e9, nvlink: .pairs, nvlinkBandwidth: 300e9,
      multiprocessors: 132, level2MiB: 50, pcieBandwidth: PCIe.generation5,
      source: SourceText.nvidia + ", half of the figures with sparsity"),
    from: h100SXM, price: .runPod(3.19, "2026-11-09"))

  /// NVIDIA H200 SXM 141 GB.
  static let h200SXM = GPUSpecification(
    Datasheet(
      "h200-sxm", memoryMiB: 143_771, peakFLOPs: 989e12, peakFP8FLOPs: 1_979e12,
      memoryBandwidth: 4_800e9, nvlink: .switch, nvlinkBandwidth: 450e9,
      multiprocessors: 132, level2MiB: 50, pcieBandwidth: PCIe.generation5,
      source: SourceText.nvidia),
    from: h100SXM, price: .runPod(4.59, "2026-10-07"))

  /// NVIDIA H800 SXM 80 GB: an H100 with less NVLink, for China.
  static let h800SXM = GPUSpecification(
    Datasheet(
      "h800-sxm", memoryMiB: 81_559, peakFLOPs: 989e12, peakFP8FLOPs: 1_978e12,
      memoryBandwidth: 3_350e9, nvlink: .switch, nvlinkBandwidth: 200e9,
      multiprocessors: 132, level2MiB: 50, pcieBandwidth: PCIe.generation5,
      source: "as H100 SXM but for NVLink, 400 GB/s both ways (export rules of 2022)"),
    from: h100SXM,
    price: .amortised(
      purchaseDollars: 35_000, watts: 700, date: "2024-02-01",
      "8-GPU servers sold for about 2 million yuan (Reuters), 7.15 yuan a dollar"))

  /// NVIDIA H20 SXM 96 GB: little computing, all of the memory and NVLink, for China.
  static let h20SXM = GPUSpecification(
    Datasheet(
      "h20-sxm", memoryMiB: 97_871, peakFLOPs: 148e12, peakFP8FLOPs: 296e12,
      memoryBandwidth: 4_000e9, nvlink: .switch, nvlinkBandwidth: 450e9,
      multiprocessors: 78, level2MiB: 60, pcieBandwidth: PCIe.generation5,
      source: "NVIDIA's figures as reported by tomshardware.com (H20, L20 and L2)"),
    from: h100SXM,
    price: .amortised(
      purchaseDollars: 24_500, watts: 400, date: "2024-02-01",
      "8-GPU servers offered for 1.4 million yuan (Reuters), 7.15 yuan a dollar"))

  /// What is known of the links of H100 and A100 SXM alike.
  static let nvlinkSources: [FigureSource] = [
    FigureSource(.nvlinkMessage, .measured, SourceText.messages),
    FigureSource(.nvlinkRing, .measured, SourceText.ring),
    FigureSource(.networkMessage, .measured, SourceText.network),
    FigureSource(.allReduce, .measured, SourceText.collectives),
  ]
}
