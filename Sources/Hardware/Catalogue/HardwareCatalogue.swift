/// The devices whose figures come with simpp.
public enum HardwareCatalogue {
  /// Every device type, in the order in which it is printed: NVIDIA's generations from new to old,
  /// then AMD, then CPUs.
  public static let gpus: [GPUSpecification] =
    blackwell + hopper + ada + ampere + voltaAndTuring + [.mi300x] + cpus

  /// The device type of a name, nil if the catalogue has none.
  public static func gpu(named name: String) -> GPUSpecification? {
    gpus.first { $0.name == name }
  }

  private static let blackwell: [GPUSpecification] = [
    .gb200NVL72, .b200SXM, .rtxPRO6000, .rtx5090,
  ]
  private static let hopper: [GPUSpecification] = [
    .h200SXM, .h100SXM, .h100NVL, .h100PCIe, .h800SXM, .h20SXM,
  ]
  private static let ada: [GPUSpecification] = [.l40s, .l20, .l4, .rtx4090]
  private static let ampere: [GPUSpecification] = [
    .a100SXM, .a100SXM40GB, .a100PCIe, .a100PCIe40GB, .a800SXM, .a10, .a10g, .rtxA6000,
    .rtxA5000, .rtxA4000, .rtx3090,
  ]
  private static let voltaAndTuring: [GPUSpecification] = [
    .v100SXM32GB, .v100SXM16GB, .v100PCIe16GB, .t4,
  ]
  private static let cpus: [GPUSpecification] = [
    .epyc9654, .xeon8480, .xeon8380, .raspberryPi5,
  ]
}
