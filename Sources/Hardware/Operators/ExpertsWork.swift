/// What a batch of tokens makes a GPU do in the experts of one layer: all of `ExpertsLaw` that does not
/// depend on its numbers.
public struct ExpertsWork: Sendable, Hashable {
  /// Bytes, operations and tiles of one batch.
  struct Batch: Sendable, Hashable {
    /// Bytes of weights that come from memory once.
    var streamedBytes = 0.0
    /// Bytes of weights that lie in the level 2 cache.
    var residentBytes = 0.0
    /// Bytes of weights that further tiles would read again.
    var repeatedBytes = 0.0
    /// FLOPs with rows and columns rounded up to tiles.
    var operations = 0.0
    /// Tiles of results.
    var tiles = 0.0
    /// Bytes of activations between the kernels that do not fit the cache.
    var spilledBytes = 0.0
    /// Bytes of activations between the kernels that do.
    var cachedBytes = 0.0
    /// What the datasheet allows.
    var leastNanoseconds = 0.0
  }

  /// The device.
  let device: DeviceLimits
  /// Its peak in the weights' format.
  let peakFLOPs: Double
  /// Whether experts are spread over several GPUs.
  let isSpread: Bool
  /// The batch, and smaller ones that took other tiles.
  let batches: [Batch]

  /// Counts the work of `tokens`: see `ExpertsLaw.nanoseconds(tokens:…)`.
  public init(
    tokens: Int, shape: ExpertsShape, routing: ExpertsRouting = .balanced, device: DeviceLimits,
    isCold: Bool = true
  ) {
    self.device = device
    peakFLOPs =
      shape.computesInFP8 ? device.peakFP8FLOPs ?? device.peakFLOPs : device.peakFLOPs
    isSpread = shape.expertParallel > 1
    let counter = Counter(
      shape: shape, routing: routing, device: device, peakFLOPs: peakFLOPs, isCold: isCold)
    // Where tiles or the routing's spread change.
    let edges = [shape.experts / max(1, shape.expertsPerToken), shape.localExperts]
      .filter { $0 < tokens && $0 > 0 }
    batches = (edges + [tokens]).map { counter.batch(tokens: Double($0)) }
  }
}

/// Counts the work of one layer on one device.
private struct Counter {
  let shape: ExpertsShape
  let routing: ExpertsRouting
  let device: DeviceLimits
  let peakFLOPs: Double
  let isCold: Bool

  /// Up to the first share of the level 2 cache a working set stays in it, beyond the second nothing
  /// of it does.
  private static let residentShare = 0.9
  private static let evictedShare = 1.1
  /// A matrix is found again by the next tile up to 0.6 of the cache, not at all from 1.6 on.
  private static let reusedShare = 0.6
  /// Rows of a tile up to as many tokens as experts, and above; columns of a tile of results: those of
  /// fused kernels without a tuned configuration (vllm-project/vllm).
  private static let fewRows = 16.0
  private static let manyRows = 64.0
  private static let columns = 64

  func batch(tokens: Double) -> ExpertsWork.Batch {
    let load = ExpertsLoad(tokens: tokens, shape: shape, routing: routing)
    let rowsPerTile = tokens <= Double(shape.localExperts) ? Self.fewRows : Self.manyRows
    var (tiles, furtherTiles) = (0.0, 0.0)
    for rows in load.rows.prefix(load.classes) {
      let count = (rows / rowsPerTile - 1e-9).rounded(.up)
      let share = routing == .balanced ? 1 : ExpertsLoad.shareTouched(rows)
      tiles += load.expertsPerClass * share * count
      furtherTiles += load.expertsPerClass * share * max(0, count - 1)
    }
    var batch = ExpertsWork.Batch()
    let bytes = load.touched * shape.bytesPerExpert
    let resident =
      isCold ? 0 : bytes * share(of: bytes, from: Self.residentShare, to: Self.evictedShare)
    batch.residentBytes = resident
    batch.streamedBytes = bytes - resident
    let (gateUp, down) = (shape.bytesPerExpert * 2 / 3, shape.bytesPerExpert / 3)
    batch.repeatedBytes = furtherTiles * (gateUp * evicted(gateUp) + down * evicted(down))
    // Widths are rounded up to whole tiles as well.
    let (hidden, shard) = (shape.hiddenSize, shape.shardSize)
    let width = (2 * shard).rounded(up: 128) + shard.rounded(up: 64)
    batch.operations = 2 * tiles * rowsPerTile * Double(hidden) * Double(width)
    let across =
      (2 * shard + Self.columns - 1) / Self.columns + (hidden + Self.columns - 1) / Self.columns
    batch.tiles = tiles * Double(across)
    let sorted =
      shape.sortsOwnRows ? load.totalRows : tokens * Double(shape.expertsPerToken)
    let moved = sorted * 2 * Double(hidden + 3 * shard)
    batch.cachedBytes = min(moved, Self.residentShare * device.level2Bytes)
    batch.spilledBytes = moved - batch.cachedBytes
    let isResident = !isCold && bytes < device.level2Bytes
    batch.leastNanoseconds =
      1e9
      * max(
        isResident ? 0 : bytes / device.memoryBytesPerSecond,
        load.totalRows * shape.operationsPerRow / peakFLOPs)
    return batch
  }

  /// 1 up to a share `from` of the cache, falling to 0 at the share `to`.
  private func share(of bytes: Double, from: Double, to: Double) -> Double {
    min(1, max(0, (to - bytes / device.level2Bytes) / (to - from)))
  }

  private func evicted(_ bytes: Double) -> Double {
    min(1, max(0, bytes / device.level2Bytes - Self.reusedShare))
  }
}

extension Int {
  /// The smallest multiple of `step` that is not below.
  fileprivate func rounded(up step: Int) -> Int { (self + step - 1) / step * step }
}
