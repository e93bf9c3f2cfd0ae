import EventKernel
import Serving
import Support
import Testing

@Suite("The histogram of durations")
struct LatencyHistogramTests {
  @Test("Below 2,048 ns every value has a bucket of its own")
  func exactBuckets() {
    for value in Nanoseconds(0)..<2_048 {
      #expect(LatencyHistogram.bucket(of: value) == Int(value))
      #expect(LatencyHistogram.lowerBound(of: Int(value)) == value)
    }
  }

  @Test("Above, buckets are 1/1,024 wide at most, adjoining, and ascend", arguments: 11...62)
  func relativeWidth(power: Int64) {
    var generator = SeededGenerator(state: UInt64(power))
    let first = Nanoseconds(1) << power
    let last = power == 62 ? Nanoseconds.max : first * 2 - 1
    for value in [first, last] + (0..<50).map({ _ in .random(in: first...last, using: &generator) })
    {
      let bucket = LatencyHistogram.bucket(of: value)
      let lower = LatencyHistogram.lowerBound(of: bucket)
      #expect(lower <= value)
      #expect(value - lower <= value / 1_024)
      #expect(LatencyHistogram.bucket(of: lower) == bucket)
      #expect(LatencyHistogram.bucket(of: lower - 1) == bucket - 1)
    }
  }

  @Test("It counts, sums and keeps the greatest value; merging is counting together")
  func counting() {
    var generator = SeededGenerator(state: 9)
    let values = (0..<500).map { _ in Nanoseconds.random(in: 0...50_000_000, using: &generator) }
    var whole = LatencyHistogram()
    var halves = (LatencyHistogram(), LatencyHistogram())
    for (index, value) in values.enumerated() {
      whole.add(value)
      if index % 3 == 0 { halves.0.add(value) } else { halves.1.add(value) }
    }
    #expect(whole.count == 500)
    #expect(whole.sum == values.reduce(0, +))
    #expect(whole.maximum == values.max())
    #expect(whole.buckets.reduce(0) { $0 + $1.count } == 500)
    halves.0.add(halves.1)
    #expect(halves.0 == whole)
    let restored = LatencyHistogram(
      buckets: whole.buckets, sum: whole.sum, maximum: whole.maximum)
    #expect(restored == whole)
    var threefold = LatencyHistogram()
    threefold.add(7, times: 3)
    #expect(threefold.count == 3 && threefold.sum == 21 && threefold.maximum == 7)
  }

  @Test("A rank's value is within a bucket of the exact one, the last rank's is exact")
  func ranks() {
    var generator = SeededGenerator(state: 4)
    let values = (0..<999).map { _ in
      let power = Nanoseconds.random(in: 1...40, using: &generator)
      return Nanoseconds.random(in: 0...(1 << power), using: &generator)
    }.sorted()
    var histogram = LatencyHistogram()
    for value in values.shuffled(using: &generator) { histogram.add(value) }
    for rank in 1...999 {
      let exact = values[rank - 1]
      let found = histogram.value(atRank: Int64(rank))
      #expect(found <= exact && exact - found <= exact / 1_024, "rank \(rank)")
    }
    #expect(histogram.value(atRank: 999) == values[998])
    #expect(LatencyHistogram().value(atRank: 1) == 0)
  }
}
