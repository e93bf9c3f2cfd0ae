import EventKernel
import Serving
import Testing

/// Laws that hold for every run.
@Suite struct ConservationTests {
  /// Little's law (1961), L = λ W.
  ///
  /// The number in the system is rebuilt twice, from what the
  /// simulator counts at each sample and from the records that requests leave behind.
  @Test(
    "The requests in the system are arrival rate times mean time in it", arguments: ["tp2", "pp2"])
  func littlesLaw(name: String) throws {
    let scenario = try oracle("littles-law")
    let (summary, records) = scenario.recorded(scheduler: try scenario.scheduler(name))
    #expect(records.samples.count { $0.time < scenario.duration } == 3_000)
    let counted = records.samples.map { $0.waiting + $0.inReplicas }
    let present = records.samples.map { sample in
      Int64(records.requests.count { $0.arrival <= sample.time && $0.end > sample.time })
    }
    #expect(counted == present)
    let length = Double(summary.simulated)
    let inSystem = Double(presence(records.requests)) / length
    let rate = Double(summary.requests) / length
    let time = try #require(summary.overall.e2e.mean) * 1e9
    #expect(abs(inSystem / (rate * time) - 1) < 1e-9)
    #expect(records.samples.contains { $0.waiting > 10 })
  }

  /// ∫ N(t) dt over the run, event by event.
  private func presence(_ requests: [RequestRecord]) -> Int64 {
    let changes = (requests.map { ($0.arrival, 1) } + requests.map { ($0.end, -1) }).sorted {
      $0.0 < $1.0
    }
    var integral: Int64 = 0
    var present = 0
    var last: Nanoseconds = 0
    for (time, change) in changes {
      integral += Int64(present) * (time - last)
      present += change
      last = time
    }
    return integral
  }

  @Test("A fixed fleet costs its GPUs times the run's length", arguments: ["tp2", "pp2"])
  func gpuHours(name: String) throws {
    let scenario = try oracle("littles-law")
    let (summary, records) = scenario.recorded(scheduler: try scenario.scheduler(name))
    #expect(summary.simulated >= scenario.duration)
    #expect(summary.gpuHours == Double(4 * summary.simulated) / 3.6e12)
    #expect(records.gpus.allSatisfy { $0.busy + $0.reservedIdle == summary.simulated })
  }
}
