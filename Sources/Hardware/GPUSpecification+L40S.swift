extension GPUSpecification {
  /// NVIDIA L40S 48 GB.
  public static let l40s = GPUSpecification(
    name: "l40s", memoryBytes: 46_068 << 20, peakFLOPs: 362e12, peakFP8FLOPs: 733e12,
    hbmBandwidthBytesPerSecond: 864e9,
    gemm: GEMMFigures(
      achievedFLOPs: 231e12, weightStreamBytesPerSecond: 696e9, floorNanoseconds: 2_700,
      ridgeSharpness: 4),
    gemmFP8: GEMMFigures(
      achievedFLOPs: 365e12, weightStreamBytesPerSecond: 605e9, floorNanoseconds: 5_000,
      ridgeSharpness: 4),
    attention: AttentionFigures(
      floorNanoseconds: 10_000, keyValueBytesPerSecond: 699e9, prefillFLOPs: 188e12,
      prefillPaddingPairsPerToken: 260, unsplitNanosecondsPerToken: 17),
    nvlinkBandwidthBytesPerSecond: 0, pcieBandwidthBytesPerSecond: 31e9,
    nvlink: nil,
    pcie: LinkFigures(
      messageNanoseconds: 8_000, messageBytesPerSecond: 20e9, ringStepNanoseconds: 4_000,
      ringBytesPerSecond: 20e9),
    networkMessageNanoseconds: 20_000, allReduceTables: l40sAllReduce, pricePerGPUHour: 1.861,
    sources: l40sSources)

  /// Microseconds at 8, 16, 64, 256 KiB and 1, 2, 4, 8, 32, 128, 512 MiB (`SourceText.collectives`).
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

  private static let l40sSources: [FigureSource] = [
    FigureSource("memory", "46,068 MiB", "as reported by nvidia-smi"),
    FigureSource("peak BF16, FP8", "362, 733 TFLOP/s dense", SourceText.datasheet),
    FigureSource("memory bandwidth", "864 GB/s", SourceText.datasheet),
    FigureSource("large GEMM, BF16", "231 TFLOP/s (64 % of peak)", SourceText.kernels),
    FigureSource("weight streaming, BF16", "696 GB/s (81 %)", SourceText.kernels),
    FigureSource("large GEMM, FP8", "365 TFLOP/s", SourceText.kernels),
    FigureSource("weight streaming, FP8", "605 GB/s", SourceText.kernels),
    FigureSource("smallest GEMM", "2.7 µs; FP8 with quantisation 5 µs", SourceText.kernels),
    FigureSource("ridge of a GEMM", "sharpness 4", SourceText.kernelsFitted),
    FigureSource("attention floor", "10 µs a layer", SourceText.kernels),
    FigureSource("KV streaming", "699 GB/s", SourceText.kernels),
    FigureSource("unsplit attention", "17 ns a token without GQA", SourceText.kernels),
    FigureSource("prefill attention", "188 TFLOP/s · s/(s + 520)", SourceText.kernelsFitted),
    FigureSource("PCIe 4 x16", "31 GB/s per direction", SourceText.datasheet),
    FigureSource(
      "PCIe between GPUs", "8 µs, 20 GB/s", "bandwidth fitted to NCCL on 2 GPUs; latency assumed"),
    FigureSource("message between nodes", "20 µs", "assumed: as A100"),
    FigureSource(
      "all-reduce", "11 sizes, 2 and 8 GPUs",
      SourceText.collectives + "; 8 GPUs without peer-to-peer, not every PCIe node"),
    FigureSource(
      "price", "1.861 USD per GPU-hour",
      "AWS g6e with one L40S, us-east-1, on demand: modal.com/blog/nvidia-l40s-price-article, "
        + "2025-08-12"),
  ]
}
