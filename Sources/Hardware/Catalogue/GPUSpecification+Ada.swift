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
      networkMessageNanoseconds: 20_000, collectives: CollectiveTables.l40s.tables,
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

  /// NVIDIA L20 48 GB: an L40S with a third of the computing, for China.
  static let l20 = GPUSpecification(
    Datasheet(
      "l20", memoryMiB: 46_068,
      memoryIs: FigureSource(.memory, .assumed, "as L40S, the same 48 GB with ECC"),
      peakFLOPs: 119.5e12, peakFP8FLOPs: 239e12, memoryBandwidth: 864e9,
      multiprocessors: 92, level2MiB: 96, pcieBandwidth: PCIe.generation4,
      source: "NVIDIA's figures as reported by tomshardware.com (H20, L20 and L2)"),
    from: l40s,
    // An L40S has 350 W for 362 TFLOP/s and is held back by them, an L20 275 W for 119.5.
    share: MeasuredShare(
      computing: 105 / 119.5, streaming: 0.85,
      source: "105 TFLOP/s at 2,048 tokens, 26 GB a decode step in 35.3 ms: profile of Llama-13B, "
        + "MLSysU/TD-Pipe"),
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
      computing: 53e12 / 121e12, streaming: 240e9 / 300e9,
      source: "layer times of LLaMA-30B (vLLM 0.4), Thesys-lab/Helix-ASPLOS25; of streaming the "
        + "least that they allow"),
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
