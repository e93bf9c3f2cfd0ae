import EventKernel

extension Benchmark {
  /// The hold model: pop one event, push one, exponential increments, `pending` events in the queue.
  static func hold(_ name: String, pending: Int) -> Benchmark {
    Benchmark(
      name: name, summary: "event queue: pop one, push one, among \(grouped(pending))",
      unit: "operations", tableSizes: [2_000_000], checkSizes: [200_000, 2_000_000],
      // Each of 63 buckets meets its largest content some time.
      moreAllocations: 128
    ) { operations in
      let stream = RandomStream(seed: 1, name: "hold")
      let increments = (0..<4096).map { index in
        Nanoseconds(-1e9 * DeterministicMath.log(stream.uniform(at: UInt64(index))))
      }
      var filled = EventQueue()
      for index in 0..<pending {
        filled.push(UInt64(index), at: increments[index & 4095])
      }
      return {
        var queue = EventQueue()
        swap(&queue, &filled)
        var checksum: UInt64 = 0
        for index in 0..<operations {
          guard let (time, payload) = queue.pop() else { break }
          checksum = checksum &* 31 &+ payload
          queue.push(payload, at: time + increments[index & 4095])
        }
        return [("operations", Int64(operations)), ("checksum", Int64(checksum & 0xffff_ffff))]
      }
    }
  }
}
