extension GPUSpecification {
  /// NVIDIA A10 24 GB.
  static let a10 = GPUSpecification(
    Datasheet(
      "a10", memoryMiB: 23_028, peakFLOPs: 125e12, memoryBandwidth: 600e9,
      multiprocessors: 72, level2MiB: 6, pcieBandwidth: PCIe.generation4, source: SourceText.nvidia,
      notes: [noFP8]),
    from: l40s,
    price: .listed(1.006, "2026-08-17", "as a10g (AWS g5.xlarge): the same chip and memory"))

  /// NVIDIA A10G 24 GB, the A10 of AWS.
  static let a10g = GPUSpecification(
    Datasheet(
      "a10g", memoryMiB: 23_028, peakFLOPs: 70e12, memoryBandwidth: 600e9,
      multiprocessors: 72, level2MiB: 6, pcieBandwidth: PCIe.generation4,
      source: "NVIDIA datasheet of A10G (AWS g5)",
      notes: [noFP8]),
    from: l40s, price: .aws(1.006, "2026-08-17", "g5.xlarge with one A10G"))

  /// NVIDIA RTX A6000 48 GB.
  static let rtxA6000 = GPUSpecification(
    Datasheet(
      "rtx-a6000", memoryMiB: 49_140, peakFLOPs: 154.8e12, memoryBandwidth: 768e9,
      nvlink: .pairs, nvlinkBandwidth: 56.25e9, multiprocessors: 84, level2MiB: 6,
      pcieBandwidth: PCIe.generation4,
      source: halved, notes: [noFP8]),
    from: l40s,
    price: .listed(0.82, "2026-10-29", "verda.com/pricing, on demand"))

  /// NVIDIA RTX A5000 24 GB.
  static let rtxA5000 = GPUSpecification(
    Datasheet(
      "rtx-a5000", memoryMiB: 24_564, peakFLOPs: 111.1e12, memoryBandwidth: 768e9,
      nvlink: .pairs, nvlinkBandwidth: 56.25e9, multiprocessors: 64, level2MiB: 6,
      pcieBandwidth: PCIe.generation4,
      source: halved, notes: [noFP8]),
    from: l40s, price: .runPodServerless(perSecond: 0.00019))

  /// NVIDIA RTX A4000 16 GB.
  static let rtxA4000 = GPUSpecification(
    Datasheet(
      "rtx-a4000", memoryMiB: 16_376, peakFLOPs: 76.7e12, memoryBandwidth: 448e9,
      multiprocessors: 48, level2MiB: 4, pcieBandwidth: PCIe.generation4, source: halved,
      notes: [noFP8]),
    from: l40s, price: .runPodServerless(perSecond: 0.00016))

  /// NVIDIA GeForce RTX 3090 24 GB.
  static let rtx3090 = GPUSpecification(
    Datasheet(
      "rtx-3090", memoryMiB: 24_576, peakFLOPs: 71e12, memoryBandwidth: 936e9,
      nvlink: .pairs, nvlinkBandwidth: 56.25e9, multiprocessors: 82, level2MiB: 6,
      pcieBandwidth: PCIe.generation4,
      supportsPeerToPeer: false,
      source: "NVIDIA Ampere GA102 whitepaper, accumulating in 32 bits", notes: [noFP8]),
    from: l40s, price: .listed(0.18, "2026-09-20", "openrelay.inc/pricing, on demand"))

  private static let halved = SourceText.nvidia + ", half of the tensor figure with sparsity"
}
