import Foundation
import Serving
import Testing

@testable import Reports

@Suite("The comparison in a terminal")
struct ComparisonTableTests {
  private func text(_ runs: [RunSummary], _ style: TextStyle = TextStyle()) -> String {
    ComparisonTable(Fixture.comparison(runs)).text(style)
  }

  @Test("Two schedulers: header, figures, bars on one scale, parts, verdict")
  func whole() {
    #expect(
      text(Fixture.two) == """
        burst
        100 requests counted, arrivals over 30 min (the first 2 min not counted), seed 1, 1 replication

                    TTFT   (s)  TPOT  (ms)   e2e   (s)   GPU-  cost    cold
        scheduler    p50   p99   p50   p99   p50   p99  hours   USD  starts
        tp4        0.450  1.50  36.0   120  1.80  6.00   2.00  7.98       3
        pp4        0.338  1.13  27.0  90.0  1.35  4.50   2.00  7.98       3

        Where the time goes: mean e2e of completed requests; one cell is 33.3 ms
        █ compute   ▒ communication   · queuing
        tp4 █████████████████████████████████▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒············ 2.00 s
          mean 2.00 s: compute 50.0 % (1.00 s), comm_tensor 25.0 % (500 ms), queue 20.0 % (400 ms), host
            5.0 % (100 ms)
          p99 tail 6.00 s: compute 50.0 % (3.00 s), comm_tensor 25.0 % (1.50 s), queue 20.0 % (1.20 s), host
            5.0 % (300 ms)
        pp4 ███████████████████████████████████████▒▒▒··· 1.50 s
          mean 1.50 s: compute 80.0 % (1.20 s), pipeline_wait 6.7 % (100 ms), comm_pipeline 6.7 % (100 ms),
            host 6.7 % (100 ms)
          p99 tail 4.50 s: compute 80.0 % (3.60 s), pipeline_wait 6.7 % (300 ms), comm_pipeline 6.7 %
            (300 ms), host 6.7 % (300 ms)

        Verdict: pp4 answers in 1.50 s on average, tp4 in 2.00 s: on average tp4 spends 500 ms more in
        all-reduce (comm_tensor 500 ms against 0 ms a request). One seed, so no statement about
        significance.

        """)
  }

  @Test("No line is wider than the style, whatever the names and however many schedulers")
  func width() {
    let long = String(repeating: "tensor-parallel-over-four-", count: 7)
    var runs: [RunSummary] = []
    for number in 0..<12 {
      for replication in 0..<2 {
        var run = Fixture.run(
          "\(long)\(number)", Fixture.tensorParts.map { ($0.0, $0.1 * Double(number + 1) * 900) },
          replication: replication, missed: Int64(number % 3), attainment: 0.123,
          gpuHours: 12_345.678)
        run.workloads.append(Fixture.workload(long, parts: Fixture.pipelineParts, attainment: 0.5))
        run.meanBackgroundWaitSeconds = 1.5
        runs.append(run)
      }
    }
    var context = Fixture.context
    context.scenario = long
    for width in [60, 80, 100] {
      for usesUnicode in [true, false] {
        let style = TextStyle(usesUnicode: usesUnicode, width: width)
        let text = ComparisonTable(Fixture.comparison(runs, context)).text(style)
        #expect(Fixture.wide(text, width) == nil)
      }
    }
  }

  @Test("Bars and sentences fit 60 columns too")
  func narrow() {
    let text = text(Fixture.two, TextStyle(width: 60))
    let bars = text.split(separator: "\n").filter { $0.contains("█") }
    #expect(bars.count == 3)
    for bar in bars { #expect(bar.count <= 60) }
    let verdict = text.split(separator: "\n").drop { !$0.hasPrefix("Verdict") }
    for line in verdict { #expect(line.count <= 60) }
  }

  @Test("A quantile among missed requests is a dash, and a footnote says why")
  func missed() throws {
    let runs = [Fixture.run("tp4", Fixture.tensorParts, missed: 2), Fixture.two[1]]
    let lines = text(runs).split(separator: "\n").map(String.init)
    let row = try #require(lines.first { $0.hasPrefix("tp4 ") })
    // p50 and p99 of TTFT, TPOT and e2e: two in a hundred missed, so no p99 is a number.
    #expect(
      row.split(separator: " ").prefix(7) == ["tp4", "0.450", "–", "36.0", "–", "1.80", "–"])
    #expect(lines.contains("– \(Self.footnote)"))
    #expect(lines.contains("Missed requests: tp4 2 unfinished."))
    #expect(lines.contains("Not stable: tp4 overloaded."))
    #expect(!text(Fixture.two).contains(Self.footnote))
  }

  private static let footnote =
    "the quantile falls among requests that were rejected, failed or left unfinished"

  @Test("Several replications: the mean, and below it the least and the greatest")
  func replications() throws {
    let text = text(Fixture.replicated)
    let lines = text.split(separator: "\n").map { $0.split(separator: " ").map(String.init) }
    let row = try #require(lines.firstIndex { $0.first == "tp4" && $0.count > 8 })
    // e2e p50 is nine tenths of 2, 2.1 and 1.9 s.
    #expect(lines[row][5] == "1.80")
    #expect(lines[row + 1][0] == "least" && lines[row + 1][5] == "1.71")
    #expect(lines[row + 2][0] == "most" && lines[row + 2][5] == "1.89")
    #expect(text.contains("3 replications"))
    #expect(
      text.contains("Means over the replications; below each the least and the greatest"))
    #expect(!self.text(Fixture.two).contains("least"))
  }

  @Test("Rejected requests are told by reason, over all runs of a scheduler")
  func rejected() {
    var runs = [Fixture.run("tp4", Fixture.tensorParts), Fixture.two[1]]
    runs[0].overall.rejected = 1_205
    runs[0].overall.rejections[.rateLimited] = 1_200
    runs[0].overall.rejections[.contextTooLong] = 5
    let words = text(runs).split(whereSeparator: \.isWhitespace).joined(separator: " ")
    #expect(
      words.contains(
        "Missed requests: tp4 1,205 rejected (5 longer than the model's context, 1,200 "
          + "rate-limited)."))
  }

  @Test("A quantile that is missed in one replication has no mean and no greatest value")
  func missedOnce() throws {
    var runs = Fixture.replicated
    runs[2].overall.e2e.p99 = nil
    let lines = text(runs).split(separator: "\n").map { $0.split(separator: " ").map(String.init) }
    let row = try #require(lines.firstIndex { $0.first == "tp4" && $0.count > 8 })
    // The p99 of the others: three times 2 and 1.9 s.
    #expect([row, row + 1, row + 2].map { lines[$0][6] } == ["–", "5.70", "–"])
    #expect(text(runs).contains(Self.footnote))
  }

  @Test("ASCII style has nothing but ASCII, and the same layout")
  func ascii() {
    let runs =
      Fixture.two + [Fixture.run("zürich→4", Fixture.tensorParts.map { ($0.0, 1e-5) }, missed: 50)]
    let plain = text(runs, TextStyle(usesUnicode: false))
    #expect(plain.unicodeScalars.allSatisfy { $0.isASCII })
    #expect(plain.contains("z?rich?4"))
    let rich = text(runs)
    #expect(rich.contains("zürich→4") && rich.contains("–") && rich.contains("µs"))
    #expect(plain.split(separator: "\n").map(\.count) == rich.split(separator: "\n").map(\.count))
  }

  @Test("Colours are given when asked for, and only around bars")
  func colors() {
    let colored = text(Fixture.two, TextStyle(usesColor: true))
    #expect(colored.contains("\u{1b}[34m█"))
    var bare = colored
    for code in ["\u{1b}[0m", "\u{1b}[33m", "\u{1b}[34m", "\u{1b}[35m"] {
      bare = bare.replacingOccurrences(of: code, with: "")
    }
    #expect(bare == text(Fixture.two))
  }

  @Test("Bars share one scale and their lengths never drift")
  func bars() throws {
    let lines = text(Fixture.two).split(separator: "\n").map(String.init)
    func bar(_ name: String) throws -> String {
      try #require(lines.first { $0.hasPrefix(name) && $0.contains("█") })
    }
    // 60 cells are 2 s: compute 1.1 s = 33, communication 0.5 s = 15, queuing 0.4 s = 12.
    let tensor = try bar("tp4")
    #expect(tensor.count { $0 == "█" } == 33)
    #expect(tensor.count { $0 == "▒" } == 15)
    #expect(tensor.count { $0 == "·" } == 12)
    // 1.5 s = 45 cells.
    let pipeline = try bar("pp4")
    #expect(pipeline.count { "█▒·".contains($0) } == 45)
  }

  @Test("Where cells do not divide evenly their sum is still the bar")
  func cells() {
    // Seven parts of 10 / 7 cells: one each, and the three cells that are left go to the first.
    let bar = StackedBar(longestSeconds: 7, cells: 10)
    #expect(bar.lengths(Array(repeating: 1, count: 7)) == [2, 2, 2, 1, 1, 1, 1])
    #expect(bar.lengths([0.2, 0.2, 0.2, 0]) == [1, 0, 0, 0])
    // A bar of one cell shows its largest part, however small it is.
    #expect(bar.lengths([0.01, 0.02, 0.01]) == [0, 1, 0])
    #expect(bar.lengths([0, 0, 0]) == [0, 0, 0])
    #expect(StackedBar(longestSeconds: 0).lengths([0, 0]) == [0, 0])
  }

  @Test("A table clips its first column to fit, then puts columns below")
  func table() {
    var table = TextTable()
    table.add(["a-long-first-cell", "12", "345"])
    table.add(["b", "6", "7"])
    #expect(table.lines(width: 26) == ["a-long-first-cell  12  345", "b                   6    7"])
    #expect(table.lines(width: 25) == ["a-long-first-ce~  12  345", "b                  6    7"])
    #expect(table.lines(width: 17) == ["a-long-~  12  345", "b          6    7"])
    #expect(
      table.lines(width: 16) == [
        "a-long-firs~  12", "b              6", "a-long-fir~  345", "b              7",
      ])
  }

  @Test("Several workloads have a table each")
  func workloads() {
    var runs = Fixture.two
    for index in runs.indices {
      runs[index].workloads.append(Fixture.workload("batch", parts: Fixture.tensorParts))
    }
    let text = text(runs)
    #expect(text.contains("By workload:\nchat "))
    #expect(text.contains("\nbatch "))
    #expect(!self.text(Fixture.two).contains("By workload"))
  }

  @Test("No runs, and runs in which nothing completed, are told in words")
  func empty() {
    #expect(text([]) == "No runs.\n")
    let none = Fixture.run("tp4", [], missed: 100)
    #expect(text([none]).contains("No request completed."))
  }
}
