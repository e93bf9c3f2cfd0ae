import Foundation
import Testing

/// A table of a page of the documentation, cell by cell.
struct PageTable {
  /// The cells of the first row, and those of all rows below the line.
  var header: [String]
  var rows: [[String]]

  /// The table of a page whose header has these cells first.
  init(_ page: String, header: [String]) throws {
    let text = try String(contentsOfFile: Program.root + "docs/\(page)", encoding: .utf8)
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(Self.cells)
    let first = try #require(
      lines.firstIndex { $0.starts(with: header) }, "docs/\(page) has no table \(header)")
    self.header = lines[first]
    rows = Array(lines[(first + 2)...].prefix { !$0.isEmpty })
    let width = lines[first].count
    try #require(!rows.isEmpty && rows.allSatisfy { $0.count == width }, "\(page): \(header)")
  }

  /// The cells of a line without marks; none where it is no row of a table.
  private static func cells(_ line: Substring) -> [String] {
    guard line.hasPrefix("|") else { return [] }
    return line.dropFirst().dropLast().split(separator: "|", omittingEmptySubsequences: false).map {
      $0.replacing("`", with: "").trimmingCharacters(in: .whitespaces)
    }
  }
}

/// A figure as a page states it: `1.99 s`, `345 ms`, `98.62 %`, `1,010`.
struct StatedFigure: CustomStringConvertible {
  var description: String
  /// In seconds, shares or as it stands.
  var value: Double
  /// What one in its last place is worth.
  var place: Double

  /// Reads a cell; nil when it is no figure.
  init?(_ cell: String) {
    guard
      let match = cell.wholeMatch(of: /([0-9][0-9,]*)(?:\.([0-9]+))?(?: (s|ms|µs|%))?/),
      let number = Double(
        match.1.replacing(",", with: "") + (match.2.map { ".\($0)" } ?? ""))
    else { return nil }
    let units = ["s": 1, "ms": 1e-3, "µs": 1e-6, "%": 1e-2]
    let unit = match.3.flatMap { units[String($0)] } ?? 1
    description = cell
    value = number * unit
    place = unit * pow(10, -Double(match.2?.count ?? 0))
  }

  /// Whether a value, rounded as this one is, is stated.
  func states(_ value: Double) -> Bool { abs(value - self.value) <= 0.5 * place * (1 + 1e-9) }
}

/// Expects a cell to state a value.
func expectStated(_ cell: String, _ value: Double?, _ what: String) throws {
  let value = try #require(value, "\(what): the run has no value")
  let stated = try #require(StatedFigure(cell), "\(what): '\(cell)' is no figure")
  #expect(stated.states(value), "\(what): \(value), the page says \(stated)")
}
