import Glibc

/// One row: a benchmark of a size, measured here, beside the peers.
struct TableRow {
  var benchmark: Benchmark
  var measurement: Measurement
  /// As the thresholds file has them; nil when it has none of this size.
  var count: Count?

  /// The cells, in the order of `Table.headings`.
  var cells: [String] {
    [
      benchmark.name, benchmark.summary, "\(grouped(measurement.size)) \(benchmark.unit)",
      significant(measurement.cpuSeconds), perUnit,
      count.map { grouped($0.instructions) } ?? "–", count.map { grouped($0.allocations) } ?? "–",
      fixed(Double(measurement.peakKilobytes) / 1_000, 0), peers, target,
    ]
  }

  private var perUnit: String {
    let nanoseconds = measurement.cpuSeconds / Double(measurement.size) * 1e9
    return nanoseconds < 1_000
      ? significant(nanoseconds) + " ns" : significant(nanoseconds / 1e3) + " µs"
  }

  private var peers: String {
    let cells = PeerFigure.all.filter { isMeant($0.name, $0.size) }.map { figure in
      let seconds =
        figure.cpuSeconds == figure.cpuSeconds.rounded()
        ? fixed(figure.cpuSeconds, 0) : fixed(figure.cpuSeconds, figure.cpuSeconds < 5 ? 2 : 1)
      return "\(figure.peer) \(seconds) (\(factor(figure)) ×)"
    }
    return cells.isEmpty ? "–" : cells.joined(separator: ", ")
  }

  private func factor(_ figure: PeerFigure) -> String {
    let factor = figure.cpuSeconds / measurement.cpuSeconds
    return fixed(factor, factor < 10 ? 1 : 0)
  }

  private var target: String {
    guard let target = Target.all.first(where: { isMeant($0.name, $0.size) }) else { return "–" }
    var text = "≤ \(fixed(target.cpuSeconds, target.cpuSeconds < 1 ? 2 : 0)) s"
    var isMet = measurement.cpuSeconds <= target.cpuSeconds
    if let megabytes = target.peakMegabytes {
      text += ", ≤ \(megabytes) MB"
      isMet = isMet && measurement.peakKilobytes <= megabytes * 1_000
    }
    return text + (isMet ? ": met" : ": missed")
  }

  private func isMeant(_ name: String, _ size: Int) -> Bool {
    name == measurement.name && size == measurement.size
  }

  /// The measurement as an object, with counts, peers and target where there are any.
  var json: String {
    var text = String(measurement.json.dropLast())
    if let count {
      text += ", \"instructions\": \(count.instructions), \"allocations\": \(count.allocations)"
    }
    let peers = PeerFigure.all.filter { isMeant($0.name, $0.size) }
    if !peers.isEmpty {
      let figures = peers.map { "\"\($0.peer)\": \($0.cpuSeconds)" }.joined(separator: ", ")
      text += ", \"peerCPUSeconds\": {\(figures)}"
    }
    if let target = Target.all.first(where: { isMeant($0.name, $0.size) }) {
      text += ", \"targetCPUSeconds\": \(target.cpuSeconds)"
    }
    return text + "}"
  }
}

/// The table of all benchmarks beside the peers' figures.
enum Table {
  static let headings = [
    "work", "what", "size", "CPU-s", "each", "instructions", "allocations", "peak MB",
    "peers' CPU-s (times ours)", "target",
  ]
  /// Columns of numbers, which stand on the right.
  private static let numbers = 2...7
  /// How often each is run; the fastest counts.
  private static let rounds = 3

  /// Measures benchmarks one after another; each has a process of its own.
  static func measure(_ benchmarks: [Benchmark], thresholds: Thresholds?) throws -> [TableRow] {
    var rows: [TableRow] = []
    for benchmark in benchmarks {
      for size in benchmark.tableSizes {
        let measurement = try MeasuringProcess.run(benchmark.name, size: size, times: rounds)
        let count = thresholds?.counts[Thresholds.Key(name: benchmark.name, size: size)]
        rows.append(TableRow(benchmark: benchmark, measurement: measurement, count: count))
      }
    }
    return rows
  }

  /// A Markdown table whose columns line up.
  static func text(_ rows: [TableRow]) -> String {
    let lines = [headings] + rows.map(\.cells)
    let widths = headings.indices.map { column in lines.map { $0[column].count }.max() ?? 0 }
    var text = ""
    for (number, line) in lines.enumerated() {
      let cells = line.indices.map {
        padded(line[$0], to: widths[$0], right: numbers.contains($0))
      }
      text += "| " + cells.joined(separator: " | ") + " |\n"
      if number > 0 { continue }
      let rules = widths.enumerated().map { column, width in
        numbers.contains(column)
          ? String(repeating: "-", count: width - 1) + ":" : String(repeating: "-", count: width)
      }
      text += "| " + rules.joined(separator: " | ") + " |\n"
    }
    return text
  }
}
