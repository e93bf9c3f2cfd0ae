import Hardware

/// The names by which drivers and clouds call the GPUs of the catalogue.
///
/// `nvidia.com/gpu.product` is the driver's product name with dashes for blanks (NVIDIA/k8s-device-plugin,
/// gpu-feature-discovery); `amd.com/gpu.product-name` that of ROCm/k8s-device-plugin's node labeller;
/// `cloud.google.com/gke-accelerator` Google's own.
enum GPUProducts {
  /// The catalogue's name for a product, nil when it has none.
  static func catalogueName(of product: String) -> String? {
    let words = normalized(product)
    return names.first { $0.products.contains(words) }?.name
  }

  /// The catalogue's GPU types that bear the same number, such as `l40s` for `NVIDIA-L40`.
  static func relatives(of product: String) -> [String] {
    let marks = normalized(product).split(separator: " ").filter { $0.contains(where: \.isNumber) }
    guard let mark = marks.first?.lowercased() else { return [] }
    let names = HardwareCatalogue.gpus.map(\.name)
    let related = { (isNear: (Substring) -> Bool) in
      names.filter { $0.split(separator: "-").contains(where: isNear) }
    }
    let near = related { $0.hasPrefix(mark) }
    return near.isEmpty ? related { $0.count > 1 && mark.hasPrefix($0) } : near
  }

  /// Capitals, one blank between words, without the makers' and brands' names.
  private static func normalized(_ product: String) -> String {
    let brands = ["NVIDIA", "TESLA", "GEFORCE", "AMD", "INSTINCT", "QUADRO"]
    return product.uppercased().split { !$0.isLetter && !$0.isNumber }.map(String.init)
      .filter { !brands.contains($0) }.joined(separator: " ")
  }

  /// Every catalogue name with the products it stands for, normalised.
  static let names: [(name: String, products: [String])] = [
    ("h100-sxm", ["H100 80GB HBM3", "H100 SXM5 80GB", "H100 80GB", "H100 MEGA 80GB"]),
    ("h100-pcie", ["H100 PCIE"]),
    ("h100-nvl", ["H100 NVL"]),
    ("h200-sxm", ["H200", "H200 141GB", "H200 SXM"]),
    ("h800-sxm", ["H800"]),
    ("h20-sxm", ["H20"]),
    ("b200-sxm", ["B200"]),
    ("gb200-nvl72", ["GB200"]),
    ("a100-sxm", ["A100 SXM4 80GB", "A100 80GB"]),
    ("a100-40-sxm", ["A100 SXM4 40GB", "A100"]),
    ("a100-pcie", ["A100 80GB PCIE", "A100 PCIE 80GB"]),
    ("a100-40-pcie", ["A100 PCIE 40GB", "A100 PCIE"]),
    ("a800-sxm", ["A800 SXM4 80GB"]),
    ("v100-16-sxm", ["V100 SXM2 16GB", "V100"]),
    ("v100-32-sxm", ["V100 SXM2 32GB", "V100 SXM3 32GB"]),
    ("v100-16-pcie", ["V100 PCIE 16GB"]),
    ("t4", ["T4"]),
    ("a10", ["A10"]),
    ("a10g", ["A10G"]),
    ("l4", ["L4"]),
    ("l20", ["L20"]),
    ("l40s", ["L40S"]),
    ("rtx-a6000", ["RTX A6000"]),
    ("rtx-a5000", ["RTX A5000"]),
    ("rtx-a4000", ["RTX A4000"]),
    ("rtx-3090", ["RTX 3090"]),
    ("rtx-4090", ["RTX 4090"]),
    ("rtx-5090", ["RTX 5090"]),
    (
      "rtx-pro-6000",
      ["RTX PRO 6000 BLACKWELL SERVER EDITION", "RTX PRO 6000 BLACKWELL WORKSTATION EDITION"]
    ),
    ("mi300x", ["MI300X", "MI300X OAM"]),
  ]
}
