import Inference
import Testing

@testable import Serving

@Suite("What a node keeps of weights")
struct WeightCacheTests {
  /// 8 layers in 4 slices, 10 bytes a cell.
  private let grid = WeightGrid(layers: 8, slices: 4, bytes: 320)

  private func cells(tensor: Int, stages: Int, stage: Int, rank: Int) -> WeightCells {
    grid.cells(
      .even(tensor: tensor, stages: stages, layers: 8), stage: stage, rank: rank)
  }

  @Test("The shards of a plan cover every cell once, and have the bytes of their part")
  func cover() {
    for (tensor, stages) in [(1, 1), (4, 1), (1, 8), (2, 3), (2, 4)] {
      var all = WeightCells(count: 32)
      var count = 0
      for stage in 0..<stages {
        for rank in 0..<tensor {
          let own = cells(tensor: tensor, stages: stages, stage: stage, rank: rank)
          all = all.union(own)
          count += own.count
        }
      }
      #expect(count == 32)
      #expect(all.count == 32)
    }
    #expect(grid.bytes(of: 8) == 80)
  }

  @Test("Another plan finds what both have in common")
  func otherPlan() {
    var cache = WeightCache(capacityBytes: 1_000)
    // The second of two stages: layers 4 to 7.
    cache.keep(cells(tensor: 1, stages: 2, stage: 1, rank: 0), of: 0, grid: grid)
    #expect(cache.find(cells(tensor: 1, stages: 1, stage: 0, rank: 0), of: 0).count == 16)
    #expect(cache.find(cells(tensor: 1, stages: 4, stage: 3, rank: 0), of: 0).count == 8)
    #expect(cache.find(cells(tensor: 1, stages: 4, stage: 1, rank: 0), of: 0).count == 0)
    #expect(cache.find(cells(tensor: 4, stages: 1, stage: 0, rank: 2), of: 0).count == 4)
    #expect(cache.find(cells(tensor: 1, stages: 1, stage: 0, rank: 0), of: 1).count == 0)
  }

  @Test("The least recently used model goes first, and one that is read stays")
  func eviction() {
    let whole = cells(tensor: 1, stages: 1, stage: 0, rank: 0)
    let half = cells(tensor: 1, stages: 2, stage: 0, rank: 0)
    var cache = WeightCache(capacityBytes: 640)
    func held() -> [Int] { (0..<4).map { cache.find(whole, of: Int32($0)).count } }
    cache.keep(whole, of: 0, grid: grid)
    cache.keep(whole, of: 1, grid: grid)
    _ = cache.find(whole, of: 0)
    cache.keep(half, of: 2, grid: grid)
    #expect(held() == [32, 0, 16, 0])
    #expect(cache.usedBytes == 480)
    // Model 0, used before model 2, is being read.
    let readsFirst = cache.beginReading(0)
    cache.keep(whole, of: 3, grid: grid)
    #expect(held() == [32, 0, 0, 32])
    let readsLast = cache.beginReading(3)
    cache.keep(half, of: 2, grid: grid)
    #expect(held() == [32, 0, 0, 32])
    let readsNothing = cache.beginReading(2)
    #expect([readsFirst, readsLast, readsNothing] == [true, true, false])
    cache.endReading(0)
    cache.keep(half, of: 2, grid: grid)
    #expect(held() == [0, 0, 16, 32])
  }

  @Test("What is larger than the cache is not kept, and drives nobody out")
  func tooLarge() {
    var cache = WeightCache(capacityBytes: 319)
    cache.keep(cells(tensor: 1, stages: 2, stage: 0, rank: 0), of: 0, grid: grid)
    cache.keep(cells(tensor: 1, stages: 1, stage: 0, rank: 0), of: 1, grid: grid)
    #expect(cache.usedBytes == 160)
  }
}
