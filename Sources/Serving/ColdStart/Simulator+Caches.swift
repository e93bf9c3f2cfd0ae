import Hardware
import Inference

/// Weights that nodes keep, in host memory and on their storage.
extension Simulator {
  /// The caches of the nodes, where weights are kept at all, and what a shard is of a model.
  mutating func makeCaches() {
    let coldStart = scheduler.coldStart
    let nodes = scenario.cluster.nodes
    if coldStart.hostCacheBytes > 0 {
      hostCaches = nodes.map {
        WeightCache(capacityBytes: min(coldStart.hostCacheBytes, $0.hostMemoryBytes))
      }
    }
    // Without a store everything lies on storage anyway.
    if coldStart.storageCacheBytes > 0, topology.store != nil {
      storageCaches = nodes.map { _ in WeightCache(capacityBytes: coldStart.storageCacheBytes) }
    }
    guard coldStart.findsWeights else { return }
    let slices = scheduler.parallelism.allPlans.map(\.tensor).reduce(1, leastCommonMultiple)
    weightGrids = scenario.models.map {
      WeightGrid(
        layers: $0.architecture.layers, slices: slices,
        bytes: $0.architecture.weightBytes($0.weights))
    }
  }

  /// Bytes of a shard in the host memory of its node, and bytes of the rest on its storage.
  mutating func findNear(_ shard: Int, of replica: Int) -> (host: Int64, storage: Int64) {
    let start = replicas[replica].start.shards[shard]
    let model = replicas[replica].model
    guard let cells = start.cells else { return (0, 0) }
    let grid = weightGrids[Int(model)]
    let node = Int(cluster.gpus[Int(start.gpu)].node)
    var known = 0
    var (host, storage): (Int64, Int64) = (0, 0)
    var rest = cells
    if !hostCaches.isEmpty {
      let found = hostCaches[node].find(cells, of: model)
      known = found.count
      host = grid.bytes(of: known)
      rest = cells.subtracting(found)
      note(.host, bytes: host, shard, of: replica)
      if known > 0 { beginReading(shard, of: replica) }
    }
    if !storageCaches.isEmpty, known < cells.count {
      known += storageCaches[node].find(rest, of: model).count
      storage = grid.bytes(of: known) - host
      note(.storage, bytes: storage, shard, of: replica)
    }
    return (host, storage)
  }

  /// Notes what a tier has of a shard.
  mutating func note(_ tier: WeightTier, bytes: Int64, _ shard: Int, of replica: Int) {
    guard replicas[replica].record.weights != nil else { return }
    replicas[replica].record.weights?.look(in: tier, finding: bytes)
    log?.log(
      LoggedEvent(now, .found, Int64(replica), Int64(shard), Int64(tier.rawValue), bytes))
  }

  /// The node of a shard keeps what has come to its host.
  mutating func keep(_ shard: Int, of replica: Int) {
    let start = replicas[replica].start.shards[shard]
    let model = replicas[replica].model
    // From a peer nothing comes to the host.
    guard let cells = start.cells, !start.isFromPeer else { return }
    let node = Int(cluster.gpus[Int(start.gpu)].node)
    if !hostCaches.isEmpty {
      hostCaches[node].keep(cells, of: model, grid: weightGrids[Int(model)])
      beginReading(shard, of: replica)
    }
    if !storageCaches.isEmpty {
      storageCaches[node].keep(cells, of: model, grid: weightGrids[Int(model)])
    }
  }

  /// A loader reads what its node keeps until the shard is loaded; so long it stays.
  private mutating func beginReading(_ shard: Int, of replica: Int) {
    guard !replicas[replica].start.shards[shard].isReader else { return }
    let node = Int(cluster.gpus[Int(replicas[replica].start.shards[shard].gpu)].node)
    // What has found no room in the cache is not read from there.
    replicas[replica].start.shards[shard].isReader =
      hostCaches[node].beginReading(replicas[replica].model)
  }

  mutating func endReading(_ shard: Int, of replica: Int) {
    guard replicas[replica].start.shards[shard].isReader else { return }
    replicas[replica].start.shards[shard].isReader = false
    let node = Int(cluster.gpus[Int(replicas[replica].start.shards[shard].gpu)].node)
    hostCaches[node].endReading(replicas[replica].model)
  }
}

private func leastCommonMultiple(_ left: Int, _ right: Int) -> Int {
  var (a, b) = (left, right)
  while b > 0 { (a, b) = (b, a % b) }
  return left / max(1, a) * right
}
