/// How text for a terminal is drawn.
public struct TextStyle: Sendable, Hashable {
  /// Whether bars, rules and dashes may use characters beyond ASCII.
  public var usesUnicode: Bool
  /// Whether bars may use ANSI colours.
  public var usesColor: Bool
  /// The most columns of a line.
  public var width: Int

  /// Unicode without colours in 100 columns: what a pipe gets.
  public init(usesUnicode: Bool = true, usesColor: Bool = false, width: Int = 100) {
    self.usesUnicode = usesUnicode
    self.usesColor = usesColor
    self.width = max(60, width)
  }

  /// Stands for a quantile among missed requests.
  var missing: String { usesUnicode ? "–" : "-" }

  /// Text that this style can show: character by character in ASCII where it must be, so that
  /// columns stay aligned.
  func plain(_ text: String) -> String {
    guard !usesUnicode else { return text }
    var shown = ""
    for character in text {
      switch character {
      case "–", "—", "−": shown += "-"
      case "·", "•": shown += "*"
      case "×": shown += "x"
      case "µ": shown += "u"
      default: shown.append(character.isASCII ? character : "?")
      }
    }
    return shown
  }
}

/// Breaking sentences into lines.
enum WrappedText {
  private static let units = ["s", "ms", "µs", "ns", "min", "h", "%", "points", "USD"]

  /// Words filled into lines of at most `width` characters; a number keeps its unit.
  ///
  /// - Parameters:
  ///   - text: The words.
  ///   - width: The most characters of a line.
  ///   - first: Stands before the first line.
  ///   - indent: Stands before the later lines.
  /// - Returns: The lines.
  static func lines(
    _ text: String, width: Int, first: String = "", indent: String = ""
  ) -> [String] {
    var lines: [String] = []
    var line = first
    var isEmpty = true
    for word in words(text) {
      if !isEmpty, line.count + 1 + word.count > width {
        lines.append(line)
        line = indent
        isEmpty = true
      }
      line += (isEmpty ? "" : " ") + word
      isEmpty = false
      // Only a name can be longer than a line.
      while line.count > width, indent.count < width {
        lines.append(String(line.prefix(width)))
        line = indent + line.dropFirst(width)
      }
    }
    if !isEmpty { lines.append(line) }
    return lines
  }

  /// The same text on one line, with spaces between numbers and units that do not break.
  static func withUnits(_ text: String) -> String {
    words(text, joint: "\u{a0}").joined(separator: " ")
  }

  /// The words, each number together with the unit that follows it.
  private static func words(_ text: String, joint: String = " ") -> [String] {
    var words: [String] = []
    for word in text.split(separator: " ") {
      let bare = word.prefix { !",.;:)".contains($0) }
      if units.contains(String(bare)), let last = words.last, last.last?.isNumber == true {
        words[words.count - 1] = last + joint + word
      } else {
        words.append(String(word))
      }
    }
    return words
  }
}

extension String {
  /// With spaces at which no line is broken.
  var unbroken: String { split(separator: " ").joined(separator: "\u{a0}") }

  /// Filled with spaces on the right up to a width.
  func padded(to width: Int) -> String {
    self + String(repeating: " ", count: Swift.max(0, width - count))
  }

  /// Filled with spaces on the left up to a width.
  func rightAligned(to width: Int) -> String {
    String(repeating: " ", count: Swift.max(0, width - count)) + self
  }

  /// Cut to a width, the cut shown.
  func clipped(to width: Int) -> String {
    count <= width ? self : String(prefix(Swift.max(0, width - 1))) + "~"
  }
}
