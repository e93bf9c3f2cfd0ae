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
      networkMessageNanoseconds: 14_000, collectives: CollectiveTables.h100SXM.tables,
      sources: nvlinkSources
        + FigureSource.notes(
          .assumed, "as L40S, in proportion to PCIe", [.pcieMessage, .pcieRing])),
    price: .lambda(3.99))

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
