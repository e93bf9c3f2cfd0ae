import Inference

/// How a model's weights are cut for caches: every layer in as many slices as the ranks of any plan need.
///
/// So what one plan's shards leave behind is worth to another plan exactly what both have in common.
struct WeightGrid: Sendable {
  let layers: Int
  let slices: Int
  /// Bytes of all cells together.
  let bytes: Int64

  /// The cells of a shard: the layers of a stage, the slice of a rank.
  func cells(_ plan: ParallelPlan, stage: Int, rank: Int) -> WeightCells {
    let width = slices / plan.tensor
    var cells = WeightCells(count: layers * slices)
    for part in plan.virtualStages(ofStage: stage) {
      for layer in plan.layerRange(ofStage: part) {
        cells.insert(from: layer * slices + rank * width, count: width)
      }
    }
    return cells
  }

  /// Bytes of so many cells, rounded down.
  func bytes(of count: Int) -> Int64 {
    let (high, low) = bytes.multipliedFullWidth(by: Int64(count))
    return Int64(layers * slices).dividingFullWidth((high, low)).quotient
  }
}

/// Some cells of a model's weights.
struct WeightCells: Sendable, Hashable {
  private var words: [UInt64]

  init(count: Int) { words = Array(repeating: 0, count: (count + 63) / 64) }

  mutating func insert(from first: Int, count: Int) {
    for cell in first..<first + count { words[cell / 64] |= 1 << UInt64(cell % 64) }
  }

  /// How many they are.
  var count: Int { words.reduce(0) { $0 + $1.nonzeroBitCount } }

  func intersection(_ other: WeightCells) -> WeightCells { combined(other) { $0 & $1 } }
  func union(_ other: WeightCells) -> WeightCells { combined(other) { $0 | $1 } }
  func subtracting(_ other: WeightCells) -> WeightCells { combined(other) { $0 & ~$1 } }

  private func combined(
    _ other: WeightCells, _ operation: (UInt64, UInt64) -> UInt64
  ) -> WeightCells {
    var result = self
    for index in words.indices { result.words[index] = operation(words[index], other.words[index]) }
    return result
  }
}

/// Weights that a node keeps, in host memory or on its storage; models go whole, the least recently used
/// first.
struct WeightCache: Sendable {
  private struct Entry: Sendable {
    var model: Int32
    var cells: WeightCells
    var bytes: Int64
    /// The cache's clock at its last use.
    var used: Int64
    /// Loaders that read it now; it does not go meanwhile.
    var readers: Int32 = 0
  }

  let capacityBytes: Int64
  private(set) var usedBytes: Int64 = 0
  private var entries: [Entry] = []
  private var clock: Int64 = 0

  init(capacityBytes: Int64) { self.capacityBytes = capacityBytes }

  /// Those of some cells that it has; a model of which it has some is used.
  mutating func find(_ cells: WeightCells, of model: Int32) -> WeightCells {
    guard let index = index(of: model) else { return cells.subtracting(cells) }
    let found = entries[index].cells.intersection(cells)
    if found.count > 0 { touch(index) }
    return found
  }

  /// Keeps cells, if there is room once models that nobody reads have gone.
  mutating func keep(_ cells: WeightCells, of model: Int32, grid: WeightGrid) {
    let own = index(of: model)
    let all = own.map { entries[$0].cells.union(cells) } ?? cells
    let more = grid.bytes(of: all.count) - (own.map { entries[$0].bytes } ?? 0)
    let others = entries.filter { $0.model != model && $0.readers == 0 }
    guard usedBytes + more - others.reduce(0, { $0 + $1.bytes }) <= capacityBytes else { return }
    for entry in others.sorted(by: { $0.used < $1.used }) where usedBytes + more > capacityBytes {
      entries.removeAll { $0.model == entry.model }
      usedBytes -= entry.bytes
    }
    usedBytes += more
    if let own = index(of: model) {
      entries[own].cells = all
      entries[own].bytes += more
      touch(own)
    } else {
      entries.append(Entry(model: model, cells: all, bytes: more, used: clock))
      touch(entries.count - 1)
    }
  }

  /// A loader begins to read a model, if something of it is kept; whether that is so.
  mutating func beginReading(_ model: Int32) -> Bool {
    guard let index = index(of: model) else { return false }
    entries[index].readers += 1
    return true
  }

  /// A loader that reads a model ends to.
  mutating func endReading(_ model: Int32) {
    guard let index = index(of: model), entries[index].readers > 0 else {
      preconditionFailure("what is read stays")
    }
    entries[index].readers -= 1
  }

  private mutating func touch(_ index: Int) {
    clock += 1
    entries[index].used = clock
  }

  private func index(of model: Int32) -> Int? { entries.firstIndex { $0.model == model } }
}
