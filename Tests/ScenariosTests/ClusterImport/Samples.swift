/// What kubectl and nvidia-smi print, written for these tests.
enum Sample {
  /// A node as `kubectl get nodes -o json` shows it.
  static func node(
    _ name: String, product: String? = "NVIDIA-H100-80GB-HBM3", gpus: Int = 8,
    machine: String? = "p5.48xlarge", zone: String = "us-east-1a", memory: String = "2113436260Ki",
    ready: String = "True", spec: String = #""taints": []"#, labels: [String: String] = [:],
    resources: [String: Int] = [:], allocatable: Int? = nil
  ) -> String {
    var all = [
      "kubernetes.io/hostname": name, "topology.kubernetes.io/zone": zone,
      "topology.kubernetes.io/region": String(zone.dropLast()),
    ]
    if let product {
      all["nvidia.com/gpu.product"] = product
      all["nvidia.com/gpu.count"] = "\(gpus)"
    }
    if let machine { all["node.kubernetes.io/instance-type"] = machine }
    all.merge(labels) { $1 }
    var capacity = ["cpu": "192", "memory": memory, "pods": "110"]
    if gpus > 0 { capacity["nvidia.com/gpu"] = "\(gpus)" }
    for (key, count) in resources { capacity[key] = "\(count)" }
    var free = capacity
    if let allocatable { free["nvidia.com/gpu"] = "\(allocatable)" }
    return """
      { "apiVersion": "v1", "kind": "Node",
        "metadata": { "name": "\(name)", "labels": \(object(all)), "uid": "0", "annotations": {} },
        "spec": { "podCIDR": "10.0.0.0/24", \(spec) },
        "status": { "capacity": \(object(capacity)), "allocatable": \(object(free)),
          "conditions": [{ "type": "MemoryPressure", "status": "False" },
                         { "type": "Ready", "status": "\(ready)" }] } }
      """
  }

  private static func object(_ members: [String: String]) -> String {
    "{"
      + members.sorted { $0.key < $1.key }.map { "\"\($0.key)\": \"\($0.value)\"" }
      .joined(separator: ", ") + "}"
  }

  /// A list of nodes as kubectl prints it.
  static func list(_ nodes: [String]) -> String {
    """
    { "apiVersion": "v1", "kind": "List", "metadata": { "resourceVersion": "" },
      "items": [\(nodes.joined(separator: ",\n"))] }
    """
  }

  /// The end of the matrix of every node.
  static let legend = """

    Legend:

      X    = Self
      SYS  = over the link between CPU sockets
      NV#  = over # bonded NVLinks

    NIC Legend:

      NIC0: mlx5_0
    """

  /// A matrix with tabs between cells, as nvidia-smi prints it; `cell` gives the word for two devices.
  static func matrix(
    gpus: Int, cards: Int = 0, affinities: [String] = ["0-31", "0", "N/A"],
    _ cell: (Int, Int) -> String
  ) -> String {
    let names = (0..<gpus).map { "GPU\($0)" } + (0..<cards).map { "NIC\($0)" }
    // Terminals get the header underlined.
    var lines = [
      "\t\u{1b}[4m" + names.joined(separator: "\t")
        + "\tCPU Affinity\tNUMA Affinity\tGPU NUMA ID\u{1b}[0m"
    ]
    for row in names.indices {
      let cells = names.indices.map { row == $0 ? " X " : cell(min(row, $0), max(row, $0)) }
      lines.append(([names[row]] + cells + (row < gpus ? affinities : [])).joined(separator: "\t"))
    }
    return lines.joined(separator: "\n") + "\n" + legend
  }

  /// Eight GPUs behind NVSwitch, one card below each pair's PCIe switch, two sockets.
  static let hgx = matrix(gpus: 8, cards: 5) { row, column in
    if column < 8 { return "NV18" }
    let (card, gpu) = (column - 8, row)
    // Card 4 serves storage.
    if row >= 8 || card == 4 { return row % 8 / 4 == 0 && card == 4 ? "NODE" : "SYS" }
    return gpu / 2 == card ? "PXB" : gpu / 4 == card / 2 ? "NODE" : "SYS"
  }

  /// Four cards without NVLink, two below each socket's PCIe switch, one network card at socket 0.
  static let workstation = matrix(gpus: 4, cards: 1) { row, column in
    if column == 4 { return row < 2 ? "NODE" : "SYS" }
    return row / 2 == column / 2 ? "PIX" : "SYS"
  }

  /// Four GPUs with bridges between 0-1 and 2-3.
  static let bridged = matrix(gpus: 4) { row, column in row / 2 == column / 2 ? "NV4" : "SYS" }
}
