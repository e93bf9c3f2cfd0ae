/// The places among which a placement policy chooses, in node order, as numbers.
///
/// Each could hold all that is still to be placed: a node, a leaf or a region; for a replica of one
/// stage with several GPUs an NVLink domain, or a node where domains do not bind.
public struct PlaceChoices: Sendable {
  /// What each index below stands for among all places.
  let indices: [Int32]
  let columns: PlaceColumns
  /// GPUs that must lie together, those of one stage.
  public let groupGPUs: Int
  /// Whether the places are NVLink domains, each by itself.
  public let areDomains: Bool
  /// Whether each place lies inside one node.
  public let areInNodes: Bool
  /// Who asks: a number that no other demand of the run has, and how often it has been asked about.
  public let demand: Int
  /// How many choices were made before in this attempt to place the demand.
  public let ordinal: Int

  /// How many places there are.
  public var count: Int { indices.count }

  /// Free GPUs of a place.
  @inline(__always)
  public func freeGPUs(_ index: Int) -> Int { Int(columns.free[Int(indices[index])]) }

  /// All GPUs of a place.
  @inline(__always)
  public func totalGPUs(_ index: Int) -> Int { Int(columns.gpus[Int(indices[index])]) }

  /// The node of a place, the first one where it has several.
  @inline(__always)
  public func node(_ index: Int) -> Int { Int(columns.node[Int(indices[index])]) }

  /// The leaf of that node.
  @inline(__always)
  public func leaf(_ index: Int) -> Int { Int(columns.leafOfNode[node(index)]) }

  /// Free GPUs of that node.
  @inline(__always)
  public func freeInNode(_ index: Int) -> Int {
    Int(columns.free[columns.firstNode + node(index)])
  }

  /// Free GPUs of that leaf.
  @inline(__always)
  public func freeInLeaf(_ index: Int) -> Int {
    Int(columns.free[columns.firstLeaf + leaf(index)])
  }

  /// GPUs of that node which earlier stages of the same replica have taken.
  @inline(__always)
  public func ownInNode(_ index: Int) -> Int { Int(columns.own[columns.firstNode + node(index)]) }

  /// GPUs of that leaf which earlier stages of the same replica have taken.
  @inline(__always)
  public func ownInLeaf(_ index: Int) -> Int { Int(columns.own[columns.firstLeaf + leaf(index)]) }

  /// What one more GPU would get of the network cards of that node, in bytes per second: their
  /// bandwidth over the GPUs that start on it now, those taken for this replica, and itself.
  @inline(__always)
  public func nicBytesPerSecond(_ index: Int) -> Double {
    let node = node(index)
    let others = columns.starting[node] + columns.own[columns.firstNode + node]
    return columns.nicBytesPerSecond[node] / Double(others + 1)
  }

  /// Free GPUs of each NVLink domain of that node, in order.
  @inline(__always)
  public func freeInDomains(_ index: Int) -> ArraySlice<Int32> {
    let node = node(index)
    return columns.free[Int(columns.firstDomain[node])..<Int(columns.firstDomain[node + 1])]
  }
}

/// The columns from which choices are read: by place, all levels one after another, or by node.
struct PlaceColumns: Sendable {
  /// Free GPUs by place.
  var free: [Int32]
  /// GPUs by place that the replica being placed has taken.
  var own: [Int32]
  /// All GPUs by place, and the first node of each.
  let gpus: [Int32]
  let node: [Int32]
  /// The first domain of each node, and one past the last.
  let firstDomain: [Int32]
  let leafOfNode: [Int32]
  /// Bandwidth of all network cards by node, and GPUs on which replicas of ours start.
  let nicBytesPerSecond: [Double]
  var starting: [Int32]
  /// Where nodes and leaves start among the places.
  let firstNode: Int
  let firstLeaf: Int
}

/// One place by its numbers, for tests of policies and for whoever makes choices by hand.
public struct PlaceView: Sendable, Hashable {
  /// Index of its node.
  public var node: Int
  /// Index of its leaf.
  public var leaf: Int
  /// Free GPUs of each NVLink domain of the node.
  public var freeInDomains: [Int]
  /// All GPUs of the node.
  public var totalGPUs: Int
  /// GPUs of the node which earlier stages of the replica have taken.
  public var ownGPUs = 0
  /// GPUs of the node on which other replicas start.
  public var startingGPUs = 0
  /// Bandwidth of the node's network cards, in bytes per second.
  public var nicBytesPerSecond = 0.0

  /// Creates a node's numbers.
  public init(node: Int, leaf: Int, freeInDomains: [Int], totalGPUs: Int) {
    self.node = node
    self.leaf = leaf
    self.freeInDomains = freeInDomains
    self.totalGPUs = totalGPUs
  }
}

extension PlaceChoices {
  /// Choices among whole nodes, in node order and numbered from 0.
  public init(_ nodes: [PlaceView], groupGPUs: Int = 1, demand: Int = 0, ordinal: Int = 0) {
    let domains = nodes.flatMap(\.freeInDomains)
    let free = nodes.map { $0.freeInDomains.reduce(0, +) }
    let leaves = 0...(nodes.map(\.leaf).max() ?? 0)
    func byLeaf(_ value: (Int) -> Int) -> [Int32] {
      leaves.map { leaf in
        Int32(nodes.indices.reduce(0) { $0 + (nodes[$1].leaf == leaf ? value($1) : 0) })
      }
    }
    var firstDomain: [Int32] = [0]
    for node in nodes.indices {
      firstDomain.append(firstDomain[node] + Int32(nodes[node].freeInDomains.count))
    }
    let nodesOfDomains = nodes.indices.flatMap { node in
      nodes[node].freeInDomains.map { _ in Int32(node) }
    }
    columns = PlaceColumns(
      free: domains.map { Int32($0) } + free.map { Int32($0) } + byLeaf { free[$0] },
      own: domains.map { _ in 0 } + nodes.map { Int32($0.ownGPUs) } + byLeaf { nodes[$0].ownGPUs },
      gpus: domains.map { _ in 0 } + nodes.map { Int32($0.totalGPUs) }
        + byLeaf { nodes[$0].totalGPUs },
      node: nodesOfDomains + nodes.indices.map { Int32($0) } + leaves.map { _ in 0 },
      firstDomain: firstDomain, leafOfNode: nodes.map { Int32($0.leaf) },
      nicBytesPerSecond: nodes.map(\.nicBytesPerSecond),
      starting: nodes.map { Int32($0.startingGPUs) }, firstNode: domains.count,
      firstLeaf: domains.count + nodes.count)
    indices = nodes.indices.map { Int32(domains.count + $0) }
    self.groupGPUs = groupGPUs
    areDomains = false
    areInNodes = true
    self.demand = demand
    self.ordinal = ordinal
  }
}
