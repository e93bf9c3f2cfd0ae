public import Hardware

/// Makes tables of collectives from measurements.
public enum CollectiveFit {
  /// Sizes that a table needs.
  public static let fewestSizes = 3
  /// Sizes that a table keeps; further ones of a measurement are left out evenly.
  public static let mostSizes = 16

  /// Tables of the measurements inside one node, one for each operation, implementation and number of
  /// GPUs.
  ///
  /// Sizes that lie closer than half an octave, as in noisy sweeps of hundreds, count as one: the
  /// median of their rates at the middle one.
  ///
  /// - Parameters:
  ///   - measurements: the rows; those across nodes are left out.
  ///   - link: the links that were in use.
  ///   - file: the file's base name, for faults.
  ///   - mostSizes: sizes that a table keeps at most.
  /// - Returns: the tables, by operation, implementation and ranks.
  /// - Throws: `TableFault` for an operation with fewer than `fewestSizes` sizes.
  public static func tables(
    _ measurements: [CollectiveMeasurement], link: LinkKind, file: String,
    mostSizes: Int = mostSizes
  ) throws(TableFault) -> [CollectiveTable] {
    var tables: [CollectiveTable] = []
    let inside = measurements.filter { $0.nodes == 1 }
    for operation in CollectiveOperation.allCases {
      for implementation in AllReduceImplementation.allCases {
        let rows = inside.filter {
          $0.operation == operation && $0.implementation == implementation
        }
        for ranks in Set(rows.map(\.ranks)).sorted() {
          let own = rows.filter { $0.ranks == ranks }
          let points = thinned(merged(own), to: mostSizes)
          guard points.count >= fewestSizes else {
            throw TableFault(
              file: file, line: own.first?.line,
              found: "\(points.count) sizes of \(operation.rawValue) over \(ranks) GPUs",
              needed: "at least \(fewestSizes), from kilobytes to hundreds of megabytes")
          }
          tables.append(
            CollectiveTable(
              link: link, operation: operation, implementation: implementation, ranks: ranks,
              bytes: points.map(\.bytes), nanoseconds: points.map(\.nanoseconds)))
        }
      }
    }
    return tables
  }

  /// The predicted time of a row inside a node, by the table of its operation, implementation and
  /// ranks; nil without one.
  public static func predicted(
    _ measurement: CollectiveMeasurement, _ tables: [CollectiveTable]
  ) -> Double? {
    guard measurement.nodes == 1 else { return nil }
    return tables.first {
      $0.operation == measurement.operation && $0.ranks == measurement.ranks
        && $0.implementation == measurement.implementation
    }?.nanoseconds(bytes: measurement.bytes)
  }

  private typealias Point = (bytes: Double, nanoseconds: Double)

  /// Sizes with their times, ascending; sizes closer than half an octave as one where most of them
  /// are that close.
  private static func merged(_ rows: [CollectiveMeasurement]) -> [Point] {
    let points = rows.map { Point($0.bytes, $0.nanoseconds) }.sorted { $0.bytes < $1.bytes }
    let near = zip(points, points.dropFirst()).count { $1.bytes < $0.bytes * 1.414 }
    guard near * 2 > points.count else { return points }
    var result: [Point] = []
    var group: [Point] = []
    for point in points {
      if let first = group.first, point.bytes >= first.bytes * 1.414 {
        result.append(median(group))
        group = []
      }
      group.append(point)
    }
    if !group.isEmpty { result.append(median(group)) }
    return result
  }

  /// The middle size of a group, at the median of the group's times per byte.
  private static func median(_ group: [Point]) -> Point {
    let middle = group[group.count / 2].bytes
    let rates = group.map { $0.nanoseconds / $0.bytes }.sorted()
    return (middle, rates[rates.count / 2] * middle)
  }

  /// At most `most` points: the first, the last, and evenly placed ones between.
  private static func thinned(_ points: [Point], to most: Int) -> [Point] {
    guard points.count > most, most > 1 else { return points }
    return (0..<most).map { points[$0 * (points.count - 1) / (most - 1)] }
  }
}
