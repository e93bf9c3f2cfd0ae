/// What a comparison says: a line, and whether something is out of bounds.
struct Verdict: Equatable {
  var line: String
  var isFault = false

  /// How far above its threshold a count may lie.
  static let tolerance = 0.03
  /// Instructions for ten times the size over those for the size.
  static let growth = 8.5...10.8
  /// The most memory of 50,000 requests of workload A, in kilobytes.
  static let peakKilobytes = 120_000

  /// A count beside its threshold; a count well below it asks for a lower one.
  init(of count: Count, at key: Thresholds.Key, against threshold: Count?) {
    line = padded(key.name, to: 11) + padded(grouped(key.size), to: 10, right: true)
    var notes: [String] = []
    for (name, value, limit, width) in [
      ("instructions", count.instructions, threshold?.instructions, 16),
      ("allocations", count.allocations, threshold?.allocations, 10),
    ] {
      line += padded(grouped(value), to: width, right: true) + " " + name
      guard let limit else { continue }
      let change = Double(value - limit) / Double(max(1, limit))
      line += padded((change < 0 ? "" : "+") + fixed(change * 100, 2) + " %", to: 10, right: true)
      if change > Self.tolerance {
        notes.append("TOO MANY \(name)")
        isFault = true
      }
      if change < -Self.tolerance { notes.append("fewer \(name): lower the threshold") }
    }
    if threshold == nil {
      notes.append("NO threshold: --update adds it")
      isFault = true
    }
    line = ([line] + notes).joined(separator: "  ")
  }

  /// The counts of a size beside those of ten times the size.
  init(growthOf benchmark: Benchmark, from small: Count, to large: Count) {
    let ratio = Double(large.instructions) / Double(max(1, small.instructions))
    let more = large.allocations - small.allocations
    line = padded(benchmark.name, to: 11) + "ten times the \(benchmark.unit): "
    line += "\(fixed(ratio, 3)) times the instructions"
    if !Self.growth.contains(ratio) {
      line += ", NOT within \(Self.growth.lowerBound) and \(Self.growth.upperBound)"
      isFault = true
    }
    line += ", \(grouped(more)) allocations more"
    if let most = benchmark.moreAllocations, more > most {
      line += ", MORE than \(most)"
      isFault = true
    }
  }

  /// The memory that workload A has needed at 50,000 requests.
  init(peakKilobytes: Int) {
    line = "a 50,000: peak memory \(grouped(peakKilobytes)) kB"
    if peakKilobytes > Self.peakKilobytes {
      line += ", MORE than \(grouped(Self.peakKilobytes))"
      isFault = true
    }
  }
}
