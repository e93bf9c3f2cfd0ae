import Serving

extension PageTables {
  /// What prefix caches and tiers gave; empty where nobody has a prefix cache.
  func prefixes() -> String {
    let caches = comparison.schedulers.compactMap { scheduler in
      scheduler.prefixCache.map { (scheduler.name, $0) }
    }
    guard !caches.isEmpty else { return "" }
    let text =
      "What requests found of their prompts when they were first admitted, in the engine's blocks or in a "
      + "tier below; fetches and bytes of tiers are those of the whole run, warm-up included."
    return Markup.element("h2", "", "What prefix caches gave") + "\n"
      + Markup.paragraph(text, "class=\"soft\"") + Self.lookups(caches) + Self.tiers(caches)
  }

  private static func lookups(_ caches: [(String, PrefixCacheSummary)]) -> String {
    let titles = ["requests", "found something", "prompt tokens", "found", "hit rate"]
    let rows = caches.map { name, cache in
      numbers(
        name,
        [
          FixedPoint.grouped(cache.lookups), FixedPoint.grouped(cache.hits),
          FixedPoint.grouped(cache.promptTokens), FixedPoint.grouped(cache.cachedTokens),
          cache.hitRate.map { FixedPoint.percent($0) } ?? "–",
        ])
    }
    return framed("Prefix caches", head: heading(["scheduler"] + titles), body: rows.joined())
  }

  private static func tiers(_ caches: [(String, PrefixCacheSummary)]) -> String {
    let rows = caches.flatMap { name, cache in
      cache.tiers.map { tier in
        numbers(
          name,
          [
            Markup.escaped(tier.name), FixedPoint.grouped(tier.fetches),
            FixedPoint.grouped(tier.tokens), ByteText.text(tier.bytesOut),
            ByteText.text(tier.bytesIn),
          ])
      }
    }
    guard !rows.isEmpty else { return "" }
    let titles = ["scheduler", "tier", "fetches", "tokens fetched", "bytes out", "bytes in"]
    return framed("Tiers", head: heading(titles), body: rows.joined())
  }

  private static func heading(_ titles: [String]) -> String {
    row(titles.enumerated().map { header($0.element, "col", isLeft: $0.offset == 0) })
  }

  /// A row of cells that are markup already.
  private static func numbers(_ name: String, _ cells: [String]) -> String {
    row([header(name, "row")] + cells.map { Markup.element("td", "", $0) })
  }
}
