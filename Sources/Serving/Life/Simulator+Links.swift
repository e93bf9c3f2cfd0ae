import EventKernel
import Inference
import Network

/// What hops cost on links that weights are loaded over too.
extension Simulator {
  /// Latency, time on the links and bytes of a hop, at the share that bulk flows leave now.
  mutating func hopPrice(
    _ stage: Int, tokens: Int
  ) -> (latency: Nanoseconds, transfer: Nanoseconds, bytes: Int64) {
    guard let hop = stages[stage].hop.pieces else { return (0, 0, 0) }
    let change = network.changeCount &+ topologyChanges
    if stages[stage].hop.pricedAtChange != change {
      stages[stage].hop.pricedAtChange = change
      stages[stage].hop.bandwidth = hopBandwidth(stage)
    }
    let total = hop.price(
      tokens: tokens, bandwidthBytesPerSecond: stages[stage].hop.bandwidth)
    let bytes = Int64(tokens) * hop.bytesPerToken
    let ranks = Int64(stages[stage].gpus.count)
    for position in stages[stage].hop.links.indices {
      topology.creditHop(
        bytes * Int64(stages[stage].hop.ranksOnLink[position]) / ranks,
        on: stages[stage].hop.links[position], isFlow: false)
    }
    return (min(hop.latencyNanoseconds, total), max(0, total - hop.latencyNanoseconds), bytes)
  }

  /// Bytes per second of all ranks together: the slowest link decides, each at the share that bulk
  /// flows leave, divided among the pipelines that cross it.
  private func hopBandwidth(_ stage: Int) -> Double {
    let hop = stages[stage].hop
    let ranks = Double(stages[stage].gpus.count)
    var bandwidth = (hop.pieces?.localBandwidthBytesPerSecond ?? .infinity) * ranks
    for (link, ranksOnLink) in zip(hop.links, hop.ranksOnLink) {
      let pipelines = Double(max(1, topology.links[Int(link.index)].pipelines))
      bandwidth = min(
        bandwidth, network.share(on: link) / pipelines * ranks / Double(ranksOnLink))
    }
    return min(bandwidth, 1e15)
  }
}
