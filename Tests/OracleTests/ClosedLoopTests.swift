import EventKernel
import Serving
import Testing
import Workload

/// Clients that wait for their answers, against closed forms.
@Suite struct ClosedLoopTests {
  /// Throughput and mean response of the machine repairman.
  private static func theory(
    clients: Int, think: Double, service: Double
  ) -> (throughput: Double, response: Double) {
    var weight = 1.0
    var sum = 1.0
    for waiting in 1...clients {
      weight *= Double(clients - waiting + 1) * service / think
      sum += weight
    }
    let throughput = (1 - 1 / sum) / service
    return (throughput, Double(clients) / throughput - think)
  }

  @Test("Clients that think and one exponential server are the machine repairman")
  func repairman() async throws {
    let scenario = try oracle("closed-loop")
    let seconds = Double(scenario.duration - scenario.warmup) / 1e9
    let runs = await scenario.replicate(20) { run in
      run.run().workloads.map {
        (rate: Double($0.requests) / seconds, response: $0.e2e.mean ?? .nan)
      }
    }
    for (index, clients) in [4, 16].enumerated() {
      let theory = Self.theory(clients: clients, think: 1, service: 0.1)
      expectAgreement(
        Estimate(runs.map { $0[index].rate }), theory.throughput, within: 0.01,
        "\(clients) clients, throughput")
      expectAgreement(
        Estimate(runs.map { $0[index].response }), theory.response, within: 0.01,
        "\(clients) clients, response")
    }
  }

  @Test("N clients, constant think Z and service D: a response takes N·D − Z to the nanosecond")
  func saturated() throws {
    let scenario = try oracle(
      "closed-loop", #"models.full.cost={"policy":"constant","base":"100ms"}"#,
      #"workloads.full.arrivals.think={"distribution":"constant","value":"1s"}"#,
      "duration=100s", "warmup=0s")
    let index = Int32(try #require(scenario.workloads.firstIndex { $0.name == "full" }))
    let requests = scenario.recorded().records.requests.filter { $0.workload == index }
    let settled = requests.filter { $0.arrival >= 20_000_000_000 }
    #expect(settled.count > 700)
    #expect(settled.allSatisfy { $0.e2e == 600_000_000 })
  }

  @Test("A request that is known long before costs no event more for every answer in between")
  func farRequest() throws {
    // One client alone: whenever it is answered nothing nearer than the far request is known.
    let lengths =
      #""prompt":{"distribution":"constant","value":1},"output":{"distribution":"constant","value":1}"#
    let client =
      #"{"name":"one","model":"full","arrivals":{"process":"closed-loop","clients":1,"#
      + #""think":{"distribution":"constant","value":"10ms"}},"# + lengths + "}"
    let far =
      #"{"name":"far","model":"full","arrivals":{"process":"instants","times":["199s"]},"#
      + lengths + "}"
    let clock = ["duration=200s", "warmup=0s"]
    let alone = try oracle("closed-loop", "workloads=[\(client)]", clock[0], clock[1])
    let beside = try oracle("closed-loop", "workloads=[\(client),\(far)]", clock[0], clock[1])
    let without = Simulation(scenario: alone, scheduler: 0).run()
    let with = Simulation(scenario: beside, scheduler: 0).run()
    #expect(without.requests > 1_000)
    #expect(abs(with.requests - without.requests) < 10)
    #expect(abs(with.events - without.events) < 100)
  }

  @Test("Over a whole run, thinking and waiting take all the time that the clients have")
  func interactiveLaw() throws {
    // Whatever the distributions: client c's gaps from its first arrival to its last end are filled
    // by responses and thinks, each think from an end to the client's next arrival.
    let scenario = try oracle("closed-loop", "duration=200s", "warmup=0s")
    let records = scenario.recorded().records.requests
    for workload in 0..<2 as Range<Int32> {
      let clients = Dictionary(grouping: records.filter { $0.workload == workload }, by: \.session)
      #expect(clients.count == (workload == 0 ? 4 : 16))
      for (client, requests) in clients {
        let ordered = requests.sorted { $0.turn < $1.turn }
        #expect(ordered.map(\.turn) == Array(0..<Int32(ordered.count)), "client \(client)")
        #expect(ordered[0].arrival == client * 1_000_000_000 / Int64(clients.count))
        let pairs = zip(ordered, ordered.dropFirst())
        #expect(pairs.allSatisfy { $0.end < $1.arrival }, "one at a time")
      }
    }
  }
}
