import Hardware

extension KubernetesNode {
  /// What a node offers, as far as its labels and resources tell.
  struct Offer: Sendable, Hashable {
    /// The catalogue's GPU type.
    var gpu: String
    /// Whole GPUs.
    var gpuCount: Int
    /// What it was read off, for comments.
    var reasons: [String]
    /// The machine type, where the table knows it.
    var instance: InstanceType?
  }

  /// What becomes of a node.
  enum Fate: Sendable, Hashable {
    /// It is taken.
    case taken(Offer)
    /// It has no GPU and is of no interest.
    case withoutGPU
    /// It has GPUs and is left out; why, for comments.
    case leftOut(String)
    /// Its GPU type has no name in the catalogue.
    case unknownProduct(String)
  }

  /// The label that names the GPU and its value, the most exact one first.
  private var product: (label: String, value: String)? {
    let keys = [
      "nvidia.com/gpu.product", "amd.com/gpu.product-name", "beta.amd.com/gpu.product-name",
      "cloud.google.com/gke-accelerator",
    ]
    return keys.lazy.compactMap { key in labels[key].map { (key, $0) } }.first
  }

  /// The name of the machine type.
  var instanceTypeName: String? {
    labels["node.kubernetes.io/instance-type"] ?? labels["beta.kubernetes.io/instance-type"]
  }

  /// Judges a node.
  ///
  /// - Parameters:
  ///   - tolerated: Keys of taints that do not keep it out.
  ///   - renamed: GPU types by product, for products that the catalogue does not know.
  /// - Returns: Whether it is taken, and as what, or why not.
  func fate(tolerating tolerated: [String], renamed: [String: String]) -> Fate {
    let instance = instanceTypeName.flatMap(InstanceType.named)
    let offered = offeredGPUs(instance)
    let slices = capacity.filter { $0.key.hasPrefix("nvidia.com/mig-") && $0.value != "0" }.keys
    guard offered.capacity > 0 || product != nil || !slices.isEmpty else { return .withoutGPU }
    if isUnschedulable { return .leftOut("cordoned (spec.unschedulable)") }
    if isReady == false { return .leftOut("not ready") }
    if let taint = taints.first(where: { !Self.isUsual($0) && !tolerated.contains($0.key) }) {
      return .leftOut("tainted \(taint.text); --tolerate \(taint.key) takes it")
    }
    if let slice = slices.min() ?? product.flatMap({ $0.value.contains("-MIG-") ? $0.value : nil })
    {
      return .leftOut("its GPUs are cut by MIG (\(slice)), and simpp places whole GPUs")
    }
    var reasons: [String] = []
    let name: String
    if let product {
      // Time slicing hangs a word on the name and counts each GPU several times.
      let plain =
        product.value.hasSuffix("-SHARED") ? String(product.value.dropLast(7)) : product.value
      guard
        let known = renamed[product.value] ?? renamed[plain]
          ?? GPUProducts.catalogueName(of: plain),
        HardwareCatalogue.gpu(named: known) != nil
      else { return .unknownProduct(product.value) }
      name = known
      reasons.append("\(product.label)=\(product.value)")
    } else if let instance, HardwareCatalogue.gpu(named: instance.gpu) != nil {
      name = instance.gpu
      reasons.append("machine type \(instance.name)")
    } else {
      return .leftOut(
        "nothing says of what type its \(offered.capacity) GPUs are: no nvidia.com/gpu.product label"
      )
    }
    guard offered.count > 0 else { return .leftOut("none of its GPUs can be allocated") }
    reasons += offered.reasons
    if let remark = memoryRemark(of: name) { reasons.append(remark) }
    return .taken(Offer(gpu: name, gpuCount: offered.count, reasons: reasons, instance: instance))
  }

  /// Taints that only keep pods without GPUs away.
  private static func isUsual(_ taint: Taint) -> Bool {
    ["nvidia.com/gpu", "amd.com/gpu", "sku"].contains(taint.key)
  }

  /// Whole GPUs that pods can have, and what there is to say about their number.
  private func offeredGPUs(
    _ instance: InstanceType?
  ) -> (capacity: Int, count: Int, reasons: [String]) {
    let resources = ["nvidia.com/gpu", "nvidia.com/gpu.shared", "amd.com/gpu"]
    let resource = resources.first { count(of: $0, in: capacity) ?? 0 > 0 }
    let whole = labels["nvidia.com/gpu.count"].flatMap { Int($0) }
    guard let resource, let most = count(of: resource, in: capacity) else {
      let known = whole ?? instance?.gpuCount ?? 0
      return (
        known, known,
        known > 0 ? ["its resources name no GPU: is the device plugin running?"] : []
      )
    }
    let slices = labels["nvidia.com/gpu.replicas"].flatMap { Int($0) } ?? 1
    if slices > 1 || resource.hasSuffix(".shared") {
      let count = whole ?? max(1, most / max(1, slices))
      return (
        most, count, ["shared in time (\(most) of \(resource)): taken as its \(count) whole GPUs"]
      )
    }
    let free = count(of: resource, in: allocatable) ?? most
    return (
      most, min(free, most),
      free < most ? ["\(most - free) of its \(most) GPUs cannot be allocated"] : []
    )
  }

  /// What a label of memory says that does not fit the catalogue.
  private func memoryRemark(of name: String) -> String? {
    guard let mebibytes = labels["nvidia.com/gpu.memory"].flatMap({ Int64($0) }),
      let gpu = HardwareCatalogue.gpu(named: name)
    else { return nil }
    let ratio = Double(mebibytes) * 0x1p20 / Double(gpu.memoryBytes)
    guard abs(ratio - 1) > 0.1 else { return nil }
    return "nvidia.com/gpu.memory=\(mebibytes) MiB, but \(name) has "
      + "\(gpu.memoryBytes >> 20) MiB: check the type"
  }
}
