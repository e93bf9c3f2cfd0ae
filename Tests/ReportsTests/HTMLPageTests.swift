import Foundation
import Reports
import Serving
import Testing

@Suite("The page")
struct HTMLPageTests {
  private static let hostile = "<script>alert(\"x\")</script> & 'co'"

  /// Every label in one scheduler, three schedulers, a missed tail, two workloads.
  private static var rich: [RunSummary] {
    var runs = Fixture.two
    let all = LatencyLabel.allCases.enumerated().map { ($0.element, 0.1 * Double($0.offset + 1)) }
    runs.append(Fixture.run("all", all, missed: 5))
    for index in runs.indices {
      runs[index].workloads.append(Fixture.workload("batch", parts: Fixture.tensorParts))
    }
    return runs
  }

  private func page(_ runs: [RunSummary], _ context: ReportContext = Fixture.context) -> String {
    HTMLPage.text(Fixture.comparison(runs, context))
  }

  @Test("Names are text, never markup, wherever they stand")
  func escaping() {
    var runs = Self.rich
    for index in runs.indices {
      runs[index].scheduler += Self.hostile
      runs[index].digest += Self.hostile
      for workload in runs[index].workloads.indices {
        runs[index].workloads[workload].name += Self.hostile
      }
    }
    var context = Fixture.context
    context.scenario = Self.hostile
    context.scenarioDigest = Self.hostile
    context.version = Self.hostile
    let page = page(runs, context)
    #expect(!page.contains("<script"))
    #expect(!page.contains("alert(\""))
    #expect(!page.contains("'co'"))
    #expect(!page.contains("& "))
    let safe = "&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt; &amp; &#39;co&#39;"
    #expect(page.contains("<title>\(safe)</title>"))
    #expect(page.contains("<th scope=\"row\">tp4\(safe)</th>"))
    #expect(MarkupChecker.fault(in: page) == nil)
  }

  @Test("A control character in a name does not reach the page")
  func control() {
    let page = page([Fixture.run("a\u{0}b\u{1b}[31m", Fixture.tensorParts)])
    #expect(page.unicodeScalars.allSatisfy { $0 == "\n" || $0.value >= 32 })
    #expect(page.contains("a\u{fffd}b"))
  }

  @Test("Nothing is fetched from anywhere, and nothing runs")
  func selfContained() {
    let page = page(Self.rich)
    for word in [
      "http:", "https:", "//", "src=", "href=", "@import", "<script", "<link", "<iframe", "<img",
      "<object", "onclick", "onload",
    ] {
      #expect(!page.contains(word), "\(word)")
    }
    for part in page.components(separatedBy: "url(").dropFirst() {
      #expect(part.hasPrefix("#") || part.hasPrefix("data:"))
    }
  }

  @Test("Every fragment that a style or a picture refers to exists once")
  func fragments() {
    let page = page(Self.rich)
    var ids = page.components(separatedBy: " id=\"").dropFirst().map { $0.prefix { $0 != "\"" } }
    #expect(Set(ids).count == ids.count)
    ids.sort()
    for part in page.components(separatedBy: "url(#").dropFirst() {
      #expect(ids.contains(part.prefix { $0 != ")" }))
    }
    for part in page.components(separatedBy: "aria-labelledby=\"").dropFirst() {
      for id in part.prefix(while: { $0 != "\"" }).split(separator: " ") {
        #expect(ids.contains(id))
      }
    }
  }

  @Test("Tags are balanced and attributes quoted")
  func balanced() {
    for runs in [
      Fixture.two, Fixture.replicated, Self.rich, [], [Fixture.run("x", [], missed: 100)],
    ] {
      #expect(MarkupChecker.fault(in: page(runs)) == nil)
    }
    #expect(MarkupChecker.fault(in: "<p><b>x</p></b>") != nil)
    #expect(MarkupChecker.fault(in: "<p>x") != nil)
    #expect(MarkupChecker.fault(in: "<p class=x>y</p>") != nil)
  }

  @Test("The same runs give the same bytes")
  func deterministic() { #expect(page(Self.rich) == page(Self.rich)) }

  @Test("Every scheduler, workload, label, digest and sentence of the verdict is there")
  func complete() {
    // Breaks are allowed after underscores, and forbidden before units.
    let page = page(Self.rich).replacingOccurrences(of: "<wbr>", with: "")
      .replacingOccurrences(of: "\u{a0}", with: " ")
    for run in Self.rich {
      #expect(page.contains("<th scope=\"row\">\(run.scheduler)</th>"))
      #expect(page.contains(run.digest))
    }
    for name in ["chat", "batch"] { #expect(page.contains("Workload \(name)")) }
    for label in LatencyLabel.allCases {
      #expect(page.contains("class=\"seg c-\(label.name)\""))
      #expect(page.contains("<dt>\(label.name)</dt>"))
      #expect(page.contains("<th scope=\"col\">\(label.name)</th>"))
      #expect(page.contains(".c-\(label.name){fill:var(--f-\(label.name))}"))
    }
    for sentence in Verdict(Fixture.comparison(Self.rich)).sentences {
      #expect(page.contains("<p>\(sentence)</p>"))
    }
    #expect(page.contains("falls among requests that were rejected, failed or left unfinished"))
    #expect(page.contains("simpp 1.2.3") && page.contains("5ce0a7"))
  }

  @Test("Labels without any time are in no chart, table or legend")
  func unused() {
    let page = page(Fixture.two)
    #expect(!page.contains("seg c-cold_start"))
    #expect(!page.contains("<th scope=\"col\">cold_"))
    #expect(page.contains("<th scope=\"col\">comm_"))
    #expect(page.contains("seg c-comm_tensor"))
  }

  @Test("Replications show the least and the greatest where they differ")
  func ranges() {
    let page = page(Fixture.replicated)
    // e2e p50 of tp4: nine tenths of 2, 2.1 and 1.9 s; of pp4 always 1.35 s.
    #expect(page.contains("<td>1.80<small>1.71–<wbr>1.89</small></td>"))
    #expect(page.contains("<td>1.35</td>"))
    #expect(page.contains("Means over the replications"))
    #expect(page.contains("<p>Over 3 paired replications"))
    #expect(page.contains("-748\u{a0}ms to -252\u{a0}ms"))
  }

  /// The charts, without what stands between them.
  private func pictures(_ page: String) -> [String] {
    page.components(separatedBy: "<svg role").dropFirst().map {
      $0.components(separatedBy: "</svg>")[0]
    }
  }

  /// Begin and width of the coloured rectangles of each bar of a picture, from left to right.
  private func bars(_ picture: String) throws -> [[(begin: Double, width: Double)]] {
    var bars: [[(begin: Double, width: Double)]] = []
    var height = ""
    for part in picture.components(separatedBy: "<rect ").dropFirst()
    where part.contains("class=\"seg ") {
      let values = part.components(separatedBy: "\"")
      if values[3] != height { bars.append([]) }
      height = values[3]
      let numbers = (try #require(Double(values[1])), try #require(Double(values[5])))
      bars[bars.count - 1].append(numbers)
    }
    return bars
  }

  @Test(
    "The parts of a bar are as wide as its total, on one scale for all bars",
    arguments: [("mean-w", 700.0), ("mean-n", 286), ("tail-w", 700), ("tail-n", 286)])
  func widths(_ id: String, _ length: Double) throws {
    let page = page(Self.rich)
    let picture = try #require(pictures(page).first { $0.contains("id=\"\(id)-t\"") })
    let bars = try bars(picture)
    // Means of 2, 1.5 and 0.1 + … + 1.1 = 6.6 s (three times that in the tail); 6.6 s fill it.
    #expect(bars.count == 3)
    for (bar, seconds) in zip(bars, [2, 1.5, 6.6]) {
      // Each width is rounded to a tenth.
      let room: Double = 0.05 * Double(bar.count) + 1e-9
      let off: Double = bar.map(\.width).reduce(0, +) - length * seconds / 6.6
      #expect(off.magnitude <= room)
      for (left, right) in zip(bar, bar.dropFirst()) {
        let gap: Double = right.begin - left.begin - left.width
        #expect(gap.magnitude <= 0.1 + 1e-9)
      }
    }
    // compute, host, comm_tensor, queue of tp4 in the order of reading: compute first.
    let unit = length / 6.6
    for (part, seconds) in zip(bars[0], [1, 0.1, 0.5, 0.4]) {
      let off: Double = part.width - unit * seconds
      #expect(off.magnitude <= 0.05 + 1e-9)
    }
  }

  @Test("Every text of a chart lies inside the picture")
  func inside() throws {
    let extremes: [[(Double?, Double?)]] = [
      [(0.001, 9.9), (9.0, 9.9)], [(0.1, 0.1), (99, nil)], [(1, 1), (nil, nil)],
    ]
    for values in extremes {
      var runs = Fixture.two
      for (index, value) in values.enumerated() {
        runs[index].overall.ttft.p50 = value.0
        runs[index].overall.ttft.p99 = value.1
      }
      for picture in pictures(page(runs)) {
        let box = try #require(picture.components(separatedBy: "viewBox=\"0 0 ").last)
        let width = try #require(Double(box.prefix { $0 != " " }))
        for part in picture.components(separatedBy: "<text ").dropFirst() {
          let (left, right) = try extent(part)
          #expect(left >= -1 && right <= width + 1, "\(part.prefix(120)) in \(width)")
        }
      }
    }
  }

  /// Where a text begins and ends, at half of its size a character.
  private func extent(_ part: String) throws -> (Double, Double) {
    let x = try #require(Double(part.dropFirst(3).prefix { $0 != "\"" }))
    let text = part.components(separatedBy: "</text>")[0].components(separatedBy: ">")[1]
    let width = Double(text.count) * 6
    if part.contains("text-anchor=\"end\"") { return (x - width, x) }
    if part.contains("text-anchor=\"middle\"") { return (x - width / 2, x + width / 2) }
    return (x, x + width)
  }
}
