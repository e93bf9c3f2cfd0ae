import Hardware
import JSON

/// A cluster as Kubernetes and `nvidia-smi topo -m` describe it, on its way into a scenario.
///
/// Equal neighbours become one entry with a count. What was read off which line, and what nothing
/// tells, stays beside each value as a remark.
public struct ClusterImport: Sendable, Hashable {
  /// What the files do not say and the user may.
  public struct Choices: Sendable, Hashable {
    /// GPU types by product, for products that the catalogue does not know.
    public var renamed: [String: String] = [:]
    /// Keys of taints that do not keep a node out.
    public var tolerated: [String] = []

    /// Nothing chosen.
    public init() {}
  }

  /// A text of `nvidia-smi topo -m`.
  public struct Topology: Sendable, Hashable {
    /// The node it was taken on; nil: on one like all others.
    public var node: String?
    /// The file's name, for messages and remarks.
    public var fileName: String
    /// What the command printed.
    public var text: String

    /// Creates a topology.
    public init(node: String?, fileName: String, text: String) {
      self.node = node
      self.fileName = fileName
      self.text = text
    }
  }

  /// A value of the block and where it comes from.
  struct Sourced<Value: Sendable & Hashable>: Sendable, Hashable {
    var value: Value
    var source: String
  }

  /// An entry of `nodes`.
  struct Group: Sendable, Hashable {
    var names: [String]
    var shape: Shape
    var hostMemoryBytes: Int64?
    var zone: String?

    /// What equal nodes have in common.
    struct Shape: Sendable, Hashable {
      var region: String?
      var machine: String?
      var gpu: Sourced<String>
      var gpuCount: Int
      var nvlink: Sourced<NVLinkTopology>
      var cards: Sourced<Int>
      var gigabits: Sourced<Int>
      var pcie: Sourced<Int>?
      var isPeerToPeer = false
      var gpuDirect: Sourced<Bool>
      var remarks: [String] = []
    }
  }

  var groups: [Group] = []
  /// What concerns the whole cluster.
  var remarks: [String] = []
  /// Nodes below one leaf, where labels tell it.
  var nodesPerLeaf: Sourced<Int>?
  /// The regions, when there are several.
  var regions: [String] = []
}

extension ClusterImport {
  /// Reads a cluster off what `kubectl get nodes -o json` prints.
  ///
  /// - Parameters:
  ///   - nodes: The text, and the name of its file for messages.
  ///   - topologies: What `nvidia-smi topo -m` printed on some nodes.
  ///   - choices: What the files do not say.
  /// - Throws: `ScenarioFaults` with every unknown product, node and word, and a cluster without any
  ///   node that can be taken.
  public init(
    nodes: (text: String, fileName: String), topologies: [Topology], choices: Choices = Choices()
  ) throws(ScenarioFaults) {
    let all = try KubernetesNode.nodes(in: nodes.text, fileName: nodes.fileName)
    var matrices: [String?: (matrix: TopologyMatrix, file: String)] = [:]
    for topology in topologies {
      let matrix = try TopologyMatrix.read(topology.text, fileName: topology.fileName)
      matrices[topology.node] = (matrix, baseNameOf(topology.fileName))
    }
    let faults = FaultCollector(lines: LineIndex(nodes.text), overrides: [])
    for name in topologies.compactMap(\.node) where !all.contains(where: { $0.name == name }) {
      faults.add(
        .unknownName(
          found: name, kind: "a node of the file, for its topology",
          suggestion: suggestion(for: name, among: all.map(\.name)), known: all.map(\.name)),
        at: .root, from: .text(offset: 0))
    }
    let taken = Self.taken(all, choices, &remarks, faults)
    if taken.isEmpty, faults.isEmpty {
      faults.add(
        .unfit(
          found: "no node with GPUs that can be taken" + remarks.map { "; " + $0 }.joined(),
          needed: "at least one"),
        at: .root, from: .text(offset: 0))
    }
    if !faults.isEmpty {
      throw ScenarioFaults(fileName: baseNameOf(nodes.fileName), faults: faults.faults)
    }
    try self.group(taken, matrices, nodes.fileName)
    remarks.insert(
      "From \(baseNameOf(nodes.fileName)): \(taken.count) of \(all.count) nodes, "
        + "\(taken.reduce(0) { $0 + $1.offer.gpuCount }) GPUs", at: 0)
  }

  /// Whether the catalogue has a GPU type of this name.
  public static func knows(gpu name: String) -> Bool { HardwareCatalogue.gpu(named: name) != nil }

  private typealias Taken = (node: KubernetesNode, offer: KubernetesNode.Offer)

  /// The nodes that are taken; the others are told.
  private static func taken(
    _ nodes: [KubernetesNode], _ choices: Choices, _ remarks: inout [String],
    _ faults: FaultCollector
  ) -> [Taken] {
    var taken: [Taken] = []
    var bare = 0
    var leftOut: [(reason: String, names: [String])] = []
    var unknown: Set<String> = []
    for node in nodes {
      switch node.fate(tolerating: choices.tolerated, renamed: choices.renamed) {
      case .taken(let offer): taken.append((node, offer))
      case .withoutGPU: bare += 1
      case .leftOut(let reason):
        if let index = leftOut.firstIndex(where: { $0.reason == reason }) {
          leftOut[index].names.append(node.name)
        } else {
          leftOut.append((reason, [node.name]))
        }
      case .unknownProduct(let product):
        guard unknown.insert(product).inserted else { continue }
        faults.add(
          Self.unknownProduct(product), at: node.path.key("metadata").key("labels"),
          from: node.origin)
      }
    }
    remarks = leftOut.map { "left out \(listed($0.names)): \($0.reason)" }
    if bare > 0 { remarks.append("\(bare) \(bare == 1 ? "node" : "nodes") without GPUs left out") }
    return taken
  }

  private static func unknownProduct(_ product: String) -> ScenarioProblem {
    let near = GPUProducts.relatives(of: product)
    let hint =
      near.isEmpty ? "'simpp gpus' lists the types" : "nearest: " + near.joined(separator: ", ")
    return .unsupported(
      what: "found the GPU \"\(shortened(product))\", which the catalogue does not have (\(hint))",
      instead: "--gpu \(product)=TYPE takes it for a type that it has")
  }

  /// Puts nodes in order and equal neighbours together.
  private mutating func group(
    _ taken: [Taken], _ matrices: [String?: (matrix: TopologyMatrix, file: String)],
    _ fileName: String
  ) throws(ScenarioFaults) {
    // One region says nothing about the network; nodes without a label may then be in it.
    let regions = Self.distinct(taken.map { $0.node.region }).compactMap { $0 }
    if regions.count > 1 {
      self.regions = regions
      if let homeless = taken.first(where: { $0.node.region == nil }) {
        throw Self.fault(
          fileName,
          found: "\(regions.count) regions, and \(homeless.node.name) without "
            + KubernetesNode.regionLabel,
          needed: "a region for every node, or only one")
      }
    }
    var members: [(node: KubernetesNode, leaf: String?, shape: Group.Shape)] = []
    for (node, offer) in taken {
      let topology = matrices[node.name] ?? matrices[nil]
      if let topology, topology.matrix.gpus.count != offer.gpuCount {
        throw Self.fault(
          topology.file, found: "\(topology.matrix.gpus.count) GPUs",
          needed: "\(offer.gpuCount), as \(node.name) has; --topology NODE=FILE tells whose it is")
      }
      var shape = Group.Shape(offer, machine: node.instanceTypeName, topology)
      shape.region = regions.count > 1 ? node.region : nil
      members.append((node, node.leaf?.value, shape))
    }
    let order = members.sorted {
      ($0.shape.region ?? "", $0.leaf ?? "", $0.shape.gpu.value, $0.shape.gpuCount, $0.node.name)
        < (
          $1.shape.region ?? "", $1.leaf ?? "", $1.shape.gpu.value, $1.shape.gpuCount, $1.node.name
        )
    }
    for member in order { add(member.node, member.shape) }
    findLeaves(order.map { ($0.node, $0.shape.region) })
  }

  private mutating func add(_ node: KubernetesNode, _ shape: Group.Shape) {
    let last = groups.count - 1
    // Machines alike differ by some pages of memory; what all have is what counts.
    if last >= 0, groups[last].shape == shape, groups[last].zone == node.zone {
      groups[last].names.append(node.name)
      if let bytes = node.memoryBytes, let least = groups[last].hostMemoryBytes {
        groups[last].hostMemoryBytes = min(bytes, least)
      }
      return
    }
    groups.append(
      Group(names: [node.name], shape: shape, hostMemoryBytes: node.memoryBytes, zone: node.zone))
  }

  /// Leaves of equal size, where labels tell them; nodes stand in their order already.
  private mutating func findLeaves(_ nodes: [(node: KubernetesNode, region: String?)]) {
    let leaves = nodes.map { $0.node.leaf?.value }
    let distinct = Self.distinct(leaves)
    guard distinct.count > 1, let label = nodes.first?.node.leaf?.label else { return }
    let sizes = distinct.map { leaf in leaves.count { $0 == leaf } }
    guard let size = sizes.first, !distinct.contains(nil), sizes.allSatisfy({ $0 == size }) else {
      let list = zip(distinct, sizes).map { "\($0 ?? "none"): \($1)" }.joined(separator: ", ")
      remarks.append(
        "\(label) gives groups of different sizes (\(list)), which one nodesPerLeaf cannot say: "
          + "all nodes of a region stand below one leaf")
      return
    }
    nodesPerLeaf = Sourced(value: size, source: "\(distinct.count) values of \(label)")
  }

  private static func fault(
    _ fileName: String, found: String, needed: String
  ) -> ScenarioFaults {
    ScenarioFaults(
      fileName: baseNameOf(fileName),
      faults: [
        ScenarioFault(path: "", position: nil, problem: .unfit(found: found, needed: needed))
      ])
  }

  /// The different values in the order in which they first stand.
  static func distinct<Value: Hashable>(_ values: [Value]) -> [Value] {
    var seen: Set<Value> = []
    return values.filter { seen.insert($0).inserted }
  }

  /// Names for a comment: the first three and how many more.
  static func listed(_ names: [String]) -> String {
    names.count <= 4
      ? names.joined(separator: ", ")
      : names.prefix(3).joined(separator: ", ") + " and \(names.count - 3) more"
  }
}

extension KubernetesNode {
  static let regionLabel = "topology.kubernetes.io/region"

  /// The region, nil where the node has no such label.
  var region: String? {
    labels[Self.regionLabel] ?? labels["failure-domain.beta.kubernetes.io/region"]
  }

  /// The zone, nil where the node has no such label.
  var zone: String? {
    labels["topology.kubernetes.io/zone"] ?? labels["failure-domain.beta.kubernetes.io/zone"]
  }

  /// What stands for the leaf switch: a label of the network if there is one, else the zone.
  var leaf: (label: String, value: String)? {
    let keys = [
      "network.topology.nvidia.com/leaf", "topology.k8s.aws/network-node-layer-3",
      "cloud.google.com/gce-topology-subblock", "cloud.google.com/gce-topology-block",
      "topology.kubernetes.io/zone",
    ]
    return keys.lazy.compactMap { key in self.labels[key].map { (key, $0) } }.first
  }
}
