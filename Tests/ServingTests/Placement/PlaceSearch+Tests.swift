@testable import Serving

extension FreePlaces {
  /// Places of a replica whose stages fit every node.
  mutating func search(
    stages: Int, count: Int = 1, requiresDomain: Bool = true,
    policy: any PlacementPolicy = BestFitPlacement()
  ) -> [[Int32]]? {
    let fits = columns.starting.map { _ in true }
    return search(
      fits: Array(repeating: fits, count: stages), count: count, requiresDomain: requiresDomain,
      policy: policy)
  }

  /// Places of a replica each of whose stages fits some nodes.
  mutating func search(
    fits: [[Bool]], count: Int, requiresDomain: Bool, policy: any PlacementPolicy, demand: Int = 0
  ) -> [[Int32]]? {
    func kind(_ fits: [Bool]) -> Int {
      number(
        of: GroupKind(
          count: Int32(count), requiresDomain: requiresDomain || count == 1, fits: fits))
    }
    let everywhere = fits[0].indices.map { node in fits.allSatisfy { $0[node] } }
    let wanted = PlaceSearch.Wanted(
      stages: fits.count, count: count, requiresDomain: requiresDomain, kind: kind(everywhere),
      kindOfStage: fits.map { kind($0) }, demand: demand)
    var search = PlaceSearch()
    return search.find(wanted, in: &self, policy: policy)
  }
}
