import Calibration
import Foundation
import Reports
import Testing

#if canImport(FoundationXML)
  import FoundationXML
#endif

/// A row made up for a report.
private struct MadeUp: Calibration.Measurement {
  var line: Int
  var nanoseconds: Double
  var shape: String
  var sizeClass: String
  var isServingSize = true
  var label = "a <row> & \"its\" label"
}

@Suite("Texts, documents and pictures of predicted against measured")
struct FidelityReportTests {
  /// Two GEMM tables and one of collectives, 60 rows each; every third prediction is off by `error`.
  static func report(error: Double = 0.3) -> FidelityReport {
    func rows(_ operation: MeasuredOperator, _ variant: String, ranks: Int) -> [FidelityRow] {
      (0..<60).map { index in
        let time = 1_000 * Double(1 << (index % 20))
        let measured = MadeUp(
          line: index + 2, nanoseconds: time, shape: "\(index)",
          sizeClass: index < 30 ? "1–16 rows" : "above 4,096 rows")
        let predicted = time * (index.isMultiple(of: 3) ? 1 + error : 1)
        return FidelityRow(
          Comparison(measured, predicted: predicted), operation, variant: variant, ranks: ranks,
          roofline: time / 2)
      }
    }
    return FidelityReport(
      tables: [
        FidelityTable(
          name: "h100_sxm/a_very_long_name_of_a_folder/another_folder/gemm_vllm.csv",
          source: .aiconfigurator, gpu: "h100-sxm", rows: rows(.gemm, "bf16", ranks: 1),
          leftOut: [LeftOutRows(reason: "no law for the format nvfp4", count: 1_200)]),
        FidelityTable(
          name: "l40s/gemm.csv", source: .own, gpu: "l40s", rows: rows(.gemm, "fp8", ranks: 1),
          leftOut: []),
        FidelityTable(
          name: "l40s/nccl.csv", source: .apex, gpu: "l40s",
          rows: rows(.reduceScatter, "NCCL", ranks: 8), leftOut: []),
      ],
      skipped: [.init(name: "steps.csv", reason: "steps of an engine")])
  }

  @Test("The text fits its width, aligned, in characters that the style allows")
  func text() {
    for width in [60, 80, 100] {
      let text = FidelityText(Self.report()).text(TextStyle(usesUnicode: false, width: width))
      for line in text.split(separator: "\n") {
        #expect(line.count <= width && line.allSatisfy(\.isASCII), "\(line)")
      }
    }
    let text = FidelityText(Self.report()).text()
    #expect(text.hasPrefix("Predicted against measured: 180 rows of 3 tables compared, 1,200 rows"))
    #expect(text.contains("\n  reduce-scatter") == false && text.contains("reduce-scatter (APEX+)"))
    #expect(text.contains("gemm_vllm.csv: 1,200 rows, no law for the\n    format nvfp4"))
    #expect(text.contains("steps.csv: steps of an engine"))
    #expect(text.contains("1.00 µs measured, 1.30 µs predicted (+30.0 %)"))
    #expect(text.contains("8 GPUs, 1–16 rows"))
    #expect(text.contains("missed"))
  }

  @Test("Nothing compared is said, not divided by")
  func empty() {
    let report = FidelityReport(tables: [], skipped: [.init(name: "x.md", reason: "no table")])
    #expect(FidelityText(report).text().contains("0 rows of 0 tables compared"))
    #expect(FidelityMarkdown(report, plotFolder: "x").text.contains("`x.md`: no table"))
    #expect(FidelityPlot.all(report).isEmpty)
  }

  @Test("The figures of a group are those of its rows, in the text and in JSON")
  func figures() throws {
    // Every third of 60 rows is 30 % too long: mean 10 %, median 0, p95 30 %, roofline 50 %.
    let text = FidelityText(Self.report()).text()
    let line = try #require(text.split(separator: "\n").first { $0.hasPrefix("  fp8, l40s") })
    let cells = line.split(separator: " ")
    #expect(cells[2] == "60" && cells[5...] == ["0.0", "30.0", "10.0", "10.0", "50.0"])
    let json = try #require(
      try JSONSerialization.jsonObject(with: Data(FidelityJSON.text(Self.report()).utf8))
        as? [String: Any])
    #expect(json["rows"] as? Int == 180 && json["leftOutRows"] as? Int == 1_200)
    let groups = try #require(json["groups"] as? [[String: Any]])
    #expect(groups.map { $0["gpu"] as? String } == ["h100-sxm", "l40s", "l40s"])
    let sizes = try #require(groups[1]["servingSizes"] as? [String: Any])
    let all = try #require(sizes["all"] as? [String: Any])
    #expect((try #require(all["mape"] as? Double) - 0.1).magnitude < 1e-12)
    #expect(all["count"] as? Int == 60 && all["median"] as? Double == 0)
    let targets = try #require(json["targets"] as? [[String: Any]])
    #expect(targets.count == FidelityTarget.all.count)
    #expect(targets.filter { $0["missed"] as? Bool == true }.isEmpty == false)
  }

  @Test("The document's tables have one number of columns each, its links lead to the pictures")
  func document() throws {
    let document = FidelityMarkdown(Self.report(), plotFolder: "fidelity").text
    var columns: Int?
    for line in document.split(separator: "\n", omittingEmptySubsequences: false) {
      guard line.hasPrefix("|") else {
        columns = nil
        continue
      }
      let count = line.split(separator: "|", omittingEmptySubsequences: false).count
      if let columns { #expect(count == columns, "\(line)") }
      columns = count
    }
    for plot in FidelityPlot.all(Self.report()) {
      #expect(document.contains("![\(plot.title)](fidelity/\(plot.fileName))"))
    }
    let bad = try #require(document.range(of: "## Where simpp is bad"))
    #expect(document[bad.upperBound...].contains("GEMM bf16 on h100-sxm misses its target"))
    let good = FidelityMarkdown(Self.report(error: 0.01), plotFolder: "fidelity").text
    let none = try #require(good.range(of: "## Where simpp is bad"))
    #expect(!good[none.upperBound...].contains("misses its target"))
    #expect(good.contains("- GEMM bf16 on a100-sxm: no row here tests it."))
    #expect(FidelityMarkdown(Self.report(), plotFolder: "fidelity").text == document)
  }

  @Test("Pictures are XML, one for each operator and GPU, collectives together; no point outside")
  func pictures() throws {
    let plots = FidelityPlot.all(Self.report())
    #expect(
      plots.map(\.fileName) == ["gemm-h100-sxm.svg", "collectives-l40s.svg", "gemm-l40s.svg"])
    for plot in plots {
      let parser = XMLParser(data: Data(plot.svg.utf8))
      #expect(parser.parse(), "\(plot.fileName): \(String(describing: parser.parserError))")
      let points = plot.svg.matches(of: /M([0-9.]+) ([0-9.]+)h0/)
      // 20 sizes, right or 30 % too long, and two colours' keys.
      #expect(points.count >= 20 && points.count <= 82)
      for point in points {
        let (x, y) = (try #require(Double(point.1)), try #require(Double(point.2)))
        #expect(x >= 70 && x <= 420 && y >= 40 && y <= 390)
      }
    }
  }
}
