import EventKernel
import Testing

@testable import Serving

@Suite("What a model's requests do, in buckets of time")
struct ActivityMeterTests {
  private func second(_ number: Double) -> Nanoseconds { Nanoseconds(number * 1e9) }

  @Test("The mean number of requests is their time over the window's, to the nanosecond")
  func mean() {
    var meter = ActivityMeter(ActivityMetering(buckets: 4))
    meter.arrive(promptTokens: 5, at: second(0.25))
    meter.arrive(promptTokens: 7, at: second(1.5))
    meter.leave(
      outputTokens: 3, timeToFirstToken: 10, generation: 20, at: second(2.25))
    meter.advance(to: second(3))
    // 0.75, 1.5 and 1.25 requests on average in the three seconds.
    #expect((0..<3).map { meter[$0].requestTime } == [750_000_000, 1_500_000_000, 1_250_000_000])
    #expect(meter.meanRequests(over: second(3)) == 3.5 / 3)
    #expect(meter.meanRequests(over: second(1)) == 1.25)
    #expect(meter.meanRequests(over: second(60)) == 3.5 / 3)
    #expect(meter.arrivalsPerSecond(over: second(2)) == 0.5)
    #expect(meter.last(second(3)).activity.promptTokens == 12)
    #expect(meter[2].completed == 1 && meter[2].outputTokens == 3)
    #expect(meter[2].timeToFirstToken == 10 && meter[2].generationTime == 20)
    #expect(meter.inFlight == 1)
  }

  @Test("What happens now counts in the bucket under way, and in none that has ended")
  func edge() {
    var meter = ActivityMeter(ActivityMetering(buckets: 4))
    meter.arrive(promptTokens: 1, at: second(1))
    #expect(meter.ended == 1)
    #expect(meter[0].arrivals == 0)
    meter.advance(to: second(2))
    #expect(meter[1].arrivals == 1 && meter[1].requestTime == 1_000_000_000)
  }

  @Test("A long time without anything costs no more than the buckets that are remembered")
  func silence() {
    var meter = ActivityMeter(ActivityMetering(buckets: 3))
    meter.arrive(promptTokens: 1, at: 0)
    meter.advance(to: second(1_000_000))
    #expect(meter.ended == 1_000_000)
    #expect(meter.meanRequests(over: second(3)) == 1)
    #expect(meter[999_996].requestTime == 0, "forgotten")
    meter.leave(
      outputTokens: 1, timeToFirstToken: 0, generation: nil,
      at: second(1_000_000.5))
    meter.advance(to: second(1_000_001))
    #expect(meter[1_000_000].requestTime == 500_000_000)
    #expect(meter[1_000_000].completed == 0)
  }

  @Test(
    "An autoscaler hears of a bucket when a replica was ready at its end or a request was there")
  func reported() {
    var meter = ActivityMeter(ActivityMetering(buckets: 10))
    meter.setReplica(true, at: second(1.5))
    meter.setReplica(false, at: second(3.5))
    meter.arrive(promptTokens: 1, at: second(6.5))
    meter.leave(
      outputTokens: 1, timeToFirstToken: 0, generation: 0, at: second(6.6))
    meter.advance(to: second(9))
    #expect(
      (0..<9).map { meter[$0].isReported }
        == [false, true, true, false, false, false, true, false, false])
  }
}
