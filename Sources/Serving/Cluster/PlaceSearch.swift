/// Looks for free GPUs for the stages of one replica.
///
/// Order of criteria: 1. the nearest place that holds all that is left to place: an NVLink domain, the
/// GPUs below a PCIe switch, a node, a leaf, a region, the cluster; 2. among such places the placement
/// policy's choice; 3. inside a node the parts with least to spare, so that whole domains stay whole.
/// Where several parts of a place are needed, the one that holds most comes first. So the hop from a
/// stage to the next crosses as little as the free GPUs allow, and scattered ones are used when nothing
/// nearer is free.
///
/// It works on the counts of `FreePlaces` and undoes what it took; its own lists are kept from one
/// search to the next.
struct PlaceSearch: Sendable {
  typealias Level = PlaceTree.Level

  /// What is to be placed.
  struct Wanted {
    /// Groups, and GPUs of each.
    var stages: Int
    var count: Int
    /// Whether a group must share an NVLink domain.
    var requiresDomain: Bool
    /// The kind of groups that every stage can be, and each stage's own.
    var kind: Int
    var kindOfStage: [Int]
    /// Who asks, for policies that draw.
    var demand: Int
  }

  private var able: [Int32] = []
  private var nodes: [Int32] = []
  private var open: [Int32] = []
  private var taken: [Int32] = []
  private var found: [[Int32]] = []
  private var choices = 0
  private var count = 1
  private var demand = 0

  init() {}

  /// GPUs for every stage, or nil when they cannot all be placed now; `places` is as before afterwards.
  mutating func find(
    _ wanted: Wanted, in places: inout FreePlaces, policy: any PlacementPolicy
  ) -> [[Int32]]? {
    begin(wanted)
    defer { undo(in: &places) }
    if policy.keepsStagesNear,
      place(wanted.stages, of: wanted.kind, in: &places, policy)
    {
      return found
    }
    for stage in 0..<wanted.stages {
      let previous = policy.keepsStagesNear ? found.last?.first : nil
      let kind = wanted.kindOfStage[stage]
      guard
        takeNext(
          after: previous, kind: kind, requiresDomain: wanted.requiresDomain, in: &places, policy)
      else { return nil }
    }
    return found
  }

  /// A node for so many GPUs of which nothing is asked but that they lie together, nil when there is none.
  mutating func findNode(
    for count: Int, demand: Int, in places: inout FreePlaces, policy: any PlacementPolicy
  ) -> [Int32]? {
    begin(
      Wanted(
        stages: 1, count: count, requiresDomain: false, kind: 0, kindOfStage: [], demand: demand))
    defer { undo(in: &places) }
    able.removeAll(keepingCapacity: true)
    for node in places.places(of: .node, from: .cluster, places.starts[Level.cluster.rawValue])
    where places.free(node) >= Int32(count) {
      able.append(Int32(node))
    }
    guard !able.isEmpty else { return nil }
    let node = Int(able[ask(policy, among: able, .node, needed: count, places)])
    takeGroup(.node, node, in: &places)
    return found.first
  }

  private mutating func begin(_ wanted: Wanted) {
    count = wanted.count
    demand = wanted.demand
    choices = 0
    found = []
    taken.removeAll(keepingCapacity: true)
  }

  private mutating func undo(in places: inout FreePlaces) {
    for gpu in taken { places.giveBack(gpu, own: true) }
  }

  /// Groups for all stages, near one another; false when they cannot all be placed.
  private mutating func place(
    _ stages: Int, of kind: Int, in places: inout FreePlaces, _ policy: any PlacementPolicy
  ) -> Bool {
    let cluster = places.starts[Level.cluster.rawValue]
    guard places.groups(kind, cluster) >= Int32(stages) else { return false }
    place(stages, of: kind, inside: .cluster, cluster, &places, policy)
    return true
  }

  /// The nearest place inside `place` that holds `wanted` groups, or as many as its parts hold, the
  /// largest part first.
  private mutating func place(
    _ wanted: Int, of kind: Int, inside level: Level, _ place: Int, _ places: inout FreePlaces,
    _ policy: any PlacementPolicy
  ) {
    var left = wanted
    while left > 0 {
      if level == .domain {
        takeGroup(level, place, in: &places)
        left -= 1
      } else if let (inner, part) = nearest(
        holding: left, kind, inside: level, place, places, policy)
      {
        self.place(left, of: kind, inside: inner, part, &places, policy)
        left = 0
      } else if let part = largestPart(kind, of: level, place, places, policy) {
        let inner = Level.allCases[level.rawValue - 1]
        let some = min(left, Int(places.groups(kind, part)))
        self.place(some, of: kind, inside: inner, part, &places, policy)
        left -= some
      } else {
        // Only GPUs of several parts together make a group.
        takeGroup(level, place, in: &places)
        left -= 1
      }
    }
  }

  /// The nearest place inside another that holds so many groups, by the policy's choice.
  private mutating func nearest(
    holding wanted: Int, _ kind: Int, inside level: Level, _ place: Int, _ places: FreePlaces,
    _ policy: any PlacementPolicy
  ) -> (Level, Int)? {
    for inner in Level.allCases where inner < level {
      // No place of the level is large enough.
      if Int(places.mostGPUs[inner.rawValue]) < wanted * count { continue }
      collect(kind, holding: Int32(wanted), of: inner, inside: level, place, places)
      if !able.isEmpty { return (inner, choose(inner, needed: wanted * count, places, policy)) }
    }
    return nil
  }

  /// The places of a level inside another that hold so many groups go into `able`.
  private mutating func collect(
    _ kind: Int, holding wanted: Int32, of level: Level, inside outer: Level, _ place: Int,
    _ places: FreePlaces
  ) {
    able.removeAll(keepingCapacity: true)
    let mayMix = outer == .region && places.regionCount > 1
    for part in places.places(of: level, from: outer, place)
    where places.groups(kind, part) >= wanted
      && (!mayMix || places.isInside(level, part, outer, place))
    {
      able.append(Int32(part))
    }
  }

  /// The part of a place that holds most groups, nil when none holds one; the policy chooses among
  /// equals.
  private mutating func largestPart(
    _ kind: Int, of level: Level, _ place: Int, _ places: FreePlaces,
    _ policy: any PlacementPolicy
  ) -> Int? {
    let inner = Level.allCases[level.rawValue - 1]
    collect(kind, holding: 1, of: inner, inside: level, place, places)
    guard let most = able.lazy.map({ places.groups(kind, Int($0)) }).max() else { return nil }
    able.removeAll { places.groups(kind, Int($0)) < most }
    return choose(inner, needed: Int(most) * count, places, policy)
  }

  /// The policy's choice among those in `able`.
  ///
  /// Parts of nodes are chosen by their nodes, then with least to spare; only a
  /// group by itself is put before the policy by domains.
  private mutating func choose(
    _ level: Level, needed: Int, _ places: FreePlaces, _ policy: any PlacementPolicy
  ) -> Int {
    let isOneGroup = needed == count && count > 1
    guard level < .node, !(level == .domain && isOneGroup) else {
      return Int(able[ask(policy, among: able, level, needed: needed, places)])
    }
    let first = Int32(places.columns.firstNode)
    nodes.removeAll(keepingCapacity: true)
    for place in able {
      let node = first + places.columns.node[Int(place)]
      if nodes.last != node { nodes.append(node) }
    }
    let node = nodes[ask(policy, among: nodes, .node, needed: needed, places)] - first
    var best = -1
    for place in able where places.columns.node[Int(place)] == node {
      if best < 0 || places.free(Int(place)) < places.free(best) { best = Int(place) }
    }
    return best
  }

  private mutating func ask(
    _ policy: any PlacementPolicy, among indices: [Int32], _ level: Level, needed: Int,
    _ places: FreePlaces
  ) -> Int {
    choices += 1
    if indices.count == 1 { return 0 }
    return policy.choose(
      among: PlaceChoices(
        indices: indices, columns: places.columns, groupGPUs: count, areDomains: level == .domain,
        areInNodes: !(.node < level), demand: demand, ordinal: choices - 1),
      needed: needed)
  }

  /// Takes a group of a place's free GPUs: from the most broken domains first.
  private mutating func takeGroup(_ level: Level, _ place: Int, in places: inout FreePlaces) {
    open.removeAll(keepingCapacity: true)
    for gpu in places.gpus(of: level, place) where places.isFree[Int(gpu)] { open.append(gpu) }
    if places.places(of: .domain, from: level, place).count > 1 { orderByDomain(places) }
    found.append(take(count, in: &places))
  }

  /// The GPUs of `open` by the free GPUs of their domains, then by number.
  private mutating func orderByDomain(_ places: FreePlaces) {
    open.sort {
      (places.free(places.place(of: $0, .domain)), $0)
        < (places.free(places.place(of: $1, .domain)), $1)
    }
  }

  /// Takes the first of `open`, in the order of their numbers.
  private mutating func take(_ count: Int, in places: inout FreePlaces) -> [Int32] {
    let group = open.prefix(count).sorted()
    for gpu in group { places.take(gpu, own: true) }
    taken += group
    return group
  }
}

/// Stages of which some fit where others do not, and groups of GPUs of several nodes.
extension PlaceSearch {
  /// One more group in the nodes that a kind fits: the nearest to `previous` by itself, else over as few
  /// nodes of one region as possible; false when there is no room.
  private mutating func takeNext(
    after previous: Int32?, kind: Int, requiresDomain: Bool, in places: inout FreePlaces,
    _ policy: any PlacementPolicy
  ) -> Bool {
    let needsDomain = requiresDomain || count == 1
    for level in [Level.domain, .below, .node] where !needsDomain || level == .domain {
      if collectNearest(to: previous, kind, level, places) {
        takeGroup(level, choose(level, needed: count, places, policy), in: &places)
        return true
      }
    }
    return !needsDomain && span(kind, in: &places)
  }

  /// The places of a level that hold a group and have most levels in common with a GPU go into `able`.
  private mutating func collectNearest(
    to gpu: Int32?, _ kind: Int, _ level: Level, _ places: FreePlaces
  ) -> Bool {
    for outer in Level.allCases where !(outer < level) {
      guard gpu != nil || outer == .cluster else { continue }
      let wide = places.place(of: gpu ?? 0, outer)
      collect(kind, holding: 1, of: level, inside: outer, wide, places)
      if !able.isEmpty { return true }
    }
    return false
  }

  /// Over several nodes of one GPU type below one leaf, or else in one region: those with most free
  /// GPUs first.
  private mutating func span(_ kind: Int, in places: inout FreePlaces) -> Bool {
    for level in [Level.leaf, .region] {
      for place in places.starts[level.rawValue]..<places.starts[level.rawValue + 1]
      where places.free(place) >= Int32(count) {
        guard nodesToSpan(kind, level, place, places) else { continue }
        let own = nodes
        var group: [Int32] = []
        for node in own where group.count < count {
          open.removeAll(keepingCapacity: true)
          for gpu in places.gpus(of: .node, Int(node)) where places.isFree[Int(gpu)] {
            open.append(gpu)
          }
          orderByDomain(places)
          group += take(min(count - group.count, open.count), in: &places)
        }
        found.append(group)
        return true
      }
    }
    return false
  }

  /// The nodes of the GPU type that first has enough go into `nodes`, those with most free GPUs first.
  private mutating func nodesToSpan(
    _ kind: Int, _ level: Level, _ place: Int, _ places: FreePlaces
  ) -> Bool {
    let first = places.columns.firstNode
    let fits = places.kinds[kind].fits
    able = places.places(of: .node, from: level, place).filter {
      places.free($0) > 0 && fits[$0 - first] && places.isInside(.node, $0, level, place)
    }.map { Int32($0) }
    able.sort { (places.free(Int($1)), $0) < (places.free(Int($0)), $1) }
    var types: [Int32] = []
    for node in able {
      let type = places.typeOfNode[Int(node) - first]
      if types.contains(type) { continue }
      types.append(type)
      nodes = able.filter { places.typeOfNode[Int($0) - first] == type }
      if nodes.reduce(0, { $0 + places.free(Int($1)) }) >= Int32(count) { return true }
    }
    return false
  }
}
