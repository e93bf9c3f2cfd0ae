import Hardware

/// Which GPUs are free, counted by place, and how many groups they make; kept as GPUs come and go, so
/// that a search starts from counts and not from GPUs.
///
/// The places of all levels stand one after another, domains first; a place is named by its index
/// there, a GPU by its index in node order.
struct FreePlaces: Sendable {
  typealias Level = PlaceTree.Level

  /// Groups of one size in the nodes that some part of a replica fits.
  struct GroupKind: Sendable, Hashable {
    /// GPUs of a group.
    var count: Int32
    /// Whether they must share an NVLink domain.
    var requiresDomain: Bool
    /// Whether each node's GPUs hold what the group is for.
    var fits: [Bool]
  }

  /// What policies may look at.
  private(set) var columns: PlaceColumns
  /// Where the places of each level start, and where the last one's end.
  let starts: [Int]
  /// The place of the next level around each; the cluster is around itself.
  let around: [Int32]
  /// The first GPU of each domain, and one past the last.
  let firstGPU: [Int32]
  /// How many regions there are; the parts of one may lie between those of others.
  let regionCount: Int
  /// The most GPUs that a place of each level has.
  let mostGPUs: [Int32]
  /// The GPU type of each node.
  let typeOfNode: [Int32]
  private let domainOfGPU: [Int32]
  /// The first part of each place on the next level inwards, and one past the last.
  private let firstPart: [Int32]
  private let endPart: [Int32]
  private(set) var isFree: [Bool]
  private(set) var kinds: [GroupKind] = []
  /// Groups of each kind in each place, kind by kind.
  private var groups: [Int32] = []

  init(_ tree: PlaceTree, _ cluster: ClusterSpecification, domains: [ClusterState.Place]) {
    var starts: [Int] = []
    var around: [Int32] = []
    for level in Level.allCases {
      starts.append(around.count)
      let next = around.count + tree[level].count
      around += tree[level].around.map { level == .cluster ? Int32(next - 1) : $0 + Int32(next) }
    }
    starts.append(around.count)
    var firstPart = [Int32](repeating: .max, count: around.count)
    var endPart = [Int32](repeating: 0, count: around.count)
    for part in 0..<starts[Level.cluster.rawValue] {
      let place = Int(around[part])
      firstPart[place] = min(firstPart[place], Int32(part))
      endPart[place] = Int32(part + 1)
    }
    // A region without nodes lies before all others' parts.
    for place in firstPart.indices where firstPart[place] == .max { firstPart[place] = 0 }
    self.starts = starts
    self.around = around
    self.firstPart = firstPart
    self.endPart = endPart
    columns = PlaceColumns(tree, cluster, domains: domains, firstNode: starts[Level.node.rawValue])
    var types: [GPUSpecification] = []
    typeOfNode = cluster.nodes.map { node in
      if let known = types.firstIndex(of: node.gpu) { return Int32(known) }
      types.append(node.gpu)
      return Int32(types.count - 1)
    }
    firstGPU = domains.map(\.firstGPU) + [domains.last.map { $0.firstGPU + $0.gpuCount } ?? 0]
    domainOfGPU = domains.indices.flatMap { domain in
      [Int32](repeating: Int32(domain), count: Int(domains[domain].gpuCount))
    }
    regionCount = tree[.region].count
    mostGPUs = Level.allCases.map { tree[$0].gpus.max() ?? 0 }
    isFree = Array(repeating: true, count: domainOfGPU.count)
  }

  /// Free GPUs of a place.
  @inline(__always)
  func free(_ place: Int) -> Int32 { columns.free[place] }

  /// The place of a level that a GPU lies in.
  func place(of gpu: Int32, _ level: Level) -> Int {
    var place = domainOfGPU[Int(gpu)]
    for _ in 0..<level.rawValue { place = around[Int(place)] }
    return Int(place)
  }

  /// The places of a level between the first and the last inside another.
  func places(of level: Level, from outer: Level, _ place: Int) -> Range<Int> {
    if outer == .cluster { return starts[level.rawValue]..<starts[level.rawValue + 1] }
    var (first, end) = (place, place + 1)
    for _ in level.rawValue..<outer.rawValue {
      first = Int(firstPart[first])
      end = Int(endPart[end - 1])
    }
    return first..<end
  }

  /// Whether a place of a level lies inside another.
  func isInside(_ level: Level, _ place: Int, _ outer: Level, _ wide: Int) -> Bool {
    var place = place
    for _ in level.rawValue..<outer.rawValue { place = Int(around[place]) }
    return place == wide
  }

  /// The GPUs of a place inside a node.
  func gpus(of level: Level, _ place: Int) -> Range<Int32> {
    let domains = places(of: .domain, from: level, place)
    return firstGPU[domains.lowerBound]..<firstGPU[domains.upperBound]
  }

  /// The number of a kind of groups, counting them the first time.
  mutating func number(of kind: GroupKind) -> Int {
    if let known = kinds.firstIndex(of: kind) { return known }
    kinds.append(kind)
    groups += [Int32](repeating: 0, count: around.count)
    for domain in 0..<starts[1] where columns.free[domain] > 0 {
      regroup(kinds.count - 1, domain)
    }
    return kinds.count - 1
  }

  /// Groups of a kind that a place holds.
  @inline(__always)
  func groups(_ kind: Int, _ place: Int) -> Int32 { groups[kind &* around.count &+ place] }

  /// Takes a free GPU, for somebody else or for the replica that is being placed.
  mutating func take(_ gpu: Int32, own: Bool = false) {
    isFree[Int(gpu)] = false
    count(-1, Int(domainOfGPU[Int(gpu)]), own: own ? 1 : 0)
  }

  /// Gives a GPU back.
  mutating func giveBack(_ gpu: Int32, own: Bool = false) {
    isFree[Int(gpu)] = true
    count(1, Int(domainOfGPU[Int(gpu)]), own: own ? -1 : 0)
  }

  /// Counts the GPUs of a node on which replicas of ours start.
  mutating func countStarting(_ node: Int32, by change: Int32) {
    columns.starting[Int(node)] += change
  }

  private mutating func count(_ change: Int32, _ domain: Int, own: Int32) {
    var place = domain
    for _ in 0..<Level.allCases.count {
      columns.free[place] += change
      if own != 0 { columns.own[place] += own }
      place = Int(around[place])
    }
    for kind in kinds.indices { regroup(kind, domain) }
  }

  /// Counts the groups of a domain anew, and of all that is around it.
  private mutating func regroup(_ kind: Int, _ domain: Int) {
    guard kinds[kind].fits[Int(columns.node[domain])] else { return }
    let base = kind * around.count
    let count = kinds[kind].count
    // Inside a node GPUs make groups by themselves; above, groups are counted.
    let last = kinds[kind].requiresDomain ? 0 : Level.node.rawValue
    var place = domain
    var change: Int32 = 0
    for level in 0..<Level.allCases.count {
      let before = groups[base + place]
      let after = level <= last ? columns.free[place] / count : before + change
      change = after - before
      if change == 0, level >= last { return }
      groups[base + place] = after
      place = Int(around[place])
    }
  }
}

extension PlaceColumns {
  /// Everything free.
  fileprivate init(
    _ tree: PlaceTree, _ cluster: ClusterSpecification, domains: [ClusterState.Place],
    firstNode: Int
  ) {
    let gpus = PlaceTree.Level.allCases.flatMap { tree[$0].gpus }
    var firstDomain: [Int32] = []
    for (index, domain) in domains.enumerated() where firstDomain.count <= Int(domain.node) {
      firstDomain.append(Int32(index))
    }
    free = gpus
    own = gpus.map { _ in 0 }
    self.gpus = gpus
    node = PlaceTree.Level.allCases.flatMap { tree[$0].node }
    self.firstDomain = firstDomain + [Int32(domains.count)]
    leafOfNode = cluster.leafOfNode.map { Int32($0) }
    nicBytesPerSecond = cluster.nodes.map {
      Double($0.nicCount) * $0.nicBandwidthBytesPerSecond
    }
    starting = cluster.nodes.map { _ in 0 }
    self.firstNode = firstNode
    firstLeaf = firstNode + tree[.node].count
  }
}
