extension GPUSpecification {
  /// NVIDIA A100 SXM4 80 GB.
  public static let a100SXM = GPUSpecification(
    Datasheet(.a100SXM, nvlink: .switch, notes: [noFP8]),
    AchievedFigures(
      .a100SXM,
      nvlink: LinkFigures(
        messageNanoseconds: 10_000, messageBytesPerSecond: 225e9, ringStepNanoseconds: 1_520,
        ringBytesPerSecond: 223e9),
      pcie: LinkFigures(
        messageNanoseconds: 10_000, messageBytesPerSecond: 19e9, ringStepNanoseconds: 4_000,
        ringBytesPerSecond: 19e9),
      networkMessageNanoseconds: 20_000, allReduceTables: a100AllReduce,
      sources: nvlinkSources
        + FigureSource.notes(.assumed, "as L40S", [.pcieMessage, .pcieRing])),
    price: .lambda(2.79))

  /// Microseconds at 8, 16, 64, 256 KiB and 1, 2, 4, 8, 32, 128, 512 MiB.
  private static let a100AllReduce: [AllReduceTable] = [
    AllReduceTable(
      link: .nvlink, implementation: .customGraph, ranks: 2,
      microseconds: [5.3, 5.3, 5.5, 6.6, 10.7, 15.2, 25.2, 89.7, 222.2, 746.1, 2_799]),
    AllReduceTable(
      link: .nvlink, implementation: .customGraph, ranks: 8,
      microseconds: [6.3, 6.5, 8.4, 17.1, 21.7, 27.9, 45.4, 129.0, 364.3, 1_161, 4_223]),
    AllReduceTable(
      link: .nvlink, implementation: .customEager, ranks: 2,
      microseconds: [43.6, 43.8, 44.0, 44.2, 44.0, 44.1, 44.4, 97.7, 260.1, 894.7, 3_391]),
    AllReduceTable(
      link: .nvlink, implementation: .customEager, ranks: 8,
      microseconds: [44.9, 45.4, 44.7, 44.6, 44.5, 44.6, 58.2, 138.0, 403.2, 1_310, 4_829]),
    AllReduceTable(
      link: .nvlink, implementation: .nccl, ranks: 2,
      microseconds: [11.0, 12.8, 13.0, 15.3, 40.8, 47.6, 55.8, 87.1, 224.2, 747.5, 2_781]),
    AllReduceTable(
      link: .nvlink, implementation: .nccl, ranks: 8,
      microseconds: [21.3, 22.6, 28.1, 27.5, 38.9, 53.7, 77.3, 128.0, 367.0, 1_169, 4_226]),
  ]

  /// NVIDIA A100 SXM4 40 GB.
  static let a100SXM40GB = GPUSpecification(
    Datasheet(
      "a100-40-sxm", memoryMiB: 40_960, peakFLOPs: 312e12, memoryBandwidth: 1_555e9,
      nvlink: .switch, nvlinkBandwidth: 300e9, multiprocessors: 108, level2MiB: 40,
      pcieBandwidth: PCIe.generation4,
      source: SourceText.nvidia, notes: [noFP8]),
    from: a100SXM, price: .lambda(1.99))

  /// NVIDIA A100 PCIe 80 GB.
  static let a100PCIe = GPUSpecification(
    Datasheet(
      "a100-pcie", memoryMiB: 81_920, peakFLOPs: 312e12, memoryBandwidth: 1_935e9,
      nvlink: .pairs, nvlinkBandwidth: 300e9, multiprocessors: 108, level2MiB: 40,
      pcieBandwidth: PCIe.generation4,
      source: SourceText.nvidia, notes: [noFP8]),
    from: a100SXM, price: .runPod(1.79, "2026-11-09"))

  /// NVIDIA A100 PCIe 40 GB.
  static let a100PCIe40GB = GPUSpecification(
    Datasheet(
      "a100-40-pcie", memoryMiB: 40_960, peakFLOPs: 312e12, memoryBandwidth: 1_555e9,
      nvlink: .pairs, nvlinkBandwidth: 300e9, multiprocessors: 108, level2MiB: 40,
      pcieBandwidth: PCIe.generation4,
      source: SourceText.nvidia, notes: [noFP8]),
    from: a100SXM,
    price: .listed(0.80, "2026-09-20", "openrelay.inc/pricing, A100 40GB, on demand"))

  /// NVIDIA A800 SXM 80 GB: an A100 with less NVLink, for China.
  static let a800SXM = GPUSpecification(
    Datasheet(
      "a800-sxm", memoryMiB: 81_920, peakFLOPs: 312e12, memoryBandwidth: 2_039e9,
      nvlink: .switch, nvlinkBandwidth: 200e9, multiprocessors: 108, level2MiB: 40,
      pcieBandwidth: PCIe.generation4,
      source: "as A100 SXM but for NVLink, 400 GB/s both ways (export rules of 2022)",
      notes: [noFP8]),
    from: a100SXM,
    price: .listed(2.79, "2026-09-20", "as a100-sxm (lambda.ai/instances): nobody lists this one"))

  /// How GPUs without FP8 units serve FP8 weights.
  static let noFP8 =
    "no FP8 units: FP8 weights take half the bytes at the 16-bit rates (weight-only kernels, "
    + "assumed)"
}
