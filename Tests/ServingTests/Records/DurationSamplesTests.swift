import EventKernel
import Support
import Testing

@testable import Serving

@Suite("Durations of one metric")
struct DurationSamplesTests {
  private static func samples(_ values: [Nanoseconds]) -> DurationSamples {
    var samples = DurationSamples()
    for value in values { samples.add(value) }
    samples.sort()
    return samples
  }

  @Test("Ranks are exact, whatever the order of the values")
  func exactRanks() {
    var generator = SeededGenerator(state: 2)
    let values = (0..<700).map { _ in Nanoseconds.random(in: 0...1 << 50, using: &generator) }
    let samples = Self.samples(values)
    for (index, value) in values.sorted().enumerated() {
      #expect(samples.value(atRank: Int64(index + 1)) == value)
    }
    #expect(samples.count == 700)
    #expect(samples.sum == values.reduce(0, +))
    #expect(samples.maximum == values.max())
  }

  @Test("Adding two sets is the set of both")
  func union() {
    var left = Self.samples([5, 1, 9])
    left.add(Self.samples([7, 3]))
    left.sort()
    #expect((1...5).map { left.value(atRank: $0) } == [1, 3, 5, 7, 9])
    #expect(left.histogram.count == 5)
    #expect(left.sum == 25 && left.maximum == 9)
  }

  @Test("Beyond a million values it is a histogram, and loses none")
  func overflow() {
    var samples = DurationSamples()
    let many = Int64(DurationSamples.exactLimit)
    for value in 0..<many { samples.add(value * 1_000) }
    #expect(samples.value(atRank: many / 2) == (many / 2 - 1) * 1_000)
    samples.add(5)
    samples.sort()
    #expect(samples.count == many + 1)
    #expect(samples.sum == many * (many - 1) / 2 * 1_000 + 5)
    #expect(samples.histogram.count == many + 1)
    let exact = (many / 2 - 2) * 1_000
    let found = samples.value(atRank: many / 2)
    #expect(found <= exact && exact - found <= exact / 1_024)
    #expect(samples.value(atRank: many + 1) == (many - 1) * 1_000)
  }
}

@Suite("The parts of the tail")
struct TailLedgerTests {
  private static func parts(_ compute: Nanoseconds) -> LatencyParts {
    var parts = LatencyParts()
    parts.compute = compute
    parts.queue = 1
    return parts
  }

  @Test("Only requests at or above the edge count, with all their parts")
  func band() {
    var ledger = TailLedger()
    for time in [30, 10, 20, 40] as [Nanoseconds] { ledger.add(time, Self.parts(time)) }
    let band = ledger.summary(atOrAbove: 30)
    #expect(band.count == 2)
    #expect(band.sums.compute == 70 && band.sums.queue == 2)
    #expect(ledger.summary(atOrAbove: 0).count == 4)
    #expect(ledger.summary(atOrAbove: 41).count == 0)
    var both = TailLedger()
    both.add(35, Self.parts(100))
    both.add(ledger)
    #expect(both.summary(atOrAbove: 31).sums.compute == 140)
  }

  @Test("Beyond its limit it keeps sums by bucket, and loses nobody")
  func folding() {
    var ledger = TailLedger()
    let limit = Nanoseconds(TailLedger.exactLimit)
    for time in 0...limit { ledger.add(time, Self.parts(time)) }
    let all = ledger.summary(atOrAbove: 0)
    #expect(all.count == limit + 1)
    #expect(all.sums.compute == limit * (limit + 1) / 2)
    let edge = LatencyHistogram.lowerBound(of: LatencyHistogram.bucket(of: limit / 2))
    let half = ledger.summary(atOrAbove: limit / 2)
    #expect(half.count == limit + 1 - edge)
    #expect(half.sums.queue == half.count)
  }
}
