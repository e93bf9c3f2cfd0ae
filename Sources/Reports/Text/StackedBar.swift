import Serving

/// A bar of characters, split in proportion; every bar of a chart shares one scale.
struct StackedBar {
  /// Cells of the longest bar where there is room for it.
  static let mostCells = 60

  /// Seconds that one cell stands for.
  let secondsPerCell: Double

  /// A scale on which the longest total fills all cells.
  init(longestSeconds: Double, cells: Int = mostCells) {
    secondsPerCell = longestSeconds / Double(cells)
  }

  /// How many cells each part gets: the rounded total, at least one where there is anything, dealt out
  /// by largest remainder, so that a bar of one cell shows its largest part.
  func lengths(_ seconds: [Double]) -> [Int] {
    let total = seconds.reduce(0, +)
    guard secondsPerCell > 0, total > 0 else { return seconds.map { _ in 0 } }
    let cells = max(1, Int((total / secondsPerCell).rounded(.toNearestOrAwayFromZero)))
    let exact = seconds.map { $0 / total * Double(cells) }
    var lengths = exact.map { Int($0) }
    let byRemainder = exact.indices.sorted {
      (Double(lengths[$0]) - exact[$0], $0) < (Double(lengths[$1]) - exact[$1], $1)
    }
    for part in byRemainder.prefix(max(0, cells - lengths.reduce(0, +))) { lengths[part] += 1 }
    return lengths
  }

  /// The bar of compute, communication and queuing in that order.
  func text(_ seconds: [(component: LatencyComponent, seconds: Double)], style: TextStyle)
    -> String
  {
    zip(seconds, lengths(seconds.map(\.seconds))).map { part, length in
      Self.run(of: length, part.component, style)
    }.joined()
  }

  /// The legend: each component's glyph and its name.
  static func legend(_ style: TextStyle) -> String {
    LatencyComponent.allCases.map { run(of: 1, $0, style) + " " + $0.rawValue }
      .joined(separator: "   ")
  }

  private static func run(
    of length: Int, _ component: LatencyComponent, _ style: TextStyle
  ) -> String {
    guard length > 0 else { return "" }
    let cells = String(repeating: glyph(component, style), count: length)
    // Blue, yellow and magenta differ for every common colour vision; the glyphs differ as well.
    return style.usesColor ? "\u{1b}[\(color(component))m\(cells)\u{1b}[0m" : cells
  }

  private static func glyph(_ component: LatencyComponent, _ style: TextStyle) -> Character {
    switch component {
    case .compute: style.usesUnicode ? "█" : "#"
    case .communication: style.usesUnicode ? "▒" : "="
    case .queuing: style.usesUnicode ? "·" : "."
    }
  }

  private static func color(_ component: LatencyComponent) -> Int {
    switch component {
    case .compute: 34
    case .communication: 33
    case .queuing: 35
    }
  }
}
