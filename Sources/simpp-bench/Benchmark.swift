import Glibc

/// Figures that repeat exactly, in the order in which they are printed.
typealias Figures = [(name: String, value: Int64)]

/// Something to measure, of any size.
struct Benchmark {
  var name: String
  /// One line: what it does.
  var summary: String
  /// What its size counts, in the plural.
  var unit = "requests"
  /// The sizes that the table shows.
  var tableSizes: [Int]
  /// The sizes at which `check` counts; the second is ten times the first.
  var checkSizes: [Int] = [10_000, 100_000]
  /// Allocations that ten times the size may cost beyond those for the size; nil: any number, as
  /// things are built on the way.
  var moreAllocations: Int64? = 64
  /// Makes everything that work of a size needs, which nobody counts, and returns the work.
  var prepare: (Int) -> () -> Figures

  /// The benchmark of a name.
  static func named(_ name: String) -> Benchmark? { all.first { $0.name == name } }

  /// Does the work a few times in this process and keeps the least CPU time.
  func measured(size: Int, times: Int) -> Measurement {
    var best = Measurement(name: name, size: size, cpuSeconds: .infinity, figures: [])
    for time in 0..<max(1, times) {
      let work = prepare(size)
      let before = Self.cpuSeconds()
      let figures = countedRegion(work)
      let spent = Self.cpuSeconds() - before
      best.cpuSeconds = min(best.cpuSeconds, spent)
      best.figures = figures
      // Later rounds find what the first has left behind.
      if time == 0 { best.peakKilobytes = Self.peakKilobytes() }
    }
    return best
  }

  private static func cpuSeconds() -> Double {
    var now = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now)
    return Double(now.tv_sec) + Double(now.tv_nsec) / 1e9
  }

  private static func peakKilobytes() -> Int {
    var usage = rusage()
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    return usage.ru_maxrss
  }
}

/// What valgrind counts: `check` names this function, and nothing outside it is counted.
@inline(never)
func countedRegion(_ work: () -> Figures) -> Figures { work() }

/// What a benchmark took.
struct Measurement {
  var name: String
  var size: Int
  /// CPU-seconds of the process while it did the work, start and preparation left out.
  var cpuSeconds: Double
  /// The most memory the process has had, start and preparation included.
  var peakKilobytes = 0
  var figures: Figures

  /// One flat object on one line.
  var json: String {
    var text = "{\"name\": \"\(name)\", \"size\": \(size), \"cpuSeconds\": \(cpuSeconds)"
    for figure in figures { text += ", \"\(figure.name)\": \(figure.value)" }
    return text + ", \"peakKilobytes\": \(peakKilobytes)}"
  }

  init(name: String, size: Int, cpuSeconds: Double, figures: Figures) {
    self.name = name
    self.size = size
    self.cpuSeconds = cpuSeconds
    self.figures = figures
  }

  /// Reads what `json` has written, nil when it is something else.
  init?(json: String) {
    var entries: [(key: String, value: String)] = []
    for entry in json.split(separator: ",") {
      let words = entry.split { "{}\": \n".contains($0) }
      guard words.count == 2 else { return nil }
      entries.append((String(words[0]), String(words[1])))
    }
    guard entries.count >= 4, let size = Int(entries[1].value),
      let seconds = Double(entries[2].value), let last = entries.last, let peak = Int(last.value)
    else { return nil }
    let figures = entries[3..<(entries.count - 1)].compactMap { entry in
      Int64(entry.value).map { (name: entry.key, value: $0) }
    }
    self.init(name: entries[0].value, size: size, cpuSeconds: seconds, figures: figures)
    peakKilobytes = peak
  }
}
