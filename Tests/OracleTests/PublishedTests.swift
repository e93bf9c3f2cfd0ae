import Foundation
import Testing

/// Every line of the tables in docs/published.md whose verdict is a word, run again.
@Suite("Results that others published")
struct PublishedTests {
  static let results =
    PublishedResult.makers + PublishedResult.papers + PublishedResult.coldStarts
    + PublishedResult.fleets + PublishedResult.hydraServe
  static let orders = PublishedOrder.hydraServe
  static let scenarios = Set(results.map(\.scenario)).sorted()

  @Test(
    "A published scenario gives the figures that the docs state, where and in the order they say",
    arguments: scenarios)
  func figures(_ name: String) throws {
    let runs = PublishedRuns(name)
    for result in Self.results where result.scenario == name {
      let value = try result.figure(runs)
      #expect(
        abs(value / result.simulated - 1) < 0.02,
        "\(result.measured): \(value), stated \(result.simulated)")
      if result.verdict != .notComparable {
        #expect(
          result.isInside(value) == (result.verdict == .inside),
          "\(result.measured): \(value), published \(result.published)")
      }
    }
    for order in Self.orders where order.scenario == name {
      let values = try order.figures.map { try $0(runs) }
      #expect(zip(values, values.dropFirst()).allSatisfy { $0 < $1 }, "\(order.what): \(values)")
    }
  }

  @Test("The docs state each figure, its class and its verdict, and no others")
  func docs() throws {
    let page = try String(
      contentsOf: repositoryRoot.appending(path: "docs/published.md"), encoding: .utf8)
    var lines = page.split(separator: "\n").map(cells).filter { $0.count == 6 }
      .filter { ["inside", "outside", "not comparable"].contains($0[5]) }
    for result in Self.results {
      let line = try #require(
        lines.firstIndex {
          $0[0] == "`\(result.scenario)`" && $0[1].hasPrefix(result.measured)
        }, "no line for \(result.scenario): \(result.measured)")
      let cells = lines.remove(at: line)
      #expect(number(cells[2]) == result.published, "\(cells)")
      #expect(cells[3] == result.tolerance.rawValue, "\(cells)")
      #expect(number(cells[4]) == result.simulated, "\(cells)")
      #expect(cells[5] == result.verdict.rawValue, "\(cells)")
    }
    #expect(lines.isEmpty, "nothing computes \(lines)")
  }

  private func cells(_ line: Substring) -> [String] {
    line.hasPrefix("|")
      ? line.dropFirst().dropLast().split(separator: "|").map {
        $0.trimmingCharacters(in: .whitespaces)
      } : []
  }

  /// The first number of a cell: `about 1,678 tokens/s`, `−31.8 %`.
  private func number(_ cell: String) -> Double? {
    guard let match = cell.firstMatch(of: /([−-]?)([0-9][0-9,]*(?:\.[0-9]+)?)/) else { return nil }
    let size = Double(match.2.replacing(",", with: ""))
    return size.map { match.1.isEmpty ? $0 : -$0 }
  }
}
