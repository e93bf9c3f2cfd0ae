import EventKernel
import Network
import Testing

@Suite("What the links have carried")
struct LedgerTests {
  @Test("A completed flow is credited to the byte, to each link of its path")
  func completedBytes() {
    var traffic = RandomTraffic(seed: 11, links: 6)
    var network = traffic.network
    var expected = [Int64](repeating: 0, count: 6)
    var links: Set<LinkID> = []
    for step in 0..<300 {
      let now = Nanoseconds(step) * 90_000_007
      _ = network.run(until: now)
      let transfer = traffic.transfer()
      _ = network.start(transfer, at: now)
      links.formUnion(transfer.path)
      for link in transfer.path { expected[Int(link.index)] += transfer.bytes }
    }
    let end = network.run().last?.time ?? 0
    #expect(links.count == 6)
    for link in links {
      #expect(network.bytesCarried(on: link, at: end) == expected[Int(link.index)])
      #expect(network.activeFlows(on: link) == 0)
    }
  }

  @Test("What goes in comes out, at every instant and with cancelled flows", arguments: 1...10)
  func inEqualsOut(seed: UInt64) {
    var generator = SeededGenerator(state: seed)
    var network = FlowNetwork()
    let sending = (0..<8).map { _ in network.addLink(capacityBytesPerSecond: 12.5e9) }
    let receiving = (0..<8).map { _ in network.addLink(capacityBytesPerSecond: 12.5e9) }
    let spine = network.addLink(capacityBytesPerSecond: 30e9)
    var running: [UInt64: FlowID] = [:]
    for step in 0..<200 {
      let now = Nanoseconds(step) * 12_345_679
      for ending in network.run(until: now) { running[ending.tag] = nil }
      let path = [
        sending[Int.random(in: 0..<8, using: &generator)], spine,
        receiving[Int.random(in: 0..<8, using: &generator)],
      ]
      let bytes = Int64.random(in: 1...gigabyte, using: &generator)
      running[UInt64(step)] = network.start(bytes, over: path, tag: UInt64(step), at: now)
      if step % 5 == 4, let flow = running.removeValue(forKey: UInt64(step - 2)) {
        network.cancel(flow, at: now)
      }
      let carried = { (link: LinkID) in network.bytesCarried(on: link, at: now) }
      let (sent, received) = (sending.map(carried), receiving.map(carried))
      #expect(sent.reduce(0, +) == carried(spine))
      #expect(received.reduce(0, +) == carried(spine))
      for (link, bytes) in zip(sending + [spine], sent + [carried(spine)]) {
        let busy = Double(network.busyNanoseconds(on: link, at: now))
        #expect(Double(bytes) <= network.capacity(of: link) * busy / 1e9 + 1)
      }
    }
  }

  @Test("A cancelled flow keeps the credit for what it sent, and the others speed up")
  func cancelledFlow() {
    var network = FlowNetwork()
    let links = network.addLinks(2e9, 8e9)
    let cancelled = network.start(10 * gigabyte, over: links, tag: 1)
    let other = network.start(10 * gigabyte, over: [links[0]], tag: 2)
    #expect(network.bytesCarried(on: links[0], at: 3 * second) == 6 * gigabyte)
    network.cancel(cancelled, at: 4 * second)
    #expect(network.rate(of: other) == 2e9)
    #expect(network.bytesCarried(on: links[1], at: 4 * second) == 4 * gigabyte)
    #expect(network.run() == [Ending(time: 7 * second, tag: 2)])
    #expect(network.bytesCarried(on: links[0], at: 7 * second) == 14 * gigabyte)
    #expect(network.bytesCarried(on: links[1], at: 9 * second) == 4 * gigabyte)
  }

  @Test("A flow that is cancelled as it ends has sent everything")
  func cancelledAtItsEnd() {
    var network = FlowNetwork()
    let link = network.addLink(capacityBytesPerSecond: 3e9)
    let flow = network.start(gigabyte, over: [link])
    network.start(gigabyte, over: [link], tag: 2, at: 333_333_334)
    network.cancel(flow, at: 333_333_334)
    #expect(network.bytesCarried(on: link, at: 333_333_334) == gigabyte)
    #expect(network.run() == [Ending(time: 666_666_668, tag: 2)])
  }

  @Test("A link is busy while at least one flow runs over it")
  func busyTime() {
    var network = FlowNetwork()
    let links = network.addLinks(1e9, 1e9)
    network.start(2 * gigabyte, over: [links[0]], at: second)
    network.start(gigabyte, over: [links[0]], at: 2 * second)
    #expect(network.busyNanoseconds(on: links[0], at: 3 * second) == 2 * second)
    _ = network.run()
    network.start(gigabyte, over: [links[0]], at: 9 * second)
    #expect(network.busyNanoseconds(on: links[0], at: 9 * second) == 3 * second)
    _ = network.run()
    #expect(network.busyNanoseconds(on: links[0], at: 20 * second) == 4 * second)
    #expect(network.busyNanoseconds(on: links[1], at: 20 * second) == 0)
  }

  @Test("The share of a link is what the flows leave, or an equal part if that is more")
  func share() {
    var network = FlowNetwork()
    let link = network.addLink(capacityBytesPerSecond: 12e9)
    #expect(network.share(on: link) == 12e9)
    _ = network.start(bytes: gigabyte, over: [link], rateLimit: 2e9, tag: 0, at: 0)
    #expect(network.share(on: link) == 10e9)
    network.start(gigabyte, over: [link])
    #expect(network.share(on: link) == 4e9)
    network.start(gigabyte, over: [link])
    #expect(network.share(on: link) == 3e9)
  }

  @Test("The change count grows when rates change, and only then")
  func changeCount() {
    var network = FlowNetwork()
    let link = network.addLink(capacityBytesPerSecond: 1e9)
    var ended: [UInt64] = []
    let flow = network.start(gigabyte, over: [link])
    let counts = [
      network.changeCount,
      {
        network.start(0, over: [link], at: 5); return network.changeCount
      }(),
      {
        network.complete(at: 5, into: &ended); return network.changeCount
      }(),
      {
        network.complete(at: 9, into: &ended); return network.changeCount
      }(),
      {
        network.cancel(flow, at: 10); return network.changeCount
      }(),
    ]
    #expect(counts == [1, 1, 1, 1, 2])
    network.start(1, over: [link], at: 10)
    _ = network.run()
    #expect(network.changeCount == 4)
    #expect(network.flowCount == 0)
  }
}
