import EventKernel
import Testing

@Suite("EventQueue")
struct EventQueueTests {
  @Test("An empty queue has no next event")
  func empty() {
    var queue = EventQueue()
    #expect(queue.isEmpty)
    #expect(queue.count == 0)
    #expect(queue.nextTime() == nil)
    #expect(queue.pop() == nil)
  }

  @Test("Events leave by time, then by payload as an unsigned number")
  func order() {
    var queue = EventQueue()
    let events: [(Nanoseconds, UInt64)] = [
      (5, 1), (3, .max), (3, 0), (0, 7), (.max, 2), (3, 1 << 63), (5, 0), (0, 6), (.max, 1),
    ]
    for (time, payload) in events { queue.push(payload, at: time) }
    var left: [String] = []
    while let (time, payload) = queue.pop() { left.append("\(time):\(payload)") }
    #expect(
      left == [
        "0:6", "0:7", "3:0", "3:\(UInt64(1) << 63)", "3:\(UInt64.max)", "5:0", "5:1",
        "\(Nanoseconds.max):1", "\(Nanoseconds.max):2",
      ])
  }

  @Test("A smaller payload pushed at the present leaves before larger ones of that time")
  func tieAtPresent() {
    var queue = EventQueue()
    for payload in [9, 5, 8] as [UInt64] { queue.push(payload, at: 100) }
    #expect(queue.pop()?.payload == 5)
    queue.push(3, at: 100)
    queue.push(7, at: 100)
    var left: [UInt64] = []
    while let event = queue.pop() { left.append(event.payload) }
    #expect(left == [3, 7, 8, 9])
  }

  @Test("After a look at the next time, earlier events may still come")
  func earlierAfterLook() {
    var queue = EventQueue()
    for payload in 0..<100 as Range<UInt64> { queue.push(payload, at: 1_000_000) }
    queue.push(0, at: 10)
    #expect(queue.pop()?.time == 10)
    #expect(queue.nextTime() == 1_000_000)
    queue.push(1, at: 10)
    queue.push(2, at: 999_999)
    #expect(queue.nextTime() == 10)
    #expect(queue.count == 102)
    #expect(queue.pop()?.payload == 1)
    #expect(queue.pop()?.payload == 2)
    #expect(queue.pop()?.payload == 0)
  }

  @Test("After a look far ahead, a burst of earlier events leaves in order")
  func burstAfterLook() {
    var queue = EventQueue()
    var expected: [Nanoseconds] = []
    for step in 0..<100 as Range<Nanoseconds> {
      queue.push(0, at: 1_000_000 + step * 7)
      expected.append(1_000_000 + step * 7)
    }
    #expect(queue.nextTime() == 1_000_000)
    for step in 0..<200 as Range<Nanoseconds> {
      queue.push(0, at: 995_000 - step * 11)
      expected.append(995_000 - step * 11)
    }
    var left: [Nanoseconds] = []
    while let event = queue.pop() { left.append(event.time) }
    #expect(left == expected.sorted())
  }

  @Test("An event before the last one popped stops the run")
  func refusesThePast() async {
    await #expect(processExitsWith: .failure) {
      var queue = EventQueue()
      queue.push(1, at: 10)
      _ = queue.pop()
      queue.push(2, at: 9)
    }
    await #expect(processExitsWith: .failure) {
      var queue = EventQueue()
      queue.push(1, at: -1)
    }
  }

  /// How far ahead the events of a random run lie.
  enum Spacing: CaseIterable {
    case ties, near, far, mixed

    func delay(_ bits: UInt64) -> Nanoseconds {
      switch self {
      case .ties: Nanoseconds(bits % 3)
      case .near: Nanoseconds(bits % 1000)
      case .far: Nanoseconds(bits >> 24)
      case .mixed: Nanoseconds((bits >> 8) >> (bits & 63))
      }
    }
  }

  @Test(
    "Random pushes, pops and looks match a sorted list",
    arguments: Spacing.allCases, 0..<6 as Range<UInt64>)
  func matchesSortedList(spacing: Spacing, seed: UInt64) {
    let stream = RandomStream(seed: seed, name: "queue test")
    var queue = EventQueue()
    var sorted: [(time: Nanoseconds, payload: UInt64)] = []
    var now: Nanoseconds = 0
    var mismatches = 0
    for index in 0..<6000 as Range<UInt64> {
      // Bursts of pushes and of pops, so that the queue swells past every internal limit.
      let pushing = stream.bits(at: index / 300, lane: 1) % 10 < 6
      let choice = stream.bits(at: index, lane: 2) % 100
      if choice < 15 {
        if queue.nextTime() != sorted.last?.time { mismatches += 1 }
      } else if (choice < 70) == pushing {
        let time = now.addingReportingOverflow(spacing.delay(stream.bits(at: index, lane: 3)))
        if time.overflow { continue }
        let payload = stream.bits(at: index, lane: 4) % 50
        queue.push(payload, at: time.partialValue)
        let place = sorted.partitioningIndex { $0 <= (time.partialValue, payload) }
        sorted.insert((time.partialValue, payload), at: place)
      } else {
        let expected = sorted.popLast()
        let event = queue.pop()
        if event?.time != expected?.time || event?.payload != expected?.payload { mismatches += 1 }
        now = expected?.time ?? now
      }
      if queue.count != sorted.count { mismatches += 1 }
    }
    while let expected = sorted.popLast() {
      if let event = queue.pop(), event == expected { continue }
      mismatches += 1
    }
    #expect(mismatches == 0)
    #expect(queue.isEmpty)
  }
}

extension Array {
  /// The first position whose element fulfils the condition, in an array that splits by it.
  fileprivate func partitioningIndex(where condition: (Element) -> Bool) -> Int {
    var low = 0
    var high = count
    while low < high {
      let middle = (low + high) / 2
      if condition(self[middle]) { high = middle } else { low = middle + 1 }
    }
    return low
  }
}
