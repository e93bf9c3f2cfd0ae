import Foundation
import Hardware
import Testing

@Suite("The document about hardware")
struct HardwareDocumentTests {
  private func document() throws -> String {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    return try String(contentsOf: root.appending(path: "docs/hardware.md"), encoding: .utf8)
  }

  /// A device's row as the document has it.
  private func row(_ device: GPUSpecification) throws -> String {
    func text(_ figure: DeviceFigure) -> String {
      (device.text(of: figure) ?? "–").replacing(" dense", with: "")
        .replacing(" per direction", with: "").replacing(" TFLOP/s", with: "")
    }
    let link = device.nvlinkTopology == .none ? text(.pcie) : "NVLink " + text(.nvlink)
    let price = text(.price).replacing(" an hour", with: "")
    let cells = [
      "`\(device.name)`", text(.memory), text(.peak), text(.peakFP8), text(.memoryBandwidth),
      link, "\(price), \(try #require(device.price.date))",
      device.relative.map { "`\($0)`" } ?? "itself",
    ]
    return "| " + cells.joined(separator: " | ") + " |"
  }

  @Test("docs/hardware.md has a row for each device, with the catalogue's own figures")
  func table() throws {
    let lines = try document().split(separator: "\n").map(String.init)
    let rows = lines.filter { $0.hasPrefix("| `") && $0.contains(" MiB ") }
    let expected = try HardwareCatalogue.gpus.map(row)
    #expect(rows == expected, "\(expected.joined(separator: "\n"))")
  }

  @Test("docs/hardware.md explains every origin of a figure")
  func origins() throws {
    let text = try document()
    for origin in FigureOrigin.allCases {
      #expect(text.contains("| `\(origin.rawValue)` |"), "\(origin.rawValue)")
    }
  }
}
