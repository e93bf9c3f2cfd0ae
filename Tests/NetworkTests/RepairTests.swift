import EventKernel
import Network
import Testing

/// Nodes under leaves, with a spine link up and down for each leaf: everything may hang together.
private struct LeafSpine {
  let network: FlowNetwork
  let cards: Int
  private let up: [LinkID]
  private let down: [LinkID]
  private let leafUp: [LinkID]
  private let leafDown: [LinkID]
  private let perLeaf: Int

  init(nodes: Int, perLeaf: Int, oversubscription: Double, card: Double = 25e9) {
    var network = FlowNetwork()
    func add(_ count: Int, _ capacity: Double) -> [LinkID] {
      (0..<count).map { _ in network.addLink(capacityBytesPerSecond: capacity) }
    }
    up = add(nodes, card)
    down = add(nodes, card)
    leafUp = add(nodes / perLeaf, Double(perLeaf) * card / oversubscription)
    leafDown = add(nodes / perLeaf, Double(perLeaf) * card / oversubscription)
    self.perLeaf = perLeaf
    self.network = network
    cards = nodes
  }

  func path(_ from: Int, _ to: Int) -> [LinkID] {
    let leaves = (from / perLeaf, to / perLeaf)
    let spine = leaves.0 == leaves.1 ? [] : [leafUp[leaves.0], leafDown[leaves.1]]
    return [up[from]] + spine + [down[to]]
  }
}

/// Random transfers over a fabric, one after another.
private struct Traffic {
  let fabric: LeafSpine
  var network: FlowNetwork
  var generator: SeededGenerator
  var running: [(transfer: Transfer, flow: FlowID)] = []
  var now: Nanoseconds = 0
  var changes = 0

  init(_ fabric: LeafSpine, seed: UInt64) {
    self.fabric = fabric
    network = fabric.network
    generator = SeededGenerator(state: seed)
  }

  /// A start, or the end of a flow, so that about `target` run.
  mutating func change(target: Int) {
    changes += 1
    now += 1_000
    if running.count > target
      || (running.count > 4 && Int.random(in: 0..<3, using: &generator) == 0)
    {
      let victim = Int.random(in: running.indices, using: &generator)
      network.cancel(running.remove(at: victim).flow, at: now)
      return
    }
    let from = Int.random(in: 0..<fabric.cards, using: &generator)
    let to = Int.random(in: 0..<fabric.cards - 1, using: &generator)
    let isLimited = Int.random(in: 0..<3, using: &generator) == 0
    let transfer = Transfer(
      bytes: 1 << 52, path: fabric.path(from, to < from ? to : to + 1),
      rateLimit: isLimited ? Double.random(in: 1e8...4e9, using: &generator) : nil, tag: 0)
    running.append((transfer, network.start(transfer, at: now)))
  }

  /// The rates of the same flows in a new network, all computed at once.
  func recomputed() -> [Double] {
    var fresh = fabric.network
    let flows = fresh.batch(at: now) { network in
      running.reversed().map { network.start($0.transfer, at: now) }
    }
    return flows.reversed().map { fresh.rate(of: $0) }
  }

  var rates: [Double] { running.map { network.rate(of: $0.flow) } }
}

@Suite("Rates are repaired where they change")
struct RepairTests {
  @Test(
    "Under any oversubscription, after every change, the bits are those of computing everything",
    arguments: 1...24)
  func sameBits(seed: UInt64) {
    let oversubscription = [1.0, 2, 4, 8.5][Int(seed % 4)]
    let fabric = LeafSpine(
      nodes: 32, perLeaf: [4, 8, 16][Int(seed % 3)], oversubscription: oversubscription)
    var traffic = Traffic(fabric, seed: seed)
    for _ in 0..<150 {
      traffic.change(target: [12, 40, 90][Int(seed / 3 % 3)])
      #expect(traffic.rates == traffic.recomputed())
    }
  }

  @Test("Cards of equal speed, whose levels tie all the time, too", arguments: 1...12)
  func ties(seed: UInt64) {
    let fabric = LeafSpine(nodes: 16, perLeaf: 4, oversubscription: 2, card: 8e9)
    var traffic = Traffic(fabric, seed: seed)
    for step in 0..<200 {
      traffic.change(target: 30)
      if step % 3 == 0 { #expect(traffic.rates == traffic.recomputed()) }
    }
  }

  @Test("A flow that no full link holds back touches no other, though a spine couples all")
  func lonelyFlow() {
    // Eight cards of 25 GB/s at their rate over a spine of 400 GB/s, which could fill up.
    let fabric = LeafSpine(nodes: 64, perLeaf: 32, oversubscription: 2)
    var network = fabric.network
    for node in 0..<16 { network.start(1 << 50, over: fabric.path(node, 32 + node)) }
    network.start(1 << 50, over: fabric.path(16, 32))
    // All but the newcomer's neighbour, with whom it shares a card, keep their rates.
    let before = network.refilledFlows
    network.start(1 << 50, over: fabric.path(17, 33))
    #expect(network.refilledFlows - before <= 6)
  }

  @Test(
    "Of 300 flows under a 4:1 spine a change computes the rates of ten, where links couple a hundred",
    arguments: [(1_000, 40, 300), (256, 16, 100)])
  func fewRates(nodes: Int, perLeaf: Int, flows: Int) {
    let fabric = LeafSpine(nodes: nodes, perLeaf: perLeaf, oversubscription: 4)
    var traffic = Traffic(fabric, seed: 7)
    while traffic.running.count < flows { traffic.change(target: 1_000) }
    let (before, changes) = (traffic.network.refilledFlows, traffic.changes)
    for _ in 0..<400 { traffic.change(target: flows) }
    // Filling all that can bind couples computes 98.6 and 68.8 rates a change.
    let computed = Double(traffic.network.refilledFlows - before)
    #expect(computed / Double(traffic.changes - changes) < 10)
    #expect(traffic.rates == traffic.recomputed())
  }

  @Test("Where nearly all rates change, repairing wastes at most half of filling everything")
  func denseTraffic() {
    let fabric = LeafSpine(nodes: 64, perLeaf: 8, oversubscription: 4)
    var traffic = Traffic(fabric, seed: 3)
    while traffic.running.count < 120 { traffic.change(target: 1_000) }
    for _ in 0..<100 {
      let before = traffic.network.refilledFlows
      traffic.change(target: 120)
      #expect(traffic.network.refilledFlows - before <= traffic.running.count * 3 / 2 + 2)
    }
  }
}
