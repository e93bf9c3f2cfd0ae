import EventKernel
import Serving

/// What stands above a comparison: how it was made, and what qualifies it.
struct ComparisonHeader {
  let comparison: Comparison

  /// Requests counted, time of arrivals, seeds, replications.
  var setting: String {
    var facts = [requestsCounted]
    let context = comparison.context
    if context.duration > 0 {
      var arrivals = "arrivals over " + SpanText.text(nanoseconds: context.duration)
      if context.warmup > 0 {
        arrivals += " (the first " + SpanText.text(nanoseconds: context.warmup) + " not counted)"
      }
      facts.append(arrivals)
    }
    facts.append(seeds)
    let replications = comparison.replications
    facts.append("\(replications) replication" + (replications == 1 ? "" : "s"))
    return facts.joined(separator: ", ")
  }

  /// `seed 1`, or all of them.
  var seeds: String {
    var seeds: [UInt64] = []
    for run in comparison.runs where !seeds.contains(run.seed) { seeds.append(run.seed) }
    return (seeds.count == 1 ? "seed " : "seeds ")
      + seeds.map { String($0) }.joined(separator: ", ")
  }

  private var requestsCounted: String {
    let counts = comparison.runs.map(\.overall.requests)
    let least = FixedPoint.grouped(counts.min() ?? 0)
    let most = FixedPoint.grouped(counts.max() ?? 0)
    return least == most
      ? "\(most) requests counted" : "\(least) to \(most) requests counted a run"
  }

  /// Schedulers that did not keep up, in at least one run.
  var states: String? {
    let troubled = comparison.schedulers.compactMap { scheduler -> String? in
      let states = RunState.allCases.filter { $0 != .stable }.compactMap { state -> String? in
        let count = scheduler.runs.count { $0.state == state }
        guard count > 0 else { return nil }
        let all = scheduler.runs.count
        return state.rawValue + (all > 1 ? " in \(count) of \(all) runs" : "")
      }
      return states.isEmpty ? nil : "\(scheduler.name) \(states.joined(separator: " and "))"
    }
    return troubled.isEmpty ? nil : "Not stable: " + troubled.joined(separator: "; ") + "."
  }

  /// Requests that were counted and not completed.
  var missed: String? {
    let lines = comparison.schedulers.compactMap { scheduler -> String? in
      let kinds: [(String, KeyPath<WorkloadSummary, Int64>)] = [
        ("rejected", \.rejected), ("failed", \.failed), ("unfinished", \.unfinished),
      ]
      let counts = kinds.compactMap { name, path -> String? in
        let count = scheduler.runs.reduce(0) { $0 + $1.overall[keyPath: path] }
        if count == 0 { return nil }
        let text = "\(FixedPoint.grouped(count)) \(name)"
        return name == "rejected" ? text + Self.reasons(scheduler.runs) : text
      }
      return counts.isEmpty ? nil : "\(scheduler.name) \(counts.joined(separator: ", "))"
    }
    return lines.isEmpty ? nil : "Missed requests: " + lines.joined(separator: "; ") + "."
  }

  /// Why requests were rejected: ` (12 rate-limited, 3 longer than the model's context)`; empty where
  /// an older file does not say.
  private static func reasons(_ runs: [RunSummary]) -> String {
    var all = RejectionCounts()
    for run in runs { all += run.overall.rejections }
    let texts = RejectionCounts.reasons.filter { all[$0] > 0 }.map {
      "\(FixedPoint.grouped(all[$0])) \($0.text)"
    }
    return texts.isEmpty ? "" : " (" + texts.joined(separator: ", ") + ")"
  }

  /// What the schedulers cost the cluster's other tenants.
  var backgroundWaits: String? {
    let waits = comparison.schedulers.map { scheduler in
      let all = scheduler.runs.map(\.meanBackgroundWaitSeconds)
      return (scheduler.name, all.reduce(0, +) / Double(max(1, all.count)))
    }
    guard let longest = waits.map(\.1).max(), longest > 0 else { return nil }
    let unit = TimeUnit(fitting: longest)
    let texts = waits.map { "\($0.0) \(unit.text($0.1))" }
    return "Other tenants waited for their GPUs on average: \(texts.joined(separator: ", "))."
  }

  /// What the dash means.
  static let missedNote =
    "the quantile falls among requests that were rejected, failed or left unfinished"
}
