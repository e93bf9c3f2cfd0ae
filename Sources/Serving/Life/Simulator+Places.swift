import EventKernel
import Hardware

/// Where the stages of a replica can lie, given which GPUs are free.
extension Simulator {
  /// GPUs for every stage of a plan, or nil when they cannot all be placed now.
  func findPlaces(model: Int, plan: Int) -> [[Int32]]? {
    let shape = catalogue.shapes[plan]
    guard cluster.freeGPUs >= shape.gpuCount else { return nil }
    var search = PlaceSearch(cluster)
    var stages: [[Int32]] = []
    for stage in 0..<shape.stages {
      let fits = { (node: Int32) in
        catalogue.blocks(model: model, plan: plan, stage: stage, node: Int(node)) > 0
      }
      guard
        let gpus = search.take(
          shape.tensor, requiresDomain: scheduler.parallelism.requiresDomain,
          policy: scheduler.placement, where: fits)
      else { return nil }
      stages.append(gpus)
    }
    return stages
  }
}

/// Free GPUs while the stages of one replica are being placed.
struct PlaceSearch {
  private let cluster: ClusterState
  private var freeInDomain: [Int32]
  private var freeInNode: [Int32]
  private var taken: [Bool]

  init(_ cluster: ClusterState) {
    self.cluster = cluster
    freeInDomain = cluster.domains.map(\.free)
    freeInNode = cluster.nodes.map(\.free)
    taken = Array(repeating: false, count: cluster.gpus.count)
  }

  /// Takes a group of `count` GPUs: one in any node, more inside one NVLink domain; where the domain
  /// is only preferred, then inside one node, then over as few nodes as possible.
  mutating func take(
    _ count: Int, requiresDomain: Bool, policy: any PlacementPolicy, where fits: (Int32) -> Bool
  ) -> [Int32]? {
    if count == 1 {
      return choose(1, cluster.nodes, freeInNode, policy, fits)
    }
    if let group = choose(count, cluster.domains, freeInDomain, policy, fits) { return group }
    if requiresDomain { return nil }
    return choose(count, cluster.nodes, freeInNode, policy, fits) ?? span(count, fits)
  }

  private mutating func choose(
    _ count: Int, _ places: [ClusterState.Place], _ free: [Int32], _ policy: any PlacementPolicy,
    _ fits: (Int32) -> Bool
  ) -> [Int32]? {
    let able = places.indices.filter { Int(free[$0]) >= count && fits(places[$0].node) }
    guard !able.isEmpty else { return nil }
    let views = able.map { index in
      PlaceView(
        place: index, node: Int(places[index].node),
        leaf: Int(cluster.leafOfNode[Int(places[index].node)]), freeGPUs: Int(free[index]),
        totalGPUs: Int(places[index].gpuCount))
    }
    let choice = able[policy.choose(among: views, needed: count)]
    return takeGPUs(count, in: places[choice])
  }

  /// Over several nodes of one GPU type: those with most free GPUs first.
  private mutating func span(_ count: Int, _ fits: (Int32) -> Bool) -> [Int32]? {
    let free = cluster.nodes.indices.filter {
      freeInNode[$0] > 0 && fits(cluster.nodes[$0].node)
    }.sorted { (freeInNode[$1], $0) < (freeInNode[$0], $1) }
    let types = free.map { cluster.specification.nodes[$0].gpu }
    let enough = types.first { type in
      free.reduce(0) { total, node in
        total + (cluster.specification.nodes[node].gpu == type ? Int(freeInNode[node]) : 0)
      } >= count
    }
    guard let enough else { return nil }
    let able = free.filter { cluster.specification.nodes[$0].gpu == enough }
    var group: [Int32] = []
    for node in able where group.count < count {
      let part = min(count - group.count, Int(freeInNode[node]))
      group += takeGPUs(part, in: cluster.nodes[node])
    }
    return group
  }

  /// Free GPUs of a place: from the most broken domains first, so that whole ones stay whole.
  private mutating func takeGPUs(_ count: Int, in place: ClusterState.Place) -> [Int32] {
    let range = place.firstGPU..<place.firstGPU + place.gpuCount
    let free = range.filter { cluster.isFree($0) && !taken[Int($0)] }
    let ordered = free.sorted {
      (freeInDomain[Int(cluster.gpus[Int($0)].domain)], $0)
        < (freeInDomain[Int(cluster.gpus[Int($1)].domain)], $1)
    }
    let group = ordered.prefix(count).sorted()
    for gpu in group {
      taken[Int(gpu)] = true
      freeInDomain[Int(cluster.gpus[Int(gpu)].domain)] -= 1
      freeInNode[Int(cluster.gpus[Int(gpu)].node)] -= 1
    }
    return group
  }
}
