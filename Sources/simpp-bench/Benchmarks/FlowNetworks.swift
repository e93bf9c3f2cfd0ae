import EventKernel
import Network

extension Benchmark {
  /// Transfers between 480 hosts below 20 leaves, 4:1 oversubscribed: a thousand links.
  ///
  /// The first transfers, which find the links empty, are preparation.
  static func flows(_ name: String) -> Benchmark {
    Benchmark(
      name: name, summary: "max-min fair transfers over 1,000 links", unit: "transfers",
      tableSizes: [100_000]
    ) { transfers in
      var warm = TransferPlay()
      warm.run(5_000)
      return { [warm] in
        var play = warm
        play.run(transfers)
        return play.figures
      }
    }
  }
}

/// Hosts with a link up and one down, and leaves with the same to a spine that never binds.
private struct LeafTree {
  static let leaves = 20
  static let hostsPerLeaf = 24
  static let hostBytesPerSecond = 12.5e9
  static let oversubscription = 4.0

  var network = FlowNetwork()
  private var up: [LinkID] = []
  private var down: [LinkID] = []
  private var leafUp: [LinkID] = []
  private var leafDown: [LinkID] = []

  init() {
    let leaf = Self.hostBytesPerSecond * Double(Self.hostsPerLeaf) / Self.oversubscription
    for _ in 0..<(Self.leaves * Self.hostsPerLeaf) {
      up.append(network.addLink(capacityBytesPerSecond: Self.hostBytesPerSecond))
      down.append(network.addLink(capacityBytesPerSecond: Self.hostBytesPerSecond))
    }
    for _ in 0..<Self.leaves {
      leafUp.append(network.addLink(capacityBytesPerSecond: leaf))
      leafDown.append(network.addLink(capacityBytesPerSecond: leaf))
    }
    precondition(network.linkCount == 1_000)
  }

  /// The links from one host to another.
  func path(from source: Int, to target: Int, into path: inout [LinkID]) {
    path.removeAll(keepingCapacity: true)
    path.append(up[source])
    let (from, to) = (source / Self.hostsPerLeaf, target / Self.hostsPerLeaf)
    if from != to {
      path.append(leafUp[from])
      path.append(leafDown[to])
    }
    path.append(down[target])
  }
}

/// Transfers of exponential sizes about 1 GB that arrive as a Poisson process between hosts of which
/// half lie below one leaf.
private struct TransferPlay {
  /// Transfers per second: the leaves' links are used by half.
  static let perSecond = 1_500.0
  /// What one transfer takes at most, bytes/s: a loader's rate.
  static let rateLimit = 5.3e9

  private let tree: LeafTree
  private var network: FlowNetwork
  private let stream = RandomStream(seed: 1, name: "transfers")
  private var arrival: Nanoseconds = 0
  private var started = 0
  private var ended = 0
  /// Sum over the starts of how many ran then.
  private var runningSum = 0

  init() {
    tree = LeafTree()
    network = tree.network
  }

  var figures: Figures {
    [
      ("started", Int64(started)), ("ended", Int64(ended)),
      ("changes", Int64(network.changeCount)), ("rates", Int64(network.refilledFlows)),
      ("meanConcurrent", Int64(runningSum / max(1, started))), ("endMicroseconds", arrival / 1_000),
    ]
  }

  /// Starts so many more transfers, and ends those that end until then.
  mutating func run(_ transfers: Int) {
    var tags: [UInt64] = []
    var path: [LinkID] = []
    for _ in 0..<transfers {
      let index = UInt64(started)
      arrival += exponential(1 / Self.perSecond, index, lane: 0)
      while let time = network.nextCompletion, time <= arrival {
        tags.removeAll(keepingCapacity: true)
        network.complete(at: time, into: &tags)
        ended += tags.count
      }
      let (source, target) = hosts(index)
      tree.path(from: source, to: target, into: &path)
      let bytes = exponential(1, index, lane: 4)
      _ = network.start(
        bytes: bytes, over: path, rateLimit: Self.rateLimit, tag: index, at: arrival)
      started += 1
      runningSum += network.flowCount
    }
  }

  /// Two hosts, by an even chance below one leaf.
  private func hosts(_ index: UInt64) -> (source: Int, target: Int) {
    let count = LeafTree.leaves * LeafTree.hostsPerLeaf
    let source = Int(stream.uniform(at: index, lane: 1) * Double(count))
    let isLocal = stream.uniform(at: index, lane: 2) < 0.5
    let choices = isLocal ? LeafTree.hostsPerLeaf : count
    // A step of 1 to choices − 1 around the circle never comes back to the source.
    let step = 1 + Int(stream.uniform(at: index, lane: 3) * Double(choices - 1))
    let first = isLocal ? source / choices * choices : 0
    return (source, first + (source - first + step) % choices)
  }

  /// A whole number drawn from an exponential distribution about `mean` billions.
  private func exponential(_ mean: Double, _ index: UInt64, lane: UInt64) -> Int64 {
    Int64(-mean * 1e9 * DeterministicMath.log(1 - stream.uniform(at: index, lane: lane))) + 1
  }
}
