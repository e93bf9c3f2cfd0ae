extension GPUSpecification {
  /// NVIDIA V100 SXM2 32 GB.
  static let v100SXM32GB = v100SXM(Datasheet(.v100SXM, nvlink: .switch, notes: v100Notes))

  /// NVIDIA V100 SXM2 16 GB: the same with half the memory.
  static let v100SXM16GB = v100SXM(
    Datasheet(
      "v100-16-sxm", memoryMiB: 16_160, peakFLOPs: 125e12, memoryBandwidth: 900e9,
      nvlink: .switch, nvlinkBandwidth: 150e9, multiprocessors: 80, level2MiB: 6,
      pcieBandwidth: PCIe.generation3, source: SourceText.nvidia, notes: v100Notes))

  private static func v100SXM(_ sheet: Datasheet) -> GPUSpecification {
    GPUSpecification(
      sheet, from: a100SXM,
      price: .aws(3.06, "2026-11-21", "p3.2xlarge with one V100 of 16 GB"))
  }

  private static let v100Notes = [
    noBF16, noFP8, "8 GPUs form a cube mesh, not a switch: its bandwidth stands here",
  ]

  /// NVIDIA V100 PCIe 16 GB.
  static let v100PCIe16GB: GPUSpecification = {
    let sheet = Datasheet(
      "v100-16-pcie", memoryMiB: 16_160, peakFLOPs: 112e12, memoryBandwidth: 900e9,
      multiprocessors: 80, level2MiB: 6, pcieBandwidth: PCIe.generation3, supportsPeerToPeer: false,
      source: SourceText.nvidia,
      notes: [noBF16, noFP8, "peer-to-peer did not work on the machine that was measured"])
    let achieved = AchievedFigures.derived(for: sheet, from: a100SXM).replacing(
      FigureSource.notes(.measured, SourceText.ethernet, [.pcieMessage, .pcieRing, .allReduce])
    ) {
      $0.pcie = .throughHost
      $0.collectives = CollectiveTables.v100PCIe.tables
    }
    return GPUSpecification(
      sheet, achieved,
      price: .aws(3.06, "2026-11-21", "p3.2xlarge with one V100 of 16 GB"))
  }()

  /// NVIDIA T4 16 GB: like L4 a card of 70 W.
  static let t4 = GPUSpecification(
    Datasheet(
      "t4", memoryMiB: 15_360, peakFLOPs: 65e12, memoryBandwidth: 320e9,
      multiprocessors: 40, level2MiB: 4, pcieBandwidth: PCIe.generation3, source: SourceText.nvidia,
      notes: [noBF16, noFP8]),
    from: l4, price: .aws(0.526, "2026-11-21", "g4dn.xlarge with one T4"))

  private static let noBF16 =
    "no BF16 units: 16-bit figures are FP16, in which BF16 models are served here"
}
