import Foundation
import Serving
import Testing

@testable import Reports

@Suite("What reports say of prefix caches")
struct PrefixReportTests {
  /// Two runs of `tp4` with two tiers, one of `pp4` with none, and one of a scheduler without a cache.
  private static var runs: [RunSummary] {
    var runs = [
      Fixture.run("tp4", Fixture.tensorParts), Fixture.run("pp4", Fixture.pipelineParts),
      Fixture.run("tp4", Fixture.tensorParts, replication: 1),
      Fixture.run("dp4", Fixture.tensorParts),
    ]
    var cache = PrefixCacheSummary()
    cache.lookups = 1_500
    cache.hits = 600
    cache.promptTokens = 200_000
    cache.cachedTokens = 50_000
    runs[1].prefixCache = cache
    cache.tiers = ["host & co", "pool"].map { TierSummary(name: $0) }
    cache.tiers[0].fetches = 7
    cache.tiers[0].tokens = 3_000
    cache.tiers[0].bytesIn = 2_250_000_000
    cache.tiers[0].bytesOut = 393_216_000
    cache.tiers[1].bytesIn = 999
    runs[0].prefixCache = cache
    cache.cachedTokens = 100_000
    runs[2].prefixCache = cache
    return runs
  }

  @Test("One line above the table: the share of each scheduler, and what tiers gave of it")
  func line() {
    let text = ComparisonTable(Fixture.comparison(Self.runs)).text()
      .replacingOccurrences(of: "\n  ", with: " ")
    // Of 400,000 prompt tokens in two runs 150,000.
    #expect(
      text.contains(
        "Prompt tokens found in prefix caches: tp4 37.5 %, 786 MB from host & co; pp4 25.0 %.\n"))
    #expect(!ComparisonTable(Fixture.comparison(Fixture.two)).text().contains("prefix cache"))
  }

  @Test("The page has lookups and tiers in tables, and nothing of them where there are none")
  func page() {
    let page = HTMLPage.text(Fixture.comparison(Self.runs))
    #expect(MarkupChecker.fault(in: page) == nil)
    #expect(page.contains("<h2>What prefix caches gave</h2>"))
    #expect(
      page.contains(
        "<th scope=\"row\">tp4</th><td>3,000</td><td>1,200</td><td>400,000</td><td>150,000</td>"
          + "<td>37.5 %</td>"))
    #expect(
      page.contains(
        "<th scope=\"row\">tp4</th><td>host &amp; co</td><td>14</td><td>6,000</td><td>786 MB</td>"
          + "<td>4.50 GB</td>"))
    #expect(page.contains("<td>pool</td><td>0</td><td>0</td><td>0 B</td><td>2.00 kB</td>"))
    #expect(!HTMLPage.text(Fixture.comparison(Fixture.two)).contains("prefix cache"))
  }

  @Test("JSON has lookups, hits, tokens, their ratio and the tiers, only where prefixes are shared")
  func json() throws {
    let text = RunJSON.text(Self.runs, context: Fixture.context)
    let value = try JSONSerialization.jsonObject(with: Data(text.utf8))
    let runs = try #require((value as? [String: Any])?["runs"] as? [[String: Any]])
    #expect(runs.map { $0["prefixCache"] == nil } == [false, false, false, true])
    let cache = try #require(runs[0]["prefixCache"] as? [String: Any])
    #expect(
      cache.keys.sorted() == [
        "cachedTokens", "hitRate", "hits", "lookups", "promptTokens", "tiers",
      ])
    #expect(cache["hitRate"] as? Double == 0.25 && cache["hits"] as? Int == 600)
    let tier = try #require((cache["tiers"] as? [[String: Any]])?.first)
    #expect(tier.keys.sorted() == ["bytesIn", "bytesOut", "fetches", "name", "tokens"])
    #expect(tier["bytesOut"] as? Int == 393_216_000 && tier["bytesIn"] as? Int == 2_250_000_000)
  }

  @Test(
    "Bytes have three digits in the unit that fits",
    arguments: [
      (0, "0 B"), (999, "999 B"), (1_000, "1.00 kB"), (999_499, "999 kB"), (999_500, "1.00 MB"),
      (12_345_678, "12.3 MB"), (8_000_000_000_000, "8.00 TB"),
    ])
  func bytes(count: Int64, text: String) { #expect(ByteText.text(count) == text) }
}
