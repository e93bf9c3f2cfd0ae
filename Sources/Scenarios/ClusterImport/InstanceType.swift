/// A machine type of a cloud: what its name says about GPUs and network cards.
struct InstanceType: Sendable, Hashable {
  /// The provider's name, as `node.kubernetes.io/instance-type` has it.
  var name: String
  /// The catalogue's GPU type.
  var gpu: String
  /// GPUs of each machine.
  var gpuCount: Int
  /// Network cards for the GPUs.
  var nicCount: Int
  /// Gb/s of each card, per direction.
  var nicGigabits: Int
  /// Whether cards reach GPU memory.
  var hasGPUDirect: Bool
  /// Where the figures stand.
  var source: String

  /// The machine type of a name, nil when the table has none.
  static func named(_ name: String) -> InstanceType? {
    all.first { $0.name.lowercased() == name.lowercased() }
  }

  /// Every type of the table.
  ///
  /// Where a provider says "up to", the figure is that.
  static let all = amazon + google + azure

  private static func types(
    _ source: String, gpuDirect: Bool, _ rows: [(String, String, Int, Int, Int)]
  ) -> [InstanceType] {
    rows.map {
      InstanceType(
        name: $0.0, gpu: $0.1, gpuCount: $0.2, nicCount: $0.3, nicGigabits: $0.4,
        hasGPUDirect: gpuDirect, source: source)
    }
  }

  private static let amazon =
    types(
      "EC2 accelerated computing instances, network specifications (EFA with GPUDirect RDMA)",
      gpuDirect: true,
      [
        ("p3dn.24xlarge", "v100-32-sxm", 8, 1, 100),
        ("p4d.24xlarge", "a100-40-sxm", 8, 4, 100),
        ("p4de.24xlarge", "a100-sxm", 8, 4, 100),
        ("p5.48xlarge", "h100-sxm", 8, 32, 100),
        ("p5e.48xlarge", "h200-sxm", 8, 32, 100),
        ("p5en.48xlarge", "h200-sxm", 8, 16, 200),
        ("p6-b200.48xlarge", "b200-sxm", 8, 8, 400),
      ])
    + types(
      "EC2 accelerated computing instances, network specifications", gpuDirect: false,
      [
        ("p3.2xlarge", "v100-16-sxm", 1, 1, 10), ("p3.8xlarge", "v100-16-sxm", 4, 1, 10),
        ("p3.16xlarge", "v100-16-sxm", 8, 1, 25),
        ("g4dn.xlarge", "t4", 1, 1, 25), ("g4dn.2xlarge", "t4", 1, 1, 25),
        ("g4dn.4xlarge", "t4", 1, 1, 25), ("g4dn.8xlarge", "t4", 1, 1, 50),
        ("g4dn.16xlarge", "t4", 1, 1, 50), ("g4dn.12xlarge", "t4", 4, 1, 50),
        ("g4dn.metal", "t4", 8, 1, 100),
        ("g5.xlarge", "a10g", 1, 1, 10), ("g5.2xlarge", "a10g", 1, 1, 10),
        ("g5.4xlarge", "a10g", 1, 1, 25), ("g5.8xlarge", "a10g", 1, 1, 25),
        ("g5.16xlarge", "a10g", 1, 1, 25), ("g5.12xlarge", "a10g", 4, 1, 40),
        ("g5.24xlarge", "a10g", 4, 1, 50), ("g5.48xlarge", "a10g", 8, 1, 100),
        ("g6.xlarge", "l4", 1, 1, 10), ("g6.2xlarge", "l4", 1, 1, 10),
        ("g6.4xlarge", "l4", 1, 1, 25), ("g6.8xlarge", "l4", 1, 1, 25),
        ("g6.16xlarge", "l4", 1, 1, 25), ("g6.12xlarge", "l4", 4, 1, 40),
        ("g6.24xlarge", "l4", 4, 1, 50), ("g6.48xlarge", "l4", 8, 1, 100),
        ("g6e.xlarge", "l40s", 1, 1, 20), ("g6e.2xlarge", "l40s", 1, 1, 20),
        ("g6e.4xlarge", "l40s", 1, 1, 20), ("g6e.8xlarge", "l40s", 1, 1, 25),
        ("g6e.16xlarge", "l40s", 1, 1, 35), ("g6e.12xlarge", "l40s", 4, 1, 100),
        ("g6e.24xlarge", "l40s", 4, 2, 100), ("g6e.48xlarge", "l40s", 8, 4, 100),
      ])

  private static let google =
    types(
      "Compute Engine GPU machine types, network bandwidth of the GPU network cards",
      gpuDirect: true,
      [
        ("a3-highgpu-8g", "h100-sxm", 8, 4, 200), ("a3-megagpu-8g", "h100-sxm", 8, 8, 200),
        ("a3-ultragpu-8g", "h200-sxm", 8, 8, 400), ("a4-highgpu-8g", "b200-sxm", 8, 8, 400),
      ])
    + types(
      "Compute Engine GPU machine types, network bandwidth", gpuDirect: false,
      [
        ("a2-highgpu-1g", "a100-40-sxm", 1, 1, 24), ("a2-highgpu-2g", "a100-40-sxm", 2, 1, 32),
        ("a2-highgpu-4g", "a100-40-sxm", 4, 1, 50), ("a2-highgpu-8g", "a100-40-sxm", 8, 1, 100),
        ("a2-megagpu-16g", "a100-40-sxm", 16, 1, 100),
        ("a2-ultragpu-1g", "a100-sxm", 1, 1, 24), ("a2-ultragpu-2g", "a100-sxm", 2, 1, 32),
        ("a2-ultragpu-4g", "a100-sxm", 4, 1, 50), ("a2-ultragpu-8g", "a100-sxm", 8, 1, 100),
        ("g2-standard-4", "l4", 1, 1, 10), ("g2-standard-8", "l4", 1, 1, 16),
        ("g2-standard-12", "l4", 1, 1, 16), ("g2-standard-16", "l4", 1, 1, 32),
        ("g2-standard-32", "l4", 1, 1, 32), ("g2-standard-24", "l4", 2, 1, 32),
        ("g2-standard-48", "l4", 4, 1, 50), ("g2-standard-96", "l4", 8, 1, 100),
      ])

  private static let azure =
    types(
      "Azure GPU-accelerated virtual machine sizes, one InfiniBand card per GPU", gpuDirect: true,
      [
        ("Standard_ND96asr_v4", "a100-40-sxm", 8, 8, 200),
        ("Standard_ND96amsr_A100_v4", "a100-sxm", 8, 8, 200),
        ("Standard_ND96isr_H100_v5", "h100-sxm", 8, 8, 400),
        ("Standard_ND96isr_H200_v5", "h200-sxm", 8, 8, 400),
        ("Standard_ND96isr_MI300X_v5", "mi300x", 8, 8, 400),
      ])
    + types(
      "Azure GPU-accelerated virtual machine sizes, network bandwidth", gpuDirect: false,
      [
        ("Standard_NC24ads_A100_v4", "a100-pcie", 1, 1, 20),
        ("Standard_NC48ads_A100_v4", "a100-pcie", 2, 1, 40),
        ("Standard_NC96ads_A100_v4", "a100-pcie", 4, 1, 80),
        ("Standard_NC40ads_H100_v5", "h100-nvl", 1, 1, 40),
        ("Standard_NC80adis_H100_v5", "h100-nvl", 2, 1, 80),
        ("Standard_NC4as_T4_v3", "t4", 1, 1, 8), ("Standard_NC8as_T4_v3", "t4", 1, 1, 8),
        ("Standard_NC16as_T4_v3", "t4", 1, 1, 8), ("Standard_NC64as_T4_v3", "t4", 4, 1, 32),
      ])
}
