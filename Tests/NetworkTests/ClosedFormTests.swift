import EventKernel
import Network
import Testing

@Suite("Transfers whose times are known in closed form")
struct ClosedFormTests {
  @Test("One flow takes its bytes over the capacity, rounded up to a nanosecond, exactly")
  func singleFlow() {
    var generator = SeededGenerator(state: 1)
    for _ in 0..<5_000 {
      let bytes = Int64.random(in: 1...(1 << 42), using: &generator)
      let capacity = Int64.random(in: 1_000_000...400_000_000_000, using: &generator)
      let start = Nanoseconds.random(in: 0...(100 * second), using: &generator)
      var network = FlowNetwork()
      let link = network.addLink(capacityBytesPerSecond: Double(capacity))
      network.start(bytes, over: [link], tag: 9, at: start)
      let exact = (Int128(bytes) * 1_000_000_000 + Int128(capacity) - 1) / Int128(capacity)
      #expect(network.run() == [Ending(time: start + Nanoseconds(exact), tag: 9)])
    }
  }

  @Test("n equal flows over one link take exactly n times the bytes of one", arguments: 1...17)
  func equalFlows(count: Int64) {
    for bytes in [1, 999, gigabyte, 17_500_000_003, 140 * gigabyte] {
      for capacity: Int64 in [12_500_000_000, 50_000_000_000, 3_333_333_333] {
        var network = FlowNetwork()
        let link = network.addLink(capacityBytesPerSecond: Double(capacity))
        for tag in 1...count { network.start(bytes, over: [link], tag: UInt64(tag)) }
        let work = Int128(bytes) * Int128(count) * 1_000_000_000
        let time = Nanoseconds((work + Int128(capacity) - 1) / Int128(capacity))
        #expect(network.run() == (1...count).map { Ending(time: time, tag: UInt64($0)) })
      }
    }
  }

  @Test("A second flow halves the first from its start to the first's end")
  func staggeredStart() {
    var network = FlowNetwork()
    let link = network.addLink(capacityBytesPerSecond: 1e9)
    network.start(10 * gigabyte, over: [link], tag: 1, at: 0)
    network.start(10 * gigabyte, over: [link], tag: 2, at: 4 * second)
    // 6 GB of the first are left at 4 s, at half the rate until 16 s; then 4 GB of the second.
    #expect(
      network.run() == [Ending(time: 16 * second, tag: 1), Ending(time: 20 * second, tag: 2)])
  }

  @Test("A third of the rate for a while leaves whole nanoseconds whole")
  func thirdsDoNotRound() {
    var generator = SeededGenerator(state: 5)
    for _ in 0..<2_000 {
      let shared = Nanoseconds.random(in: 1...gigabyte, using: &generator)
      let bytes = 10 * Int64.random(in: shared...(3 * gigabyte), using: &generator)
      var network = FlowNetwork()
      let link = network.addLink(capacityBytesPerSecond: 10e9)
      let flows = (0..<3).map { network.start(bytes, over: [link], tag: UInt64($0)) }
      // 10 bytes per nanosecond: in 3 · shared each flow has sent 10 · shared bytes.
      network.cancel(flows[1], at: 3 * shared)
      network.cancel(flows[2], at: 3 * shared)
      #expect(network.run() == [Ending(time: 2 * shared + bytes / 10, tag: 0)])
    }
  }

  @Test("In a parking lot the long flow has its share of the tightest link, the others the rest")
  func parkingLot() {
    var network = FlowNetwork()
    let links = network.addLinks(12e9, 10e9, 8e9)
    let long = network.start(40 * gigabyte, over: links, tag: 0)
    let first = network.start(80 * gigabyte, over: [links[0]], tag: 1)
    let second = network.start(60 * gigabyte, over: [links[1]], tag: 2)
    let third = network.start(40 * gigabyte, over: [links[2]], tag: 3)
    #expect([long, first, second, third].map { network.rate(of: $0) } == [4e9, 8e9, 6e9, 4e9])
    #expect(network.run().allSatisfy { $0.time == 10_000_000_000 })
  }

  @Test("A limited flow takes its limit, and what it leaves goes to the others")
  func rateLimits() {
    var network = FlowNetwork()
    let link = network.addLink(capacityBytesPerSecond: 10e9)
    let slow = network.start(bytes: gigabyte, over: [link], rateLimit: 1e9, tag: 1, at: 0)
    let wide = network.start(bytes: gigabyte, over: [link], rateLimit: 20e9, tag: 2, at: 0)
    let free = network.start(bytes: gigabyte, over: [link], rateLimit: nil, tag: 3, at: 0)
    #expect([slow, wide, free].map { network.rate(of: $0) } == [1e9, 4.5e9, 4.5e9])
    let both = Nanoseconds(222_222_223)
    #expect(
      network.run() == [
        Ending(time: both, tag: 2), Ending(time: both, tag: 3), Ending(time: second, tag: 1),
      ])
  }

  @Test("A flow without links runs at its limit")
  func noLinks() {
    var network = FlowNetwork()
    let flow = network.start(bytes: 3 * gigabyte, over: [], rateLimit: 2e9, tag: 5, at: 7)
    #expect(network.rate(of: flow) == 2e9)
    #expect(network.run() == [Ending(time: 1_500_000_007, tag: 5)])
  }

  @Test("A flow of no bytes is complete at its start and takes nothing from anybody")
  func noBytes() {
    var network = FlowNetwork()
    let link = network.addLink(capacityBytesPerSecond: 1e9)
    let other = network.start(gigabyte, over: [link], tag: 1)
    network.start(0, over: [link], tag: 2, at: 500)
    #expect(network.nextCompletion == 500)
    #expect(network.rate(of: other) == 1e9)
    #expect(network.activeFlows(on: link) == 1)
    #expect(network.run() == [Ending(time: 500, tag: 2), Ending(time: second, tag: 1)])
  }

  /// Time to fetch `bytes` in four shards from a store, over the given number of NICs.
  private func fetchTime(nics: Int, store: Double) -> Nanoseconds? {
    var network = FlowNetwork()
    let source = network.addLink(capacityBytesPerSecond: store)
    let interfaces = (0..<nics).map { _ in network.addLink(capacityBytesPerSecond: 25e9) }
    for shard in 0..<4 {
      network.start(35 * gigabyte, over: [source, interfaces[shard % nics]])
    }
    return network.run().last?.time
  }

  @Test("Four shards over four NICs load four times faster than over one, until the store binds")
  func shardsOverInterfaces() {
    #expect(fetchTime(nics: 1, store: 200e9) == 5_600_000_000)
    #expect(fetchTime(nics: 4, store: 200e9) == 1_400_000_000)
    #expect(fetchTime(nics: 4, store: 100e9) == 1_400_000_000)
    #expect(fetchTime(nics: 4, store: 50e9) == 2_800_000_000)
    #expect(fetchTime(nics: 1, store: 20e9) == 7_000_000_000)
    #expect(fetchTime(nics: 4, store: 20e9) == 7_000_000_000)
  }

  @Test("A transfer too slow for the clock never ends, and others are not held up")
  func neverEnds() {
    var network = FlowNetwork()
    let links = network.addLinks(1e9, 1e9)
    _ = network.start(bytes: 1 << 53, over: [links[0]], rateLimit: 1e-3, tag: 1, at: 0)
    network.start(gigabyte, over: [links[1]], tag: 2)
    #expect(network.run(until: .max - 1) == [Ending(time: second, tag: 2)])
    #expect(network.nextCompletion == .max)
  }
}
