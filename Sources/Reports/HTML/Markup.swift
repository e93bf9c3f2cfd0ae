/// Pieces of HTML and SVG text.
enum Markup {
  /// Text that can stand in an element or a quoted attribute.
  static func escaped(_ text: String) -> String {
    var escaped = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": escaped += "&amp;"
      case "<": escaped += "&lt;"
      case ">": escaped += "&gt;"
      case "\"": escaped += "&quot;"
      case "'": escaped += "&#39;"
      // Control characters are not allowed in HTML at all.
      case ..<" " where scalar != "\n" && scalar != "\t": escaped += "\u{fffd}"
      default: escaped.unicodeScalars.append(scalar)
      }
    }
    return escaped
  }

  /// An element around content that is markup already.
  static func element(_ name: String, _ attributes: String = "", _ content: String) -> String {
    "<\(name)\(attributes.isEmpty ? "" : " " + attributes)>\(content)</\(name)>"
  }

  /// A paragraph of text; numbers keep their units.
  static func paragraph(_ text: String, _ attributes: String = "") -> String {
    element("p", attributes, escaped(WrappedText.withUnits(text))) + "\n"
  }

  /// A coordinate with one decimal, without grouping.
  static func coordinate(_ value: Double) -> String {
    let tenths = Int64((value * 10).rounded(.toNearestOrAwayFromZero))
    let sign = tenths < 0 ? "-" : ""
    let (whole, rest) = tenths.magnitude.quotientAndRemainder(dividingBy: 10)
    return rest == 0 ? "\(sign)\(whole)" : "\(sign)\(whole).\(rest)"
  }
}

/// Shapes of one picture, in the order in which they are painted.
struct SVGCanvas {
  private var shapes: [String] = []

  /// A rectangle; a title shows when one points at it.
  mutating func rectangle(
    _ x: Double, _ y: Double, _ width: Double, _ height: Double, _ style: String,
    title: String? = nil
  ) {
    let position = "x=\"\(Markup.coordinate(x))\" y=\"\(Markup.coordinate(y))\""
    let size = "width=\"\(Markup.coordinate(width))\" height=\"\(Markup.coordinate(height))\""
    let content = title.map { Markup.element("title", "", Markup.escaped($0)) } ?? ""
    shapes.append(Markup.element("rect", "\(position) \(size) class=\"\(style)\"", content))
  }

  /// A straight line.
  mutating func line(_ x: Double, _ y: Double, _ toX: Double, _ toY: Double, _ style: String) {
    let from = "x1=\"\(Markup.coordinate(x))\" y1=\"\(Markup.coordinate(y))\""
    let to = "x2=\"\(Markup.coordinate(toX))\" y2=\"\(Markup.coordinate(toY))\""
    shapes.append("<line \(from) \(to) class=\"\(style)\"/>")
  }

  /// A disc.
  mutating func circle(_ x: Double, _ y: Double, radius: Double, _ style: String) {
    shapes.append(
      "<circle cx=\"\(Markup.coordinate(x))\" cy=\"\(Markup.coordinate(y))\" "
        + "r=\"\(Markup.coordinate(radius))\" class=\"\(style)\"/>")
  }

  /// A square on its corner.
  mutating func diamond(_ x: Double, _ y: Double, radius: Double, _ style: String) {
    let corners = [(x, y - radius), (x + radius, y), (x, y + radius), (x - radius, y)]
    let points = corners.map { "\(Markup.coordinate($0.0)),\(Markup.coordinate($0.1))" }
    shapes.append(
      "<polygon points=\"\(points.joined(separator: " "))\" class=\"\(style)\"/>")
  }

  /// Text at its baseline; the anchor is `start`, `middle` or `end`.
  mutating func text(
    _ x: Double, _ y: Double, _ text: String, _ style: String, anchor: String = "start"
  ) {
    shapes.append(
      "<text x=\"\(Markup.coordinate(x))\" y=\"\(Markup.coordinate(y))\" "
        + "text-anchor=\"\(anchor)\" class=\"\(style)\">\(Markup.escaped(text))</text>")
  }

  /// The picture with its name and description for who cannot see it.
  func picture(
    width: Double, height: Double, id: String, title: String, description: String
  ) -> String {
    let box = "viewBox=\"0 0 \(Markup.coordinate(width)) \(Markup.coordinate(height))\""
    let names = "aria-labelledby=\"\(id)-t \(id)-d\""
    return "<svg role=\"img\" \(box) \(names)>\n"
      + "<title id=\"\(id)-t\">\(Markup.escaped(title))</title>"
      + "<desc id=\"\(id)-d\">\(Markup.escaped(description))</desc>\n"
      + shapes.joined(separator: "\n") + "\n</svg>\n"
  }

  /// About how wide a text is at a font size, in the same unit.
  static func width(of text: String, fontSize: Double) -> Double {
    0.6 * fontSize * Double(text.count)
  }
}
