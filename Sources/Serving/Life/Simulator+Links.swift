import EventKernel
import Inference
import Network

/// What hops cost on links that weights are loaded over too.
extension Simulator {
  /// Prices the hop that leaves a stage anew, if bulk flows or pipelines have changed.
  @inline(__always)
  mutating func priceHop(_ stage: Int) {
    let change = priceChanges
    guard stages[stage].hop.pricedAtChange != change, stages[stage].hop.terms != nil else {
      return
    }
    stages[stage].hop.pricedAtChange = change
    stages[stage].hop.bandwidth = hopBandwidth(stage)
  }

  /// Latency and time on the links of a hop, at the share that bulk flows left when it was priced.
  func hopPrice(_ stage: Int, tokens: Int) -> HopPrice {
    guard let hop = stages[stage].hop.terms else { return HopPrice() }
    let total = pieces.price(
      hop, tokens: tokens, bandwidthBytesPerSecond: stages[stage].hop.bandwidth)
    return HopPrice(
      latency: min(hop.latencyNanoseconds, total), transfer: max(0, total - hop.latencyNanoseconds))
  }

  /// Bytes of priced hops, credited when a replica ends.
  mutating func creditHops(_ stage: Int) {
    guard let hop = stages[stage].hop.terms else { return }
    let bytes = clocks[stage].hopTokens * hop.bytesPerToken
    let ranks = Int64(stages[stage].gpus.count)
    for (link, ranksOnLink) in zip(stages[stage].hop.links, stages[stage].hop.ranksOnLink) {
      topology.creditHop(bytes * Int64(ranksOnLink) / ranks, on: link, isFlow: false)
    }
  }

  /// Bytes per second of all ranks together: the slowest link decides, each at the share that bulk
  /// flows leave, divided among the pipelines that cross it.
  private func hopBandwidth(_ stage: Int) -> Double {
    let hop = stages[stage].hop
    let ranks = Double(stages[stage].gpus.count)
    var bandwidth = (hop.terms?.localBandwidthBytesPerSecond ?? .infinity) * ranks
    for (link, ranksOnLink) in zip(hop.links, hop.ranksOnLink) {
      let pipelines = Double(max(1, topology.links[Int(link.index)].pipelines))
      bandwidth = min(
        bandwidth, network.share(on: link) / pipelines * ranks / Double(ranksOnLink))
    }
    return min(bandwidth, 1e15)
  }
}
