import Serving

extension SchedulerRuns {
  /// What its prefix caches and tiers gave, summed over its runs; nil where it has none.
  var prefixCache: PrefixCacheSummary? {
    let all = runs.compactMap(\.prefixCache)
    guard var sum = all.first else { return nil }
    for run in all.dropFirst() { sum += run }
    return sum
  }
}

extension Comparison {
  /// What prefix caches found, a sentence for all schedulers; nil where nobody has one.
  var prefixCaches: String? {
    let found = schedulers.compactMap { scheduler -> String? in
      guard let cache = scheduler.prefixCache else { return nil }
      let share = cache.hitRate.map { FixedPoint.percent($0) } ?? "none"
      let tiers = cache.tiers.filter { $0.fetches > 0 }.map {
        ", \(ByteText.text($0.bytesOut)) from \($0.name)"
      }
      return "\(scheduler.name) \(share)\(tiers.joined())"
    }
    return found.isEmpty
      ? nil : "Prompt tokens found in prefix caches: " + found.joined(separator: "; ") + "."
  }
}
