public import Calibration

/// Predicted over measured times of one operator on one GPU, both axes logarithmic.
public struct FidelityPlot: Sendable {
  /// The picture's file name, such as `gemm-h100-sxm.svg`.
  public let fileName: String
  /// What it shows, such as `GEMM on h100-sxm`.
  public let title: String
  private let rows: [FidelityRow]

  /// Points drawn at most; more lie on one another.
  private static let mostPoints = 2_400

  /// The plots of a report: one for each operator and GPU, all collectives together.
  public static func all(_ report: FidelityReport) -> [FidelityPlot] {
    var plots: [(name: String, gpu: String, rows: [FidelityRow])] = []
    for group in report.groups {
      let operation = group.key.operation
      let name = operation.isCollective ? "collectives" : operation.rawValue
      let rows = group.rows.map(\.row)
      if let place = plots.firstIndex(where: { $0.name == name && $0.gpu == group.key.gpu }) {
        plots[place].rows += rows
      } else {
        plots.append((name, group.key.gpu, rows))
      }
    }
    return plots.map { FidelityPlot($0.name, gpu: $0.gpu, rows: $0.rows) }
  }

  private init(_ name: String, gpu: String, rows: [FidelityRow]) {
    let word = String(name.lowercased().map { $0 == " " || $0 == "/" ? "-" : $0 })
    fileName = "\(word)-\(gpu).svg"
    title = "\(name) on \(gpu)"
    self.rows = rows
  }

  private static let width = 460.0
  private static let height = 440.0
  private static let left = 70.0
  private static let bottom = 390.0
  private static let length = 350.0

  /// The picture as a file of its own.
  public var svg: String {
    let times = rows.flatMap { [$0.comparison.measured, $0.comparison.predicted] }.map { $0 / 1e9 }
    let across = ChartScale.logarithmic(times, from: Self.left, length: Self.length)
    let up = ChartScale.logarithmic(times, from: Self.bottom, length: -Self.length)
    var parts: [String] = []
    for tick in across.ticks {
      let (x, y) = (across.place(tick.value), up.place(tick.value))
      let top = Self.bottom - Self.length
      parts.append(path([(x, Self.bottom), (x, top)], "grid"))
      parts.append(path([(Self.left, y), (Self.left + Self.length, y)], "grid"))
      parts.append(label(x, Self.bottom + 18, tick.text, "middle"))
      parts.append(label(Self.left - 6, y + 4, tick.text, "end"))
    }
    let ends = (across.ticks.first?.value ?? 0, across.ticks.last?.value ?? 1)
    for (factor, style) in [(1.0, "equal"), (1.1, "near"), (1 / 1.1, "near")] {
      let (from, to) = (max(ends.0, ends.0 / factor), min(ends.1, ends.1 / factor))
      parts.append(
        path(
          [(from, from * factor), (to, to * factor)].map { (across.place($0.0), up.place($0.1)) },
          style))
    }
    parts.append(points(across, up, isHeldOut: false))
    parts.append(points(across, up, isHeldOut: true))
    parts.append(label(Self.left, 22, title, "start", style: "title"))
    parts.append(label(Self.left + Self.length / 2, Self.height - 12, "measured", "middle"))
    parts += legend
    parts.append(
      "<text transform=\"translate(14 \(Markup.coordinate(Self.bottom - Self.length / 2))) "
        + "rotate(-90)\" text-anchor=\"middle\">predicted</text>")
    return document(parts)
  }

  /// What the colours mean, in the corner below the line.
  private var legend: [String] {
    let (x, y) = (Self.left + Self.length - 92, Self.bottom - 30)
    return [("held", "held out"), ("fit", "fit half")].enumerated().flatMap { index, item in
      let line = y + Double(index) * 18
      return [
        "<path class=\"\(item.0) key\" d=\"M\(Markup.coordinate(x)) \(Markup.coordinate(line - 4))h0\"/>",
        label(x + 10, line, item.1, "start"),
      ]
    }
  }

  private func document(_ parts: [String]) -> String {
    let (width, height) = (Markup.coordinate(Self.width), Markup.coordinate(Self.height))
    let text =
      "\(FixedPoint.grouped(Int64(rows.count))) rows; orange: shapes that no fit saw, blue: the others; "
      + "the line is where both are equal, dashed 10 % above and below."
    return
      "<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" viewBox=\"0 0 \(width) \(height)\" "
      + "width=\"\(width)\" height=\"\(height)\">\n"
      + "<title>\(Markup.escaped(title)): predicted over measured</title>\n"
      + "<desc>\(Markup.escaped(text))</desc>\n<style>\(Self.style)</style>\n"
      + "<rect width=\"100%\" height=\"100%\" class=\"page\"/>\n"
      + parts.joined(separator: "\n") + "\n</svg>\n"
  }

  private static let style =
    "text{font:12px sans-serif;fill:#333}.title{font:bold 14px sans-serif}.page{fill:#fff}"
    + "path{fill:none}.grid{stroke:#ddd}.equal{stroke:#333}"
    + ".near{stroke:#888;stroke-dasharray:4 3}"
    + ".fit,.held{stroke-width:2.6;stroke-linecap:round;stroke-opacity:.55}"
    + ".fit{stroke:#1d5fa8}.held{stroke:#d9730d}.key{stroke-width:8;stroke-opacity:1}"

  /// Rows evenly out of all, each place of half a pixel once.
  private func points(_ across: ChartScale, _ up: ChartScale, isHeldOut: Bool) -> String {
    let all = rows.filter { $0.comparison.isHeldOut == isHeldOut }.map(\.comparison)
    let most = Self.mostPoints / 2
    let drawn = all.count <= most ? all : (0..<most).map { all[$0 * all.count / most] }
    var places: Set<[Double]> = []
    var text = ""
    for row in drawn {
      let place = [across.place(row.measured / 1e9), up.place(row.predicted / 1e9)].map {
        ($0 * 2).rounded() / 2
      }
      guard places.insert(place).inserted else { continue }
      text += "M\(Markup.coordinate(place[0])) \(Markup.coordinate(place[1]))h0"
    }
    return "<path class=\"\(isHeldOut ? "held" : "fit")\" d=\"\(text)\"/>"
  }

  private func path(_ places: [(Double, Double)], _ style: String) -> String {
    let text = places.map { "\(Markup.coordinate($0.0)) \(Markup.coordinate($0.1))" }
      .joined(separator: "L")
    return "<path class=\"\(style)\" d=\"M\(text)\"/>"
  }

  private func label(
    _ x: Double, _ y: Double, _ text: String, _ anchor: String, style: String? = nil
  ) -> String {
    let name = style.map { " class=\"\($0)\"" } ?? ""
    return "<text x=\"\(Markup.coordinate(x))\" y=\"\(Markup.coordinate(y))\" "
      + "text-anchor=\"\(anchor)\"\(name)>\(Markup.escaped(text))</text>"
  }
}
