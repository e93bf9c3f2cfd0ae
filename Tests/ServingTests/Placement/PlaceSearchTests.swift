import Hardware
import Support
import Testing

@testable import Serving

@Suite("How free GPUs are searched")
struct PlaceSearchTests {
  /// Stages by themselves instead of near one another.
  private struct Independent: PlacementPolicy {
    static let name = "independent"
    static let summary = ""
    static let source = ""
    static let options: [OptionDescription] = []
    var rule = PlainPlaceSearch.Rule.first
    init(_ values: OptionValues) {}
    var keepsStagesNear: Bool { false }
    func choose(among places: PlaceChoices, needed: Int) -> Int {
      rule.choose(among: (0..<places.count).map { Int32(places.freeGPUs($0)) })
    }
  }

  private static func cluster(_ draws: inout SeededGenerator) -> ClusterSpecification {
    func pick<Element>(_ choices: [Element]) -> Element {
      choices[Int.random(in: 0..<choices.count, using: &draws)]
    }
    var cluster = Machines.cluster(
      nodes: pick([1, 3, 7, 12]), gpus: 4, nodesPerLeaf: pick([1, 2, 5]))
    var last = 0
    for node in cluster.nodes.indices {
      cluster.nodes[node].gpuCount = pick([1, 2, 4, 8, 8])
      cluster.nodes[node].nvlink = pick([.none, .pairs, .switch, .switch])
      if pick([true, false]) {
        cluster.nodes[node].pcie = PCIeTopology(gpusPerSwitch: 4, uplinkBytesPerSecond: 1e9)
      }
      if pick([true, false]) { cluster.nodes[node].gpu = .h100SXM }
      if pick([0, 0, 0, 0, 1]) == 1 { last = 1 - last }
      cluster.nodes[node].region = last
    }
    return cluster
  }

  @Test("Finds the places that a search of all GPUs finds, and leaves every count as it was")
  func plain() {
    var draws = SeededGenerator(state: 11)
    var (found, searches) = (0, 0)
    for _ in 0..<400 {
      let cluster = Self.cluster(&draws)
      var state = ClusterState(cluster)
      let occupancy = Double.random(in: 0..<1, using: &draws)
      for _ in 0..<6 {
        for gpu in state.gpus.indices {
          let isTaken = Double.random(in: 0..<1, using: &draws) < occupancy
          if isTaken, state.isFree(Int32(gpu)) { state.takeForTenant(Int32(gpu), at: 0) }
          if !isTaken, !state.isFree(Int32(gpu)) { state.freeFromTenant(Int32(gpu), at: 0) }
        }
        let count = [1, 1, 2, 4, 8].randomElement(using: &draws) ?? 1
        let stages = [1, 2, 3, 4, 8].randomElement(using: &draws) ?? 1
        let requiresDomain = Bool.random(using: &draws)
        let rule = PlainPlaceSearch.Rule.allCases.randomElement(using: &draws) ?? .first
        let fits = (0..<stages).map { _ in
          let isPicky = Int.random(in: 0..<4, using: &draws) == 0
          return cluster.nodes.map { !isPicky || $0.gpu.name == "round" }
        }
        let isNear = Bool.random(using: &draws)
        let expected = Self.plain(
          state, fits, count: count, requiresDomain: requiresDomain, rule, isNear: isNear)
        var independent = Independent()
        independent.rule = rule
        let before = state.places.columns
        let places = state.places.search(
          fits: fits, count: count, requiresDomain: requiresDomain,
          policy: isNear ? rule.policy : independent)
        #expect(places == expected, "\(count) × \(stages), \(rule), near \(isNear)")
        #expect(state.places.columns.free == before.free)
        #expect(state.places.columns.own.allSatisfy { $0 == 0 })
        searches += 1
        found += places == nil ? 0 : 1
      }
    }
    #expect(found > searches / 4 && found < searches * 3 / 4)
  }

  private static func plain(
    _ state: ClusterState, _ fits: [[Bool]], count: Int, requiresDomain: Bool,
    _ rule: PlainPlaceSearch.Rule, isNear: Bool
  ) -> [[Int32]]? {
    let everywhere = state.nodes.indices.map { node in fits.allSatisfy { $0[node] } }
    var search = PlainPlaceSearch(
      state, count: count, requiresDomain: requiresDomain, rule: rule, fits: everywhere)
    if isNear, let places = search.take(stages: fits.count) { return places }
    var places: [[Int32]] = []
    for stage in fits.indices {
      let previous = isNear ? places.last.map { $0[0] } : nil
      guard let group = search.takeNext(after: previous, fits: fits[stage]) else { return nil }
      places.append(group)
    }
    return places
  }

  @Test("Groups that are counted as GPUs come and go are those that a count of all GPUs gives")
  func groups() {
    var draws = SeededGenerator(state: 5)
    for _ in 0..<60 {
      let cluster = Self.cluster(&draws)
      var state = ClusterState(cluster)
      let kind = FreePlaces.GroupKind(
        count: [1, 2, 3, 4].randomElement(using: &draws) ?? 1,
        requiresDomain: Bool.random(using: &draws),
        fits: cluster.nodes.map { _ in Int.random(in: 0..<5, using: &draws) > 0 })
      let early = state.places.number(of: kind)
      for _ in 0..<200 {
        let gpu = Int32.random(in: 0..<Int32(state.gpus.count), using: &draws)
        if state.isFree(gpu) {
          state.takeForTenant(gpu, at: 0)
        } else {
          state.freeFromTenant(gpu, at: 0)
        }
      }
      var late = FreePlaces(state.tree, cluster, domains: state.domains)
      for gpu in state.gpus.indices where !state.isFree(Int32(gpu)) { late.take(Int32(gpu)) }
      let counted = late.number(of: kind)
      for place in late.around.indices {
        #expect(state.places.groups(early, place) == late.groups(counted, place))
        #expect(state.places.free(place) == late.free(place))
      }
    }
  }
}
