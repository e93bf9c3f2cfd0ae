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
      networkMessageNanoseconds: 20_000, collectives: CollectiveTables.a100SXM.tables,
      sources: nvlinkSources
        + FigureSource.notes(.assumed, "as L40S", [.pcieMessage, .pcieRing])),
    price: .lambda(2.79))

  /// NVIDIA A100 SXM4 40 GB.
  static let a100SXM40GB = GPUSpecification(
    Datasheet(
      "a100-40-sxm", memoryMiB: 40_960, peakFLOPs: 312e12, memoryBandwidth: 1_555e9,
      nvlink: .switch, nvlinkBandwidth: 300e9, multiprocessors: 108, level2MiB: 40,
      pcieBandwidth: PCIe.generation4,
      source: SourceText.nvidia, notes: [noFP8]),
    from: a100SXM,
    // The multiprocessors that cannot take in all of 2,039 GB/s take in more of 1,555.
    share: MeasuredShare(
      streaming: 0.8,
      source: "layers of LLaMA-30B at 2 sequences (vLLM 0.4), Thesys-lab/Helix-ASPLOS25: 77 % with "
        + "all that lies between kernels"),
    price: .lambda(1.99))

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
