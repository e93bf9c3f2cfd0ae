import Hardware

/// How near GPUs are to each other: which lie in one NVLink domain, below one PCIe switch, in one node,
/// below one leaf, in one region.
struct PlaceTree: Sendable {
  /// A step outwards: what all GPUs of a place reach each other over.
  enum Level: Int, CaseIterable, Sendable {
    case domain, below, node, leaf, region, cluster

    static func < (left: Level, right: Level) -> Bool { left.rawValue < right.rawValue }
  }

  /// Everything of one level: the place of the next level around each, its GPUs, its first node.
  struct Places: Sendable {
    var around: [Int32] = []
    var gpus: [Int32] = []
    var node: [Int32] = []

    var count: Int { node.count }
  }

  /// The places by level.
  private(set) var places = Array(repeating: Places(), count: Level.allCases.count)

  init(_ cluster: ClusterSpecification, domains: [ClusterState.Place]) {
    let leafOfNode = cluster.leafOfNode
    for domain in domains {
      let node = Int(domain.node)
      // A switch is a place of its own where it joins whole domains; else the node is.
      let perSwitch = Self.gpusBelow(cluster.nodes[node])
      let first = places[Level.node.rawValue].count <= node
      let offset = first ? 0 : Int(places[Level.node.rawValue].gpus[node])
      let gpus = Int32(domain.gpuCount)
      if first { open(.node, around: leafOfNode[node], node) }
      if offset % perSwitch == 0 { open(.below, around: node, node) }
      open(.domain, around: places[Level.below.rawValue].count - 1, node)
      places[Level.domain.rawValue].gpus[places[Level.domain.rawValue].count - 1] = gpus
      places[Level.below.rawValue].gpus[places[Level.below.rawValue].count - 1] += gpus
      places[Level.node.rawValue].gpus[node] += gpus
    }
    for node in cluster.nodes.indices {
      let leaf = leafOfNode[node]
      let region = cluster.nodes[node].region
      if places[Level.leaf.rawValue].count <= leaf { open(.leaf, around: region, node) }
      while places[Level.region.rawValue].count <= region { open(.region, around: 0, node) }
      places[Level.leaf.rawValue].gpus[leaf] += Int32(cluster.nodes[node].gpuCount)
      places[Level.region.rawValue].gpus[region] += Int32(cluster.nodes[node].gpuCount)
    }
    open(.cluster, around: 0, 0)
    places[Level.cluster.rawValue].gpus[0] = Int32(cluster.gpuCount)
  }

  /// The places of a level.
  subscript(level: Level) -> Places { places[level.rawValue] }

  private mutating func open(_ level: Level, around: Int, _ node: Int) {
    places[level.rawValue].around.append(Int32(around))
    places[level.rawValue].gpus.append(0)
    places[level.rawValue].node.append(Int32(node))
  }

  private static func gpusBelow(_ node: NodeSpecification) -> Int {
    let perSwitch = node.pcie.gpusPerSwitch
    let joinsDomains = perSwitch > 1 && perSwitch % max(1, node.nvlinkDomainSize) == 0
    return joinsDomains ? perSwitch : node.gpuCount
  }
}
