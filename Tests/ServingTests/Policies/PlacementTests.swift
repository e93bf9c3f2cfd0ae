import Testing

@testable import Serving

@Suite("Where a stage is placed")
struct PlacementTests {
  /// Places in node order with these free GPUs, two nodes under each leaf.
  private func places(_ free: Int...) -> [PlaceView] {
    free.enumerated().map { place, count in
      PlaceView(place: place, node: place, leaf: place / 2, freeGPUs: count, totalGPUs: 8)
    }
  }

  @Test("First fit takes the first place, however much is free elsewhere")
  func firstFit() {
    #expect(FirstFitPlacement().choose(among: places(8, 4, 5), needed: 4) == 0)
    #expect(FirstFitPlacement().choose(among: places(4), needed: 4) == 0)
  }

  @Test("Best fit takes the place with the fewest free GPUs")
  func bestFit() {
    #expect(BestFitPlacement().choose(among: places(8, 5, 4, 6), needed: 4) == 2)
    #expect(BestFitPlacement().choose(among: places(8, 7, 6, 5), needed: 1) == 3)
    #expect(BestFitPlacement().choose(among: places(2, 8), needed: 2) == 0)
  }

  @Test("Among equals best fit takes the first in node order")
  func bestFitTies() {
    #expect(BestFitPlacement().choose(among: places(8, 3, 3, 8), needed: 2) == 1)
    #expect(BestFitPlacement().choose(among: places(8, 8, 8), needed: 2) == 0)
  }
}
