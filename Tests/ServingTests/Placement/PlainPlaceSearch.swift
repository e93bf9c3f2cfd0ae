import Hardware

@testable import Serving

/// Where the stages of a replica lie, counted anew from the GPUs for every search: what `PlaceSearch`
/// is compared with.
struct PlainPlaceSearch {
  typealias Level = PlaceTree.Level

  /// What a placement policy takes of places with so many free GPUs each.
  enum Rule: CaseIterable {
    case first, fewest, most

    func choose(among free: [Int32]) -> Int {
      switch self {
      case .first: 0
      case .fewest: free.firstIndex(of: free.min() ?? 0) ?? 0
      case .most: free.firstIndex(of: free.max() ?? 0) ?? 0
      }
    }

    var policy: any PlacementPolicy {
      switch self {
      case .first: FirstFitPlacement()
      case .fewest: BestFitPlacement()
      case .most: WorstFitPlacement()
      }
    }
  }

  private let cluster: ClusterState
  private let rule: Rule
  /// GPUs of a group, and whether they must share an NVLink domain.
  private let count: Int
  private let requiresDomain: Bool
  /// Free GPUs and the groups they hold, by level and place; nodes that do not fit hold none.
  private var free: [[Int32]] = []
  private var groups: [[Int32]] = []
  private var fits: [Bool]
  private var taken: [Bool]

  /// Prepares a search for groups of `count` GPUs in the nodes that `fits`.
  init(
    _ cluster: ClusterState, count: Int, requiresDomain: Bool, rule: Rule, fits: [Bool]
  ) {
    self.cluster = cluster
    self.rule = rule
    self.count = count
    self.requiresDomain = requiresDomain || count == 1
    self.fits = fits
    taken = Array(repeating: false, count: cluster.gpus.count)
    for level in Level.allCases {
      let zeros = [Int32](repeating: 0, count: cluster.tree[level].count)
      free.append(zeros)
      groups.append(zeros)
    }
    for gpu in cluster.gpus.indices where cluster.isFree(Int32(gpu)) {
      addFree(1, Int(cluster.gpus[gpu].domain))
    }
  }

  /// Groups for all stages, or nil when they cannot all be placed.
  mutating func take(stages: Int) -> [[Int32]]? {
    guard groups[Level.cluster.rawValue][0] >= stages else { return nil }
    var found: [[Int32]] = []
    place(stages, in: .cluster, 0, &found)
    return found
  }

  /// The nearest place inside `place` that holds `wanted` groups, or as many as its parts hold, the
  /// largest part first.
  private mutating func place(
    _ wanted: Int, in level: Level, _ place: Int, _ found: inout [[Int32]]
  ) {
    var left = wanted
    while left > 0 {
      if level == .domain {
        takeGroup(level, place, &found)
        left -= 1
      } else if let (inner, part) = nearest(holding: left, in: level, place) {
        self.place(left, in: inner, part, &found)
        left = 0
      } else if let part = largestPart(of: level, place) {
        let inner = Level.allCases[level.rawValue - 1]
        let some = min(left, Int(groups[inner.rawValue][part]))
        self.place(some, in: inner, part, &found)
        left -= some
      } else {
        // Only GPUs of several parts together make a group.
        takeGroup(level, place, &found)
        left -= 1
      }
    }
  }

  /// The nearest place inside another that holds so many groups, by the policy's choice.
  private func nearest(holding wanted: Int, in level: Level, _ place: Int) -> (Level, Int)? {
    for inner in Level.allCases where inner < level {
      let able = groups[inner.rawValue].indices.filter {
        groups[inner.rawValue][$0] >= Int32(wanted) && isInside(inner, $0, level, place)
      }
      if !able.isEmpty { return (inner, choose(inner, able, needed: wanted * count)) }
    }
    return nil
  }

  /// The policy's choice.
  ///
  /// Parts of nodes are chosen by their nodes, then with least to spare; only a
  /// group by itself is put before the policy by domains.
  private func choose(_ level: Level, _ able: [Int], needed: Int) -> Int {
    let isOneGroup = needed == count && count > 1
    guard level < .node, !(level == .domain && isOneGroup) else {
      return able[rule.choose(among: able.map { free[level.rawValue][$0] })]
    }
    var nodes: [Int] = []
    for place in able {
      let node = Int(cluster.tree[level].node[place])
      if nodes.last != node { nodes.append(node) }
    }
    let node = nodes[rule.choose(among: nodes.map { free[Level.node.rawValue][$0] })]
    var best: Int?
    for place in able where Int(cluster.tree[level].node[place]) == node {
      let spare = free[level.rawValue][place]
      if best.map({ spare < free[level.rawValue][$0] }) ?? true { best = place }
    }
    return best ?? able[0]
  }

  /// The part of a place that holds most groups, nil when none holds one; the policy chooses among
  /// equals.
  private func largestPart(of level: Level, _ place: Int) -> Int? {
    let inner = Level.allCases[level.rawValue - 1]
    let parts = groups[inner.rawValue].indices.filter { isInside(inner, $0, level, place) }
    let most = parts.map { groups[inner.rawValue][$0] }.max() ?? 0
    if most == 0 { return nil }
    let able = parts.filter { groups[inner.rawValue][$0] == most }
    return choose(inner, able, needed: Int(most) * count)
  }

  private func isInside(_ level: Level, _ place: Int, _ outer: Level, _ around: Int) -> Bool {
    if outer == .cluster { return true }
    var place = Int32(place)
    for step in level.rawValue..<outer.rawValue {
      place = cluster.tree.places[step].around[Int(place)]
    }
    return place == Int32(around)
  }

  /// Takes a group of a place's free GPUs: from the most broken domains first.
  private mutating func takeGroup(_ level: Level, _ place: Int, _ found: inout [[Int32]]) {
    let node = cluster.nodes[Int(cluster.tree[level].node[place])]
    let able = (node.firstGPU..<node.firstGPU + node.gpuCount).filter { gpu in
      isFree(gpu) && isInside(.domain, Int(cluster.gpus[Int(gpu)].domain), level, place)
    }
    found.append(take(count, of: able))
  }

  private mutating func take(_ count: Int, of able: [Int32]) -> [Int32] {
    let ordered = able.sorted {
      (freeInDomain(of: $0), $0) < (freeInDomain(of: $1), $1)
    }
    let group = ordered.prefix(count).sorted()
    for gpu in group {
      taken[Int(gpu)] = true
      addFree(-1, Int(cluster.gpus[Int(gpu)].domain))
    }
    return group
  }

  private func isFree(_ gpu: Int32) -> Bool { cluster.isFree(gpu) && !taken[Int(gpu)] }

  private func freeInDomain(of gpu: Int32) -> Int32 {
    free[Level.domain.rawValue][Int(cluster.gpus[Int(gpu)].domain)]
  }

  /// Changes the free GPUs of a domain and of all that is around it, and the groups they hold.
  private mutating func addFree(_ change: Int32, _ domain: Int) {
    let fits = fits[Int(cluster.domains[domain].node)]
    var place = domain
    var change = (gpus: change, groups: Int32(0))
    for level in Level.allCases {
      let before = groups[level.rawValue][place]
      free[level.rawValue][place] += change.gpus
      // Inside a node GPUs make groups by themselves; above, groups are counted.
      let makesGroups = level == .domain || (!requiresDomain && !(.node < level))
      var after = before
      if fits {
        after = makesGroups ? free[level.rawValue][place] / Int32(count) : before + change.groups
      }
      groups[level.rawValue][place] = after
      change.groups = after - before
      place = Int(cluster.tree[level].around[place])
    }
  }
}

/// Stages of which some fit where others do not, and groups of GPUs of several nodes.
extension PlainPlaceSearch {
  /// One more group in the nodes that `fits`: the nearest to `previous` by itself, else over as few
  /// nodes of one region as possible.
  mutating func takeNext(after previous: Int32?, fits: [Bool]) -> [Int32]? {
    self.fits = fits
    var found: [[Int32]] = []
    if let (level, place) = nextPlace(after: previous) {
      takeGroup(level, place, &found)
      return found.first
    }
    return requiresDomain ? nil : span()
  }

  private func nextPlace(after previous: Int32?) -> (Level, Int)? {
    for level in [Level.domain, .below, .node] where !requiresDomain || level == .domain {
      let able = free[level.rawValue].indices.filter {
        Int(free[level.rawValue][$0]) >= count && fits[Int(cluster.tree[level].node[$0])]
      }
      guard !able.isEmpty else { continue }
      let distances = able.map { distance(level, $0, from: previous) }
      let least = distances.min() ?? 0
      let near = zip(able, distances).filter { $0.1 == least }.map(\.0)
      return (level, choose(level, near, needed: count))
    }
    return nil
  }

  /// How many levels outwards a place and a GPU have in common.
  private func distance(_ level: Level, _ place: Int, from gpu: Int32?) -> Int {
    guard let gpu else { return 0 }
    var (own, other) = (Int32(place), Int32(cluster.gpus[Int(gpu)].domain))
    for step in 0..<level.rawValue { other = cluster.tree.places[step].around[Int(other)] }
    var steps = level.rawValue
    while own != other {
      own = cluster.tree.places[steps].around[Int(own)]
      other = cluster.tree.places[steps].around[Int(other)]
      steps += 1
    }
    return steps
  }

  /// Over several nodes of one GPU type below one leaf, or else in one region: those with most free
  /// GPUs first.
  private mutating func span() -> [Int32]? {
    for level in [Level.leaf, .region] {
      for place in cluster.tree[level].node.indices {
        if let nodes = nodesToSpan(level, place) {
          var able: [Int32] = []
          for node in nodes where able.count < count {
            let part = min(count - able.count, Int(free[Level.node.rawValue][node]))
            let own = cluster.nodes[node]
            let open = (own.firstGPU..<own.firstGPU + own.gpuCount).filter { isFree($0) }
            able += take(part, of: open)
          }
          return able
        }
      }
    }
    return nil
  }

  private func nodesToSpan(_ level: Level, _ place: Int) -> [Int]? {
    let inNode = free[Level.node.rawValue]
    let able = cluster.nodes.indices.filter {
      inNode[$0] > 0 && fits[$0] && isInside(.node, $0, level, place)
    }.sorted { (inNode[$1], $0) < (inNode[$0], $1) }
    let types = able.map { cluster.specification.nodes[$0].gpu }
    let enough = types.first { type in
      able.reduce(0) { total, node in
        total + (cluster.specification.nodes[node].gpu == type ? Int(inNode[node]) : 0)
      } >= count
    }
    return enough.map { type in
      able.filter { cluster.specification.nodes[$0].gpu == type }
    }
  }
}
