import EventKernel
import Foundation
import Testing
import Workload

@testable import Reports

@Suite("What is said of traces")
struct TraceTextTests {
  static let facts = TraceFacts(fileName: "made.csv", format: "simpp", skippedRows: 3)

  /// Forty requests: one a second, every fifth with a second one at the same instant.
  static func statistics(blocks: Bool = true, sessions: Bool = true) -> TraceStatistics {
    var statistics = TraceStatistics()
    for index in 0..<40 as Range<Int64> {
      for copy in 0..<(index % 5 == 0 ? 2 : 1) as Range<Int64> {
        statistics.add(
          ArrivingRequest(
            arrival: index * 1_000_000_000, workload: 0,
            promptTokens: Int32(100 + 60 * (index % 7)), outputTokens: Int32(10 + index),
            session: sessions ? index % 10 : -1, turn: Int32(index / 10)),
          blocks: blocks
            ? PrefixBlocks(tokensPerBlock: 64, hashes: [1, UInt64(index * 2 + copy) + 5])
            : .unknown)
      }
    }
    return statistics
  }

  @Test("A sparkline gives each value its eighth, and nothing its own mark")
  func sparkline() {
    let style = TextStyle()
    #expect(Sparkline.text([0, 1, 2, 3, 4, 5, 6, 7, 8], style: style) == "·▁▂▃▄▅▆▇█")
    #expect(Sparkline.text([1, 100], style: style) == "▁█")
    #expect(Sparkline.text([0, 4, 8], style: TextStyle(usesUnicode: false)) == "_=@")
    #expect(Sparkline.text([], style: style) == "" && Sparkline.text([0], style: style) == "")
  }

  @Test("Bars count every length once, octave by octave, empty ones between included")
  func bars() {
    var counts = ValueCounts.lengths
    for value in [3, 4, 5, 7, 8, 40] as [Int64] { counts.add(value) }
    let histogram = LengthHistogram(counts)
    #expect(histogram.bars.map(\.from) == [2, 4, 8, 16, 32])
    #expect(histogram.bars.map(\.requests) == [1, 3, 1, 0, 1])
    #expect(histogram.lines(style: TextStyle())[1].hasSuffix(String(repeating: "█", count: 40)))
    #expect(!histogram.lines(style: TextStyle())[3].contains("█"))
  }

  @Test("The text names rate, windows, lengths, sessions, prefixes and what is odd")
  func text() {
    let text = TraceStatisticsText.text(Self.statistics(), of: Self.facts)
    for part in [
      "made.csv (simpp)\n48 requests in 39.0 s, 1.21 per second\n", "\n  1 s  ", "\n  10 s  ",
      "\n  1 min  ", "  prompt  ", "  output  ", "correlation of prompt and output: linear",
      "10 with 48 requests; turns: mean 4.80, p50 4, p90 8, max 8",
      "a prefix cache that forgets nothing finds", "blocks of 64 tokens",
      "47 of 48 requests share", "49 different blocks among 96",
      "3 rows are no requests and were left out",
      "8 requests arrive at the instant of the one before", "8 of them repeat its lengths too",
    ] {
      #expect(text.contains(part), "\(part)\n\(text)")
    }
    #expect(text.split(separator: "\n").allSatisfy { $0.count <= 100 })
  }

  @Test("A trace of lengths alone says so, and nothing of rates")
  func lengthsOnly() {
    var statistics = TraceStatistics()
    for length in 1...9 as ClosedRange<Int32> {
      statistics.add(
        ArrivingRequest(arrival: 0, workload: 0, promptTokens: length, outputTokens: length))
    }
    let facts = TraceFacts(fileName: "lengths.csv", format: "vidur", hasTimes: false)
    let text = TraceStatisticsText.text(statistics, of: facts)
    #expect(text.contains("9 requests, lengths only: the trace has no arrival times"))
    for part in ["Arrivals", "Rate", "instant", "Sessions", "prefix"] {
      #expect(!text.contains(part), "\(part)")
    }
    #expect(TraceStatisticsJSON.text(statistics, of: facts).contains("\"arrivals\": null"))
  }

  @Test("Without Unicode every character is ASCII and no column moves")
  func ascii() {
    let unicode = TraceStatisticsText.text(Self.statistics(), of: Self.facts)
    let ascii = TraceStatisticsText.text(
      Self.statistics(), of: Self.facts, style: TextStyle(usesUnicode: false))
    #expect(ascii.allSatisfy { $0.isASCII })
    #expect(
      ascii.split(separator: "\n").map(\.count) == unicode.split(separator: "\n").map(\.count))
  }

  @Test("The JSON has the figures under their keys")
  func json() throws {
    let text = TraceStatisticsJSON.text(Self.statistics(), of: Self.facts)
    let object = try #require(
      try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    #expect(
      Set(object.keys) == [
        "file", "format", "requests", "skippedRows", "lengthsAreEstimated", "arrivals",
        "promptTokens", "outputTokens", "outputPerPrompt", "correlation", "sessions", "prefix",
      ])
    let arrivals = try #require(object["arrivals"] as? [String: Any])
    #expect(arrivals["spanSeconds"] as? Double == 39 && arrivals["sameInstant"] as? Int == 8)
    let windows = try #require(arrivals["windows"] as? [[String: Any]])
    #expect(windows.map { $0["seconds"] as? Double } == [1, 10, 60])
    #expect(windows[2]["dispersion"] is NSNull)
    let prompt = try #require(object["promptTokens"] as? [String: Any])
    #expect(prompt["min"] as? Int == 100 && prompt["max"] as? Int == 460)
    let bars = try #require(prompt["histogram"] as? [[String: Any]])
    #expect(bars.compactMap { $0["requests"] as? Int }.reduce(0, +) == 48)
    let prefix = try #require(object["prefix"] as? [String: Any])
    #expect(prefix["cachedTokens"] as? Int == 47 * 64)
  }

  @Test("A report compares the synthetic trace with its original, another seed and the halves")
  func report() throws {
    let original = Self.statistics()
    var survey = TraceSurvey()
    var requests: [ArrivingRequest] = []
    for index in 0..<300 as Range<Int64> {
      requests.append(
        ArrivingRequest(
          arrival: index * index * 1_000_000, workload: 0, promptTokens: Int32(50 + index),
          outputTokens: 20))
    }
    for request in requests { survey.add(request) }
    var fitter = TraceFitter(survey)
    for request in requests { fitter.add(request) }
    let report = SynthesisReport(
      model: fitter.finish(), original: original, synthetic: original,
      otherSeed: survey.statistics, halves: (original, survey.statistics))
    let text = report.text()
    #expect(text.contains("to the original") && text.contains("between its halves"))
    #expect(text.contains("in 6 of 6\ndistances."))
    #expect(text.split(separator: "\n").allSatisfy { $0.count <= 100 })
    let object = try #require(
      try JSONSerialization.jsonObject(with: Data(report.json().utf8)) as? [String: Any])
    let distance = try #require(object["distance"] as? [String: [String: Any]])
    #expect(distance["toOriginal"]?["promptKS"] as? Double == 0)
    #expect((distance["betweenHalves"]?["promptKS"] as? Double ?? 0) > 0.1)
    #expect(distance["toOriginal"]?["dispersion60sLogRatio"] is NSNull)
    let figures = try #require(object["figures"] as? [String: [String: Any]])
    #expect(
      Set(figures.keys) == ["original", "synthetic", "otherSeed", "firstHalf", "secondHalf"])
    #expect(figures["otherSeed"]?["cachedShare"] is NSNull)
  }

  /// Arrivals of a law, in a rate that a function of time multiplies.
  private static func fitted(
    _ gap: (RandomStream, UInt64) -> Double, rate: (Double) -> Double = { _ in 1 }
  ) -> String {
    let stream = RandomStream(seed: 2, name: "gaps")
    var requests: [ArrivingRequest] = []
    var time = 0.0
    for index in 0..<6_000 as Range<UInt64> {
      time += gap(stream, index) / rate(time)
      requests.append(
        ArrivingRequest(
          arrival: nanoseconds(fromSeconds: time), workload: 0,
          promptTokens: Int32(10 + index % 90), outputTokens: 3))
    }
    var survey = TraceSurvey()
    for request in requests { survey.add(request) }
    var fitter = ArrivalSpecificationFitter(survey)
    for request in requests { fitter.add(request) }
    return WorkloadText.text(fitter.finish(), survey.statistics, fileName: "made.csv")
  }

  @Test("A fit as workloads takes the law of the gaps, and says how close it comes")
  func laws() {
    let poisson = Self.fitted { Distribution.exponential(mean: 0.5).sample($0, at: $1) }
    #expect(poisson.contains("\"arrivals\": { \"process\": \"poisson\", \"rate\": "))
    #expect(poisson.hasPrefix("// Fitted to made.csv. Gaps drawn so are 0.0"))
    #expect(poisson.contains("\"name\": \"made\""))
    #expect(poisson.contains("[0, 10], [0.01, 10]") && poisson.contains("[1, 99]] },"))
    let gamma = Self.fitted { Distribution.gamma(mean: 0.5, cv: 3).sample($0, at: $1) }
    #expect(gamma.contains("\"process\": \"gamma\""), "\(gamma)")
  }

  @Test("A fit as workloads follows a rate that changes, and finds pauses")
  func changes() {
    let changing = Self.fitted(
      { Distribution.exponential(mean: 0.5).sample($0, at: $1) },
      rate: { $0 < 1_000 ? 0.4 : $0 < 2_000 ? 2 : 0.8 })
    #expect(changing.contains("\"process\": \"spikes\""), "\(changing)")
    #expect(changing.contains("\"base\": { \"process\": \"poisson\""))
    let pauses = Self.fitted { stream, index in
      let gap = Distribution.exponential(mean: 0.05).sample(stream, at: index)
      let isPause = stream.uniform(at: index, lane: 9) < 0.01
      return isPause ? gap + Distribution.exponential(mean: 30).sample(stream, at: index) : gap
    }
    #expect(pauses.contains("\"process\": \"on-off\""), "\(pauses)")
  }
}
