/// Rows of cells in aligned columns: the first to the left, the others to the right.
struct TextTable {
  private var rows: [[String]] = []
  /// Spaces between columns.
  let gap: Int

  init(gap: Int = 2) { self.gap = gap }

  /// Adds a row; all rows have as many cells.
  mutating func add(_ cells: [String]) { rows.append(cells) }

  /// The lines, no wider than `width` if clipping the first column can achieve it.
  func lines(width: Int) -> [String] {
    guard let columns = rows.map(\.count).max(), columns > 0 else { return [] }
    var widths = (0..<columns).map { column in
      rows.map { column < $0.count ? $0[column].count : 0 }.max() ?? 0
    }
    let total = widths.reduce(0, +) + gap * (columns - 1)
    if total > width { widths[0] = max(8, widths[0] - (total - width)) }
    return rows.map { row in
      var line = (row.first ?? "").clipped(to: widths[0]).padded(to: widths[0])
      for column in 1..<max(1, row.count) {
        line += String(repeating: " ", count: gap) + row[column].rightAligned(to: widths[column])
      }
      return line.trimmingTrailingSpaces()
    }
  }
}

extension String {
  /// Without spaces at its end.
  func trimmingTrailingSpaces() -> String {
    var end = endIndex
    while end > startIndex, self[index(before: end)] == " " { end = index(before: end) }
    return String(self[..<end])
  }
}
