import EventKernel
import Glibc
import Serving

/// One thing to measure, of a size.
struct Benchmark {
  var name: String
  var size: Int
  /// Does the work; returns figures that repeat exactly.
  var body: () -> [(name: String, value: Int64)]

  static let names = "hold, mm1, a, a-overload, a-open, b, e, f"

  /// What a plain `simpp-bench` measures.
  static var standard: [Benchmark] {
    [
      hold(pending: 1_000), hold(pending: 1_000_000), mm1(requests: 200_000),
      peer(.a, requests: 10_000), peer(.a, requests: 50_000),
    ]
  }

  static func named(_ name: String, size: Int) -> Benchmark? {
    switch name {
    case "hold": hold(pending: max(1, size))
    case "mm1": mm1(requests: max(1, size))
    case "a": peer(.a, requests: max(1, size))
    case "b": peer(.b, requests: max(1, size))
    case "e": peer(.e, requests: max(1, size))
    case "f": peer(.f, requests: max(1, size))
    case "a-overload": peer(.a, requests: max(1, size), name: name, rate: 32)
    case "a-open": peer(.a, requests: max(1, size), name: name, blocks: 100_000_000)
    default: nil
    }
  }

  /// Runs it once and takes the process's CPU time.
  func measured() -> Measurement {
    let before = Self.cpuSeconds()
    let figures = body()
    return Measurement(
      name: name, size: size, cpuSeconds: Self.cpuSeconds() - before, figures: figures)
  }

  private static func cpuSeconds() -> Double {
    var now = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now)
    return Double(now.tv_sec) + Double(now.tv_nsec) / 1e9
  }
}

/// What a benchmark took.
struct Measurement {
  var name: String
  var size: Int
  var cpuSeconds: Double
  var figures: [(name: String, value: Int64)]

  var json: String {
    var text = "{\"name\": \"\(name)\", \"size\": \(size), \"cpuSeconds\": \(cpuSeconds)"
    for figure in figures { text += ", \"\(figure.name)\": \(figure.value)" }
    var usage = rusage()
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    return text + ", \"peakKilobytes\": \(usage.ru_maxrss)}"
  }
}

extension Benchmark {
  /// The hold model: pop one event, push one, exponential increments, `pending` events in the queue.
  static func hold(pending: Int) -> Benchmark {
    Benchmark(name: "hold", size: pending) {
      let stream = RandomStream(seed: 1, name: "hold")
      let increments = (0..<4096).map { index in
        Nanoseconds(-1e9 * DeterministicMath.log(stream.uniform(at: UInt64(index))))
      }
      var queue = EventQueue()
      for index in 0..<pending {
        queue.push(UInt64(index), at: increments[index & 4095])
      }
      let operations = 5_000_000
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
