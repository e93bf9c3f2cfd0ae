extension GPUSpecification {
  /// NVIDIA A100 SXM4 80 GB.
  public static let a100SXM = GPUSpecification(
    name: "a100-sxm", memoryBytes: 81_920 << 20, peakFLOPs: 312e12, peakFP8FLOPs: nil,
    hbmBandwidthBytesPerSecond: 2_039e9,
    gemm: GEMMFigures(
      achievedFLOPs: 279e12, weightStreamBytesPerSecond: 1_499e9, floorNanoseconds: 4_200,
      ridgeSharpness: 2),
    gemmFP8: nil,
    attention: AttentionFigures(
      floorNanoseconds: 14_000, keyValueBytesPerSecond: 1_504e9, prefillFLOPs: 185e12,
      prefillPaddingPairsPerToken: 350, unsplitNanosecondsPerToken: 22),
    nvlinkBandwidthBytesPerSecond: 300e9, pcieBandwidthBytesPerSecond: 31e9,
    nvlink: LinkFigures(
      messageNanoseconds: 10_000, messageBytesPerSecond: 225e9, ringStepNanoseconds: 1_520,
      ringBytesPerSecond: 223e9),
    pcie: LinkFigures(
      messageNanoseconds: 10_000, messageBytesPerSecond: 19e9, ringStepNanoseconds: 4_000,
      ringBytesPerSecond: 19e9),
    networkMessageNanoseconds: 20_000, allReduceTables: a100AllReduce, pricePerGPUHour: 2.79,
    sources: a100Sources)

  /// Microseconds at 8, 16, 64, 256 KiB and 1, 2, 4, 8, 32, 128, 512 MiB (`SourceText.collectives`).
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

  private static let a100Sources: [FigureSource] = [
    FigureSource("memory", "81,920 MiB", "as reported by nvidia-smi"),
    FigureSource("peak BF16", "312 TFLOP/s dense; no FP8 units", SourceText.datasheet),
    FigureSource("HBM bandwidth", "2,039 GB/s", SourceText.datasheet),
    FigureSource("large GEMM, BF16", "279 TFLOP/s (89 % of peak)", SourceText.kernels),
    FigureSource("weight streaming, BF16", "1,499 GB/s (74 % of HBM)", SourceText.kernels),
    FigureSource("FP8 weights", "half the bytes at BF16 rates", "assumed: weight-only kernels"),
    FigureSource("smallest GEMM", "4.2 µs", SourceText.kernels),
    FigureSource("ridge of a GEMM", "sharpness 2", SourceText.kernelsFitted),
    FigureSource("attention floor", "14 µs a layer", SourceText.kernels),
    FigureSource("KV streaming", "1,504 GB/s", SourceText.kernels),
    FigureSource("unsplit attention", "22 ns a token without GQA", SourceText.kernels),
    FigureSource("prefill attention", "185 TFLOP/s · s/(s + 700)", SourceText.kernelsFitted),
    FigureSource("NVLink 3", "300 GB/s per direction", SourceText.datasheet),
    FigureSource("PCIe 4 x16", "31 GB/s per direction", SourceText.datasheet),
    FigureSource("NVLink message", "10 µs, 225 GB/s", SourceText.messages),
    FigureSource("NVLink ring", "1.52 µs a step, 223 GB/s", SourceText.ring),
    FigureSource("PCIe between GPUs", "10 µs, 19 GB/s", "assumed: as L40S"),
    FigureSource("message between nodes", "20 µs", SourceText.network),
    FigureSource("all-reduce", "11 sizes, 2 and 8 GPUs", SourceText.collectives),
    FigureSource("price", "2.79 USD per GPU-hour", SourceText.lambda),
  ]
}
