import EventKernel
import Network
import Testing

@Suite("Completions depend on what runs, and on nothing else")
struct DeterminismTests {
  /// Starts groups of transfers at common instants, in the given order within each group.
  private func endings(
    seed: UInt64, inOrder reorder: ([Transfer]) -> [Transfer], batched: Bool = false
  ) -> [Ending] {
    var traffic = RandomTraffic(seed: seed, links: 9)
    var network = traffic.network
    var endings: [Ending] = []
    for group in 0..<25 {
      let now = Nanoseconds(group) * 120_000_001
      endings += network.run(until: now)
      let transfers = reorder((0..<5).map { _ in traffic.transfer() })
      if batched {
        network.batch(at: now) { network in
          for transfer in transfers { _ = network.start(transfer, at: now) }
        }
      } else {
        for transfer in transfers { _ = network.start(transfer, at: now) }
      }
    }
    return endings + network.run()
  }

  @Test("The order of starts within an instant moves no completion", arguments: 1...20)
  func orderWithinAnInstant(seed: UInt64) {
    let forward = endings(seed: seed) { $0 }
    let backward = endings(seed: seed) { $0.reversed() }
    #expect(forward.sorted() == backward.sorted())
  }

  @Test("A batch has the outcome of its changes one by one", arguments: 1...20)
  func batchEqualsSingleChanges(seed: UInt64) {
    #expect(endings(seed: seed) { $0 } == endings(seed: seed, inOrder: { $0 }, batched: true))
  }

  @Test("A flow that starts and is cancelled within an instant leaves no trace", arguments: 1...20)
  func passingFlowsLeaveNoTrace(seed: UInt64) {
    func run(disturbed: Bool) -> [Ending] {
      var traffic = RandomTraffic(seed: seed, links: 7)
      var network = traffic.network
      var endings: [Ending] = []
      for step in 0..<80 {
        let now = Nanoseconds(step) * 70_000_003
        endings += network.run(until: now)
        let (lasting, passing) = (traffic.transfer(), traffic.transfer())
        if disturbed {
          let flow = network.start(passing, at: now)
          network.cancel(flow, at: now)
        }
        if step % 3 == 0 { _ = network.start(lasting, at: now) }
      }
      return endings + network.run()
    }
    #expect(run(disturbed: true) == run(disturbed: false))
  }

  /// A flow that ends 10^-10 ns after a whole nanosecond, so that a single rounding on its way
  /// would be seen: 5_055_171_547 · 10^9 leaves 1 when divided by the capacity.
  private static let touchy = (
    bytes: Int64(5_055_171_547), capacity: 12_345_678_901.0, time: Nanoseconds(409_468_900)
  )

  @Test("Changes that come and go within an instant do not touch a flow's progress")
  func noRoundingWithoutAChange() {
    var network = FlowNetwork()
    let link = network.addLink(capacityBytesPerSecond: Self.touchy.capacity)
    network.start(Self.touchy.bytes, over: [link], tag: 1)
    for step in 1...200 {
      let now = Nanoseconds(step) * 1_234_567
      let passing = network.start(gigabyte, over: [link], tag: 2, at: now)
      let second = network.start(gigabyte, over: [link], tag: 3, at: now)
      network.cancel(passing, at: now)
      network.cancel(second, at: now)
    }
    #expect(network.run() == [Ending(time: Self.touchy.time, tag: 1)])
  }

  @Test("A flow of the touched component whose rate stays the same keeps its progress")
  func noRoundingWithTheSameRate() {
    let capacity = Self.touchy.capacity
    var network = FlowNetwork()
    let links = network.addLinks(capacity, capacity * 1.5, capacity * 0.5)
    let flow = network.start(Self.touchy.bytes, over: [links[0], links[1]], tag: 1)
    for step in 1...20 {
      let other = network.start(gigabyte, over: [links[1], links[2]], at: Int64(step) * 1_234_567)
      #expect(network.rate(of: flow) == capacity)
      network.cancel(other, at: Int64(step) * 1_234_567 + 100_003)
    }
    #expect(network.run() == [Ending(time: Self.touchy.time, tag: 1)])
  }

  @Test("A start at the instant of an end does not delay that end")
  func startAtAnEnd() {
    var generator = SeededGenerator(state: 8)
    for _ in 0..<500 {
      var network = FlowNetwork()
      let link = network.addLink(capacityBytesPerSecond: 7e9 / 3)
      network.start(Int64.random(in: 1...gigabyte, using: &generator), over: [link], tag: 1)
      let end = network.nextCompletion ?? 0
      network.start(gigabyte, over: [link], tag: 2, at: end)
      #expect(network.nextCompletion == end)
      #expect(network.run().map(\.tag) == [1, 2])
    }
  }

  @Test("Traffic on other links moves no completion by a nanosecond")
  func unrelatedTraffic() {
    var alone = FlowNetwork()
    var busy = FlowNetwork()
    let mine = alone.addLinks(7.3e9, 9.1e9)
    let theirs = busy.addLinks(7.3e9, 9.1e9, 5e9)
    #expect(mine == Array(theirs[..<2]))
    var (expected, found): ([Ending], [Ending]) = ([], [])
    for step in 0..<50 {
      let now = Nanoseconds(step) * 31_415_927
      expected += alone.run(until: now)
      found += busy.run(until: now)
      let size = Int64(100_000_007 + step * 1_000_003)
      alone.start(size, over: [mine[step % 2]], tag: UInt64(step), at: now)
      busy.start(size, over: [theirs[step % 2]], tag: UInt64(step), at: now)
      let noise = busy.start(gigabyte, over: [theirs[2]], tag: 1_000, at: now)
      if step % 2 == 0 { busy.cancel(noise, at: now) }
    }
    expected += alone.run()
    found += busy.run()
    #expect(expected.count == 50)
    #expect(expected == found.filter { $0.tag != 1_000 })
  }

  @Test("Flows that end together come back in the order of their starts, whatever their slots")
  func tiesInOrderOfStarts() {
    var network = FlowNetwork()
    let link = network.addLink(capacityBytesPerSecond: 1e9)
    let early = (0..<6).map { network.start(gigabyte, over: [link], tag: UInt64($0)) }
    for flow in [early[4], early[1], early[3]] { network.cancel(flow, at: 0) }
    for tag in [9, 8, 7] as [UInt64] { network.start(gigabyte, over: [link], tag: tag) }
    #expect(network.run().map(\.tag) == [0, 2, 5, 9, 8, 7])
  }

  @Test("The same calls give the same endings and ledgers", arguments: [3, 4])
  func sameCallsSameBits(seed: UInt64) {
    let first = Churned(seed: seed, links: 15, changes: 400)
    let second = Churned(seed: seed, links: 15, changes: 400)
    #expect(first.rates == second.rates)
    #expect(first.network.nextCompletion == second.network.nextCompletion)
    #expect(first.network.changeCount == second.network.changeCount)
  }
}
