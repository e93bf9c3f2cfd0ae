/// Rows of cells in aligned columns: the first to the left, the others to the right.
struct TextTable {
  private var rows: [[String]] = []
  /// Spaces between columns.
  let gap: Int

  init(gap: Int = 2) { self.gap = gap }

  /// Adds a row; all rows have as many cells.
  mutating func add(_ cells: [String]) { rows.append(cells) }

  /// The lines, no wider than `width`: first the first column is clipped, down to eight characters;
  /// if that is not enough, the columns that do not fit follow below, after the first again.
  func lines(width: Int) -> [String] {
    guard let columns = rows.map(\.count).max(), columns > 0 else { return [] }
    let widths = (0..<columns).map { column in
      rows.map { column < $0.count ? $0[column].count : 0 }.max() ?? 0
    }
    var lines: [String] = []
    var next = 1
    repeat {
      let begin = next
      var used = min(8, widths[0])
      while next < columns, next == begin || used + gap + widths[next] <= width {
        used += gap + widths[next]
        next += 1
      }
      let first = max(1, min(widths[0], min(8, widths[0]) + width - used))
      lines += block(begin..<next, first: first, widths)
    } while next < columns
    return lines
  }

  private func block(_ columns: Range<Int>, first: Int, _ widths: [Int]) -> [String] {
    rows.map { row in
      var line = (row.first ?? "").clipped(to: first).padded(to: first)
      for column in columns where column < row.count {
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
