extension GPUSpecification {
  /// NVIDIA H100 SXM5 80 GB.
  public static let h100SXM = GPUSpecification(
    name: "h100-sxm", memoryBytes: 81_559 << 20, peakFLOPs: 989e12, peakFP8FLOPs: 1_978e12,
    hbmBandwidthBytesPerSecond: 3_350e9,
    gemm: GEMMFigures(
      achievedFLOPs: 797e12, weightStreamBytesPerSecond: 2_902e9, floorNanoseconds: 3_000,
      ridgeSharpness: 8),
    gemmFP8: GEMMFigures(
      achievedFLOPs: 1_005e12, weightStreamBytesPerSecond: 2_589e9, floorNanoseconds: 5_000,
      ridgeSharpness: 8),
    attention: AttentionFigures(
      floorNanoseconds: 12_000, keyValueBytesPerSecond: 2_906e9, prefillFLOPs: 640e12,
      prefillPaddingPairsPerToken: 600, unsplitNanosecondsPerToken: 0),
    nvlinkBandwidthBytesPerSecond: 450e9, pcieBandwidthBytesPerSecond: 63e9,
    nvlink: LinkFigures(
      messageNanoseconds: 6_000, messageBytesPerSecond: 342e9, ringStepNanoseconds: 1_170,
      ringBytesPerSecond: 448e9),
    pcie: LinkFigures(
      messageNanoseconds: 8_000, messageBytesPerSecond: 39e9, ringStepNanoseconds: 4_000,
      ringBytesPerSecond: 39e9),
    networkMessageNanoseconds: 14_000, allReduceTables: h100AllReduce, pricePerGPUHour: 3.99,
    sources: h100Sources)

  /// Microseconds at 8, 16, 64, 256 KiB and 1, 2, 4, 8, 32, 128, 512 MiB (`SourceText.collectives`).
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

  private static let h100Sources: [FigureSource] = [
    FigureSource("memory", "81,559 MiB", "as reported by nvidia-smi"),
    FigureSource("peak BF16, FP8", "989, 1,978 TFLOP/s dense", SourceText.datasheet),
    FigureSource("HBM bandwidth", "3,350 GB/s", SourceText.datasheet),
    FigureSource("large GEMM, BF16", "797 TFLOP/s (81 % of peak)", SourceText.kernels),
    FigureSource("weight streaming, BF16", "2,902 GB/s (87 % of HBM)", SourceText.kernels),
    FigureSource("large GEMM, FP8", "1,005 TFLOP/s", SourceText.kernels),
    FigureSource("weight streaming, FP8", "2,589 GB/s", SourceText.kernels),
    FigureSource("smallest GEMM", "3.0 µs; FP8 with quantisation 5 µs", SourceText.kernels),
    FigureSource("ridge of a GEMM", "sharpness 8", SourceText.kernelsFitted),
    FigureSource("attention floor", "12 µs a layer", SourceText.kernels),
    FigureSource("KV streaming", "2,906 GB/s", SourceText.kernels),
    FigureSource(
      "prefill attention", "640 TFLOP/s · s/(s + 1,200)", SourceText.kernelsFitted),
    FigureSource("NVLink 4", "450 GB/s per direction", SourceText.datasheet),
    FigureSource("PCIe 5 x16", "63 GB/s per direction", SourceText.datasheet),
    FigureSource("NVLink message", "6 µs, 342 GB/s", SourceText.messages),
    FigureSource("NVLink ring", "1.17 µs a step, 448 GB/s", SourceText.ring),
    FigureSource("PCIe between GPUs", "8 µs, 39 GB/s", "assumed: as L40S, in proportion to PCIe"),
    FigureSource("message between nodes", "14 µs", SourceText.network),
    FigureSource("all-reduce", "11 sizes, 2 and 8 GPUs", SourceText.collectives),
    FigureSource("price", "3.99 USD per GPU-hour", SourceText.lambda),
  ]
}
