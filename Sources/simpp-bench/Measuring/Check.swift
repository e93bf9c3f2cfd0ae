import Glibc

/// Compares counts with thresholds, and counts of a size with those of ten times the size.
struct Check {
  let path: String
  let benchmarks: [Benchmark]
  /// Whether to count the sizes of the table too and write all counts as the new thresholds.
  let updates: Bool
  private var thresholds: Thresholds
  private var counts: [Thresholds.Key: Count] = [:]
  private var faults = 0

  init(path: String, benchmarks: [Benchmark], updates: Bool) throws {
    self.path = path
    self.benchmarks = benchmarks
    self.updates = updates
    thresholds = try Thresholds(path: path)
  }

  /// Counts, prints a line for each comparison, and returns whether all is well.
  mutating func run() throws -> Bool {
    var keys = benchmarks.flatMap { benchmark in
      (updates ? benchmark.allSizes : benchmark.checkSizes).map {
        Thresholds.Key(name: benchmark.name, size: $0)
      }
    }
    // The longest first, so that no processor waits for another at the end.
    let expected = thresholds.counts
    keys.sort { (expected[$0]?.instructions ?? .max) > (expected[$1]?.instructions ?? .max) }
    let processors = sysconf(Int32(_SC_NPROCESSORS_ONLN))
    var counting = try Counting()
    try counting.run(keys, atATime: processors) { key, count in
      counts[key] = count
      say(Verdict(of: count, at: key, against: expected[key]), forgives: updates)
    }
    for benchmark in benchmarks where benchmark.checkSizes.count == 2 {
      let pair = benchmark.checkSizes.map {
        counts[Thresholds.Key(name: benchmark.name, size: $0), default: Count()]
      }
      say(Verdict(growthOf: benchmark, from: pair[0], to: pair[1]))
    }
    if benchmarks.contains(where: { $0.name == "a" }) {
      let measured = try MeasuringProcess.run("a", size: 50_000, times: 1)
      say(Verdict(peakKilobytes: measured.peakKilobytes))
    }
    if updates {
      thresholds.counts.merge(counts) { _, new in new }
      try thresholds.write(to: path)
      print("\(path) is written")
    }
    print(faults == 0 ? "everything is within bounds" : "\(faults) out of bounds")
    return faults == 0
  }

  /// A line at once, so that a log shows how far the check has come.
  private mutating func say(_ verdict: Verdict, forgives: Bool = false) {
    if verdict.isFault, !forgives { faults += 1 }
    print(verdict.line)
    fflush(nil)
  }
}
