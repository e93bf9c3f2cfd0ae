import JSON

/// The finite numbers that are legal.
struct NumberLimits: Sendable, Hashable {
  var low: Double
  var high: Double
  /// Whether `low` itself is too low, as zero is where a number divides.
  var excludesLow: Bool

  /// From `low` to `high`, both included.
  static func from(_ low: Double, to high: Double) -> NumberLimits {
    NumberLimits(low: low, high: high, excludesLow: false)
  }

  /// Above zero, at most `high`.
  static func positive(atMost high: Double) -> NumberLimits {
    NumberLimits(low: 0, high: high, excludesLow: true)
  }

  /// Whether a number is legal.
  func contains(_ number: Double) -> Bool {
    number.isFinite && number <= high && (excludesLow ? number > low : number >= low)
  }

  /// `from 0 to 1` or `above 0, at most 1,000`.
  func description(_ format: (Double) -> String) -> String {
    excludesLow
      ? "above \(format(low)), at most \(format(high))"
      : "from \(format(low)) to \(format(high))"
  }
}

/// A number for messages: whole ones with their digits in groups, small ones without an exponent.
func readable(_ number: Double) -> String {
  if let whole = Int64(exactly: number), whole.magnitude < 1 << 53 { return grouped(whole) }
  let parts = plain(number).split(separator: "e-")
  guard parts.count == 2, let places = Int(parts[1]), places < 20, !parts[0].contains(".") else {
    return plain(number)
  }
  return "0." + String(repeating: "0", count: places - 1) + parts[0]
}

/// A number of things: `1 GPU`, `1,024 GPUs`.
func counted(_ number: Int, _ thing: String) -> String {
  "\(grouped(number)) \(thing)" + (number == 1 ? "" : "s")
}

/// Upper limits that no scenario needs to pass; each keeps the arithmetic below it exact.
enum Limit {
  /// Longest time: a year and a day.
  static let time: Int64 = 366 * 86_400 * 1_000_000_000
  /// Most bytes per second of a link: 100 TB/s.
  static let bandwidth = 1e14
  /// Bytes per second that all cards below a leaf must stay under: 1 PB/s.
  static let leafBandwidth = 1e15
  /// Most bytes of a memory: 1 PB.
  static let bytes: Int64 = 1_000_000_000_000_000
  /// Fewest requests per second of a workload: one in 11 days.
  static let leastRate = 1e-6
  /// Most requests per second of a workload.
  static let rate = 1e6
  /// Most requests of a workload in one run.
  static let requests = 1e9
  /// Greatest coefficient of variation.
  static let cv = 100.0
  /// Most tokens of a prompt or an output.
  static let tokens = 10_000_000.0
  /// Most entries of a list of workloads, models, schedulers or nodes.
  static let list = 1_000
  /// Most models of a scenario, copies counted.
  static let models = 10_000
  /// Most nodes of a cluster.
  static let nodes = 100_000
  /// Most GPUs of a node: one rack of GB200 NVL72.
  static let gpusPerNode: Int64 = 72
  /// Most regions of a cluster.
  static let regions = 32
  /// Most instants of an arrival list.
  static let instants = 100_000
  /// Greatest factor of a rate.
  static let factor = 1e6
  /// Most changes of a rate in one run.
  static let rateChanges: Int64 = 10_000_000
  /// Longest time that may be drawn, in seconds: 127 years.
  static let longestDraw = 4e9
  /// Most values of a table of lengths.
  static let tableValues = 1_000_000
  /// Most samples of one run.
  static let samples: Int64 = 1_000_000
  /// Most demands of background tenants that a schedule brings.
  static let tenantDemands = 5_000_000
  /// Most parameters of a model: 100 trillion.
  static let parameters = 1e14
  /// Longest time that a cost model takes for one figure: 1,000 s.
  static let stepTime: Int64 = 1_000_000_000_000
}

/// Whether a key must be there, may be left out, or has a default.
enum Presence<Value> {
  case required
  case optional
  case standard(Value)
}
