extension GPUSpecification {
  /// NVIDIA B200 SXM 180 GB.
  static let b200SXM = GPUSpecification(
    Datasheet(
      "b200-sxm", memoryMiB: 183_359, peakFLOPs: 2_250e12, peakFP8FLOPs: 4_500e12,
      memoryBandwidth: 7_700e9, nvlink: .switch, nvlinkBandwidth: 900e9,
      multiprocessors: 148, level2MiB: 126, pcieBandwidth: PCIe.generation5,
      source: "NVIDIA HGX B200 datasheet, half of the figures with sparsity; the lower of the two "
        + "memory bandwidths published"),
    from: h100SXM, price: .lambda(6.69))

  /// One GPU of an NVIDIA GB200 NVL72 rack: 72 GPUs behind one NVLink switch.
  static let gb200NVL72 = GPUSpecification(
    Datasheet(
      "gb200-nvl72", memoryMiB: 189_471, peakFLOPs: 2_500e12, peakFP8FLOPs: 5_000e12,
      memoryBandwidth: 8_000e9, nvlink: .switch, nvlinkBandwidth: 900e9, multiprocessors: 148,
      level2MiB: 126, pcieBandwidth: 225e9,
      source: "NVIDIA GB200 NVL72 datasheet, per GPU, half of the figures with sparsity",
      notes: [
        "a rack is one node: \"gpusPerNode\": 72, \"nvlink\": \"switch\"",
        "the host link is NVLink-C2C, 450 GB/s per direction that two GPUs share",
        "all-reduces are measured on 8 GPUs of the relative; beyond 8 a ring is added",
      ]),
    from: h100SXM,
    price: .listed(10.58, "2026-11-21", "AWS u-p6e-gb200x72, 761.90 USD / 72"))

  /// NVIDIA RTX PRO 6000 Blackwell Server Edition 96 GB.
  static let rtxPRO6000 = GPUSpecification(
    Datasheet(
      "rtx-pro-6000", memoryMiB: 97_887, peakFLOPs: 467.8e12, peakFP8FLOPs: 935.6e12,
      memoryBandwidth: 1_792e9, multiprocessors: 188, level2MiB: 128,
      pcieBandwidth: PCIe.generation5,
      source: "NVIDIA's figures of the Server Edition as ai-dynamo/aiconfigurator 0.12 gives them"),
    from: l40s,
    price: .listed(2.04, "2026-09-20", "akash.network/pricing/gpus, Pro 6000 SE"))

  /// NVIDIA GeForce RTX 5090 32 GB.
  static let rtx5090 = GPUSpecification(
    Datasheet(
      "rtx-5090", memoryMiB: 32_607, peakFLOPs: 209.5e12, peakFP8FLOPs: 419e12,
      memoryBandwidth: 1_792e9, multiprocessors: 170, level2MiB: 96,
      pcieBandwidth: PCIe.generation5, supportsPeerToPeer: false,
      source: "NVIDIA RTX Blackwell whitepaper, accumulating in 32 bits"),
    from: l40s, price: .listed(0.91, "2026-05-27", "vast.ai by gpu.fund, cheapest"))
}
