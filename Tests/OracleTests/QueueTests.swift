import EventKernel
import Serving
import Testing

/// Single queues against their closed forms.
@Suite struct QueueTests {
  @Test("An exponential server with Poisson arrivals waits as M/M/1")
  func exponentialServer() async throws {
    let scenario = try oracle("mm1")
    let half = Queue("M/M/1 at 0.5", rate: 2.5, service: 0.200, waitForOneServer)
    let busy = Queue("M/M/1 at 0.8", rate: 10, service: 0.080, waitForOneServer)
    try await check([half, busy], scenario)
  }

  @Test("A constant server with Poisson arrivals waits half as long, as M/D/1")
  func constantServer() async throws {
    let half = Queue("M/D/1 at 0.5", rate: 2.5, service: 0.200, constantServiceWait)
    let busy = Queue("M/D/1 at 0.8", rate: 10, service: 0.080, constantServiceWait)
    try await check([half, busy], try oracle("md1"))
  }

  @Test("Single-GPU replicas behind one queue wait as M/M/c", arguments: [4, 8])
  func replicas(count: Int) async throws {
    let rate = 7.0 * Double(count)
    let scenario = try oracle(
      "mmc", "schedulers[0].scaling.replicas=\(count)", "workloads[0].arrivals.rate=\(rate)",
      "duration=\"\(7_200 / count)s\"")
    let queue = Queue("M/M/\(count)", rate: rate, service: 0.100) { rate, service in
      waitForServers(rate: rate, service: service, servers: count)
    }
    try await check([queue], scenario)
  }

  /// The workloads of a scenario are so many separate queues.
  private func check(_ queues: [Queue], _ scenario: Scenario) async throws {
    let seconds = Double(scenario.duration - scenario.warmup) / 1e9
    let runs = await scenario.replicate(20) { run in
      run.run().workloads.map { QueueMeasurement($0, seconds: seconds) }
    }
    for (index, queue) in queues.enumerated() { queue.check(runs.map { $0[index] }) }
  }
}

/// Kleinrock, Queueing Systems I (1975), 3.2: W = ρ S / (1 − ρ).
@Sendable private func waitForOneServer(rate: Double, service: Double) -> Double {
  rate * service * service / (1 - rate * service)
}

/// Pollaczek (1930) and Khinchine (1932) for a constant service time D: W = ρ D / (2 (1 − ρ)).
@Sendable func constantServiceWait(rate: Double, service: Double) -> Double {
  let load = rate * service
  return load * service / (2 * (1 - load))
}

/// Erlang (1917), in Kleinrock 3.5: W = C(c, a) S / (c − a).
///
/// C follows from Erlang B's recursion, B(0) = 1, B(n) = a B(n − 1) / (n + a B(n − 1)), as
/// C = c B / (c − a (1 − B)).
private func waitForServers(rate: Double, service: Double, servers: Int) -> Double {
  let load = rate * service
  let blocked = (1...servers).reduce(1.0) { load * $0 / (Double($1) + load * $0) }
  let waits = Double(servers) * blocked / (Double(servers) - load * (1 - blocked))
  return waits * service / (Double(servers) - load)
}
