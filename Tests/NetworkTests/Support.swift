import EventKernel
import Network

let second: Nanoseconds = 1_000_000_000
let gigabyte: Int64 = 1_000_000_000

/// One end of a flow as a test sees it.
struct Ending: Hashable, Comparable {
  var time: Nanoseconds
  var tag: UInt64

  static func < (left: Ending, right: Ending) -> Bool {
    (left.time, left.tag) < (right.time, right.tag)
  }
}

extension FlowNetwork {
  /// Adds links of the given capacities, bytes/s.
  mutating func addLinks(_ capacities: Double...) -> [LinkID] {
    capacities.map { addLink(capacityBytesPerSecond: $0) }
  }

  /// Starts a flow without a limit of its own.
  @discardableResult
  mutating func start(
    _ bytes: Int64, over path: [LinkID], tag: UInt64 = 0, at now: Nanoseconds = 0
  ) -> FlowID {
    start(bytes: bytes, over: path, rateLimit: nil, tag: tag, at: now)
  }

  /// Completes everything up to `end`.
  mutating func run(until end: Nanoseconds = .max) -> [Ending] {
    var endings: [Ending] = []
    var tags: [UInt64] = []
    while let time = nextCompletion, time <= end {
      tags.removeAll()
      complete(at: time, into: &tags)
      endings += tags.map { Ending(time: time, tag: $0) }
    }
    return endings
  }
}

/// A small generator with a seed, for random topologies (splitmix64).
struct SeededGenerator: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}

/// A transfer as a test asks for it.
struct Transfer: Equatable {
  var bytes: Int64
  var path: [LinkID]
  var rateLimit: Double?
  var tag: UInt64
}

/// Links of random capacities and random transfers over them.
struct RandomTraffic {
  let capacities: [Double]
  let links: [LinkID]

  /// The links, without flows.
  let network: FlowNetwork
  var generator: SeededGenerator
  private var started: UInt64 = 0

  init(seed: UInt64, links: Int) {
    var generator = SeededGenerator(state: seed)
    var network = FlowNetwork()
    capacities = (0..<links).map { _ in
      Double(Int.random(in: 1...40, using: &generator)) * 1.25e9
    }
    self.links = capacities.map { network.addLink(capacityBytesPerSecond: $0) }
    self.network = network
    self.generator = generator
  }

  mutating func transfer() -> Transfer {
    started += 1
    let length = Int.random(in: 1...4, using: &generator)
    let path = Array(links.shuffled(using: &generator).prefix(length))
    let isLimited = Int.random(in: 0..<4, using: &generator) == 0
    return Transfer(
      bytes: Int64.random(in: 1...2_000_000_000, using: &generator),
      path: path,
      rateLimit: isLimited ? Double.random(in: 1e6...1e10, using: &generator) : nil, tag: started)
  }
}

extension FlowNetwork {
  mutating func start(_ transfer: Transfer, at now: Nanoseconds) -> FlowID {
    start(
      bytes: transfer.bytes, over: transfer.path, rateLimit: transfer.rateLimit,
      tag: transfer.tag, at: now)
  }
}
