import EventKernel
import Support
import Testing

@testable import Serving

@Suite("Who goes first among those that wait")
struct QueuePolicyTests {
  private func request(
    _ arrival: Nanoseconds, priorityClass: Int = 0, prompt: Int = 10, output: Int = 10
  ) -> QueuedRequestView {
    QueuedRequestView(
      arrival: arrival, priorityClass: priorityClass, promptTokens: prompt, outputTokens: output)
  }

  private func make<Queue: QueuePolicy>(
    _ type: Queue.Type, _ options: [String: OptionValue] = [:]
  ) -> Queue {
    var values = OptionValues(defaultsOf: type.options)
    for (key, value) in options { values[key] = value }
    return Queue(values)
  }

  /// The numbers of requests in the order in which they leave a line.
  private func order(_ queue: any QueuePolicy, _ requests: [QueuedRequestView]) -> [Int32] {
    var line = ServiceLine(type(of: queue).order)
    for (number, request) in requests.enumerated() {
      var ticket = QueueTicket()
      ticket.number = Int64(number)
      ticket.place = queue.place(of: request)
      line.append(Int32(number), ticket)
    }
    var order: [Int32] = []
    while let next = line.first([]) {
      order.append(next)
      line.removeFirst(next)
    }
    #expect(line.isEmpty)
    return order
  }

  @Test("First come: in order of arrival; who was preempted in front")
  func firstCome() {
    let three = (0..<3).map { request(Nanoseconds($0)) }
    #expect(order(make(FirstComeQueue.self), three) == [0, 1, 2])
    var line = ServiceLine()
    for element in Int32(0)..<3 { line.append(element, QueueTicket()) }
    line.prepend(9, QueueTicket())
    #expect(line.first([]) == 9 && line.count == 4 && line.all == [9, 0, 1, 2])
  }

  @Test("Priority: by class, within a class by arrival; with ageing a head start for each class")
  func priority() {
    let mixed = [
      request(0, priorityClass: 2), request(5, priorityClass: 1), request(10),
      request(20, priorityClass: 1), request(30),
    ]
    #expect(order(make(PriorityQueue.self), mixed) == [2, 4, 1, 3, 0])
    // Head starts of 8: the places are 16, 13, 10, 28, 30.
    #expect(order(make(PriorityQueue.self, ["ageing": .duration(8)]), mixed) == [2, 1, 0, 3, 4])
    #expect(order(make(PriorityQueue.self, ["ageing": .duration(0)]), mixed) == [0, 1, 2, 3, 4])
  }

  @Test("Shortest first: by the tokens that count; with ageing by what tokens are worth in time")
  func shortest() {
    let mixed = [
      request(0, prompt: 50, output: 1), request(10, prompt: 20, output: 40),
      request(20, prompt: 30, output: 2), request(30, prompt: 20, output: 5),
    ]
    func by(_ word: String) -> [Int32] {
      order(make(ShortestFirstQueue.self, ["by": .choice(word)]), mixed)
    }
    #expect(by("prompt") == [1, 3, 2, 0])
    #expect(by("output") == [0, 2, 3, 1])
    #expect(by("total") == [3, 2, 0, 1])
    // A token is worth 1 ns: the places are 50, 30, 50, 50.
    let aged = make(ShortestFirstQueue.self, ["ageing": .duration(1)])
    #expect(order(aged, mixed) == [1, 0, 2, 3])
  }

  @Test("A line by places gives what sorting gives, whoever joins and leaves meanwhile")
  func heap() {
    var generator = SeededGenerator(state: 7)
    for _ in 0..<200 {
      var line = ServiceLine(.place)
      var kept: [(place: QueuePlace, number: Int64)] = []
      for number in Int64(0)..<60 {
        let place = QueuePlace(
          rank: Int64.random(in: 0...2, using: &generator),
          time: Int64.random(in: 0...9, using: &generator))
        var ticket = QueueTicket()
        ticket.place = place
        ticket.number = number
        line.append(Int32(number), ticket)
        kept.append((place, number))
        if Bool.random(using: &generator) {
          kept.sort { ($0.place, $0.number) < ($1.place, $1.number) }
          let next = kept.removeFirst().number
          #expect(line.first([]).map(Int64.init) == next)
          line.removeFirst(Int32(next))
        }
      }
      kept.sort { ($0.place, $0.number) < ($1.place, $1.number) }
      #expect(line.all.map(Int64.init) == kept.map(\.number))
    }
  }

  @Test("Fair tokens: charges by weights; tenants that were away are lifted to those who wait")
  func counters() {
    let queue = make(FairTokenQueue.self, ["weights": .tenants(["b": 4])])
    let unit = Int64(1) << 20
    #expect(queue.charge(ofTenant: "a") == TokenCharge(prompt: unit, output: 2 * unit))
    #expect(queue.charge(ofTenant: "b") == TokenCharge(prompt: unit / 4, output: unit / 2))
    var counters = TokenCounters(["a", "b", "c"].map { queue.charge(ofTenant: $0) })
    counters.arrive(0)
    counters.handOver(0, prompt: 100)
    #expect(counters.served == [0, 0, 0] && counters.claimed == [100 * unit, 0, 0])
    counters.admit(0, prompt: 100)
    counters.make(3, 0)
    #expect(counters.served[0] == 106 * unit && counters.claimed == counters.served)
    // Nobody waits: up to who was admitted last.
    counters.arrive(1)
    #expect(counters.served[1] == 106 * unit)
    counters.admit(1, prompt: 40)
    counters.preempt(1)
    #expect(counters.served[1] == 116 * unit)
    // Somebody waits: up to the least of them, but never down.
    counters.arrive(2)
    #expect(counters.served[2] == 116 * unit)
    counters.arrive(0)
    #expect(counters.served[0] == 116 * unit)
    counters.readmit(1)
    #expect(counters.served[1] == 116 * unit && counters.isAway(1) && !counters.isAway(0))
  }

  @Test("The tenant with the least counter is next, each tenant's requests in order of arrival")
  func tenants() {
    var line = ServiceLine(.tenant)
    for (number, tenant) in [1, 0, 1, 2].enumerated() {
      var ticket = QueueTicket()
      ticket.number = Int64(number)
      ticket.tenant = Int32(tenant)
      line.append(Int32(number), ticket)
    }
    #expect(line.first([5, 3, 4]) == 0)
    #expect(line.first([3, 3, 4]) == 1)
    line.removeFirst(0)
    #expect(line.first([5, 3, 4]) == 2)
    #expect(line.hasChoice && Set(line.heads) == [1, 2, 3])
  }
}
