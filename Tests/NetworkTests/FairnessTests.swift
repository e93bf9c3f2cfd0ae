import EventKernel
import Network
import Testing

/// Max-min fair rates by raising all rates together until something is full; as plain as can be.
func referenceRates(_ transfers: [Transfer], capacities: [Double]) -> [Double] {
  var rates = [Double](repeating: 0, count: transfers.count)
  var isOpen = [Bool](repeating: true, count: transfers.count)
  while isOpen.contains(true) {
    let left = capacities.indices.map { link in
      capacities[link]
        - transfers.indices.filter { transfers[$0].crosses(link) }.map { rates[$0] }.reduce(0, +)
    }
    let open = capacities.indices.map { link in
      transfers.indices.filter { isOpen[$0] && transfers[$0].crosses(link) }.count
    }
    var rise = Double.infinity
    for link in capacities.indices where open[link] > 0 {
      rise = min(rise, left[link] / Double(open[link]))
    }
    for flow in transfers.indices where isOpen[flow] {
      rise = min(rise, (transfers[flow].rateLimit ?? .infinity) - rates[flow])
    }
    for flow in transfers.indices where isOpen[flow] { rates[flow] += rise }
    for flow in transfers.indices where isOpen[flow] {
      let isFull = transfers[flow].path.contains { link in
        let index = Int(link.index)
        return left[index] - rise * Double(open[index]) <= 1e-9 * capacities[index]
      }
      let limit = transfers[flow].rateLimit ?? .infinity
      if isFull || rates[flow] >= limit * (1 - 1e-12) { isOpen[flow] = false }
    }
  }
  return rates
}

extension Transfer {
  func crosses(_ link: Int) -> Bool { path.contains { Int($0.index) == link } }
}

/// A network after random starts, cancels and completions, and what runs in it.
struct Churned {
  var network: FlowNetwork
  var traffic: RandomTraffic
  var running: [(transfer: Transfer, flow: FlowID)] = []
  var now: Nanoseconds = 0

  init(seed: UInt64, links: Int, changes: Int) {
    traffic = RandomTraffic(seed: seed, links: links)
    network = traffic.network
    for _ in 0..<changes { change() }
  }

  private mutating func change() {
    var tags: [UInt64] = []
    now += Nanoseconds.random(in: 0...50_000_000, using: &traffic.generator)
    while let time = network.nextCompletion, time <= now {
      network.complete(at: time, into: &tags)
    }
    running.removeAll { tags.contains($0.transfer.tag) }
    if !running.isEmpty && Int.random(in: 0..<4, using: &traffic.generator) == 0 {
      let victim = Int.random(in: running.indices, using: &traffic.generator)
      network.cancel(running.remove(at: victim).flow, at: now)
    } else {
      let transfer = traffic.transfer()
      running.append((transfer, network.start(transfer, at: now)))
    }
  }

  var rates: [Double] { running.map { network.rate(of: $0.flow) } }
}

@Suite("Rates are max-min fair")
struct FairnessTests {
  @Test("After any history the rates are those of plain progressive filling", arguments: 1...40)
  func sameAsReference(seed: UInt64) {
    let links = [3, 6, 12, 40][Int(seed % 4)]
    let churned = Churned(seed: seed, links: links, changes: 120)
    let expected = referenceRates(
      churned.running.map(\.transfer), capacities: churned.traffic.capacities)
    for (rate, reference) in zip(churned.rates, expected) {
      #expect(abs(rate - reference) <= 1e-9 * reference)
    }
  }

  @Test("Every flow has its limit, or a full link on which nobody has more", arguments: 41...80)
  func everyFlowHasABottleneck(seed: UInt64) {
    let churned = Churned(seed: seed, links: 10, changes: 100)
    let rates = churned.rates
    let transfers = churned.running.map(\.transfer)
    for (transfer, rate) in zip(transfers, rates) {
      let isBound = transfer.path.contains { link in
        let onLink = transfers.indices.filter { transfers[$0].path.contains(link) }
        let capacity = churned.network.capacity(of: link)
        let isFull = onLink.map { rates[$0] }.reduce(0, +) >= capacity * (1 - 1e-12)
        return isFull && onLink.allSatisfy { rates[$0] <= rate * (1 + 1e-12) }
      }
      #expect(isBound || rate == transfer.rateLimit)
    }
  }

  @Test("No link carries more than its capacity", arguments: 81...100)
  func noLinkIsOverloaded(seed: UInt64) {
    let churned = Churned(seed: seed, links: 8, changes: 100)
    let rates = churned.rates
    for (index, capacity) in churned.traffic.capacities.enumerated() {
      let load = churned.running.indices
        .filter { churned.running[$0].transfer.crosses(index) }.map { rates[$0] }.reduce(0, +)
      #expect(load <= capacity * (1 + 1e-12))
    }
  }

  @Test("The touched component alone has the bits of a computation of all", arguments: 101...160)
  func componentEqualsAll(seed: UInt64) {
    let links = [5, 20, 60][Int(seed % 3)]
    let churned = Churned(seed: seed, links: links, changes: 150)
    var fresh = churned.traffic.network
    let flows = fresh.batch(at: churned.now) { network in
      churned.running.reversed().map { network.start($0.transfer, at: churned.now) }
    }
    #expect(churned.rates == flows.reversed().map { fresh.rate(of: $0) })
  }

  @Test("A wide link that cannot fill up does not couple the flows over it")
  func slackLinksDoNotCouple() {
    var network = FlowNetwork()
    let spine = network.addLink(capacityBytesPerSecond: 1e12)
    let nics = network.addLinks(12.5e9, 25e9)
    let first = network.start(100 * gigabyte, over: [nics[0], spine], tag: 1)
    let second = network.start(100 * gigabyte, over: [nics[1], spine], tag: 2)
    #expect(network.rate(of: first) == 12.5e9)
    #expect(network.rate(of: second) == 25e9)
    #expect(network.bulkRate(on: spine) == 37.5e9)
    #expect(network.activeFlows(on: spine) == 2)
  }

  @Test("A link that fills up as flows come binds, and frees them again as they go")
  func linkBeginsAndCeasesToBind() {
    var network = FlowNetwork()
    let spine = network.addLink(capacityBytesPerSecond: 30e9)
    let nics = (0..<4).map { _ in network.addLink(capacityBytesPerSecond: 10e9) }
    let flows = nics.map { network.start(100 * gigabyte, over: [$0, spine]) }
    #expect(flows.map { network.rate(of: $0) } == [7.5e9, 7.5e9, 7.5e9, 7.5e9])
    network.cancel(flows[0], at: 0)
    network.cancel(flows[1], at: 0)
    #expect(flows[2...].map { network.rate(of: $0) } == [10e9, 10e9])
  }
}
