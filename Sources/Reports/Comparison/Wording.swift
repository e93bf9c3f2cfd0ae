import Serving

/// The sentences of a verdict.
struct Wording {
  let verdict: Verdict
  let winner: SchedulerRuns
  let opponent: SchedulerRuns

  func sentences(others: [SchedulerRuns], comparison: Comparison) -> [String] {
    guard let metric = verdict.metric else { return [] }
    var sentences = [headline(metric)]
    if let significance = significance(metric) { sentences.append(significance) }
    if let price = price(metric) { sentences.append(price) }
    sentences += reversals(metric, comparison)
    if !verdict.twins.isEmpty {
      let names = Self.list(verdict.twins)
      sentences.append("No difference between \(winner.name) and \(names).")
    }
    if !others.isEmpty { sentences.append(rest(others, metric)) }
    if let missed = missed() { sentences.append(missed) }
    sentences += overloads(comparison)
    return sentences
  }

  /// Words joined as in a sentence: `a, b and c`.
  static func list(_ words: [String]) -> String {
    guard words.count > 1, let last = words.last else { return words.first ?? "" }
    return words.dropLast().joined(separator: ", ") + " and " + last
  }

  // MARK: - The result and its cause

  private func headline(_ metric: ComparedMetric) -> String {
    let prefix = verdict.outcome == .unclear ? "No clear winner: " : ""
    let values = (winner.spread(metric).mean, opponent.spread(metric).mean)
    guard let first = values.0, let second = values.1 else {
      return prefix + "\(winner.name) completes requests, \(opponent.name) none."
    }
    let (own, others) = metric.texts(first, second)
    var text: String
    if own == others {
      text = "\(winner.name) and \(opponent.name) are almost equal in \(metric.title) (\(own))"
      text += "; \(winner.name) is ahead by \(Self.distance(first - second, metric))"
    } else {
      text = comparison(metric, own, others)
    }
    if let cause = verdict.cause { text += ": " + clause(cause) }
    return prefix + text + "."
  }

  private func comparison(_ metric: ComparedMetric, _ own: String, _ others: String) -> String {
    switch metric {
    case .sloAttainment:
      "\(winner.name) answers \(own) of requests in time, \(opponent.name) \(others)"
    case .completedShare:
      "\(winner.name) completes \(own) of requests, \(opponent.name) \(others)"
    case .e2eMean:
      "\(winner.name) answers in \(own) on average, \(opponent.name) in \(others)"
    default:
      "\(winner.name) is ahead in \(metric.title) with \(own), \(opponent.name) has \(others)"
    }
  }

  private func clause(_ cause: Verdict.Cause) -> String {
    let unit = TimeUnit(fitting: cause.otherSeconds)
    let loss = TimeUnit.text(cause.lossSeconds)
    let scope = cause.isTail ? "in the tail (at or above the p99 of e2e)" : "on average"
    return "\(scope) \(opponent.name) \(cause.label.loss(loss)) (\(cause.label.name)"
      + " \(unit.text(cause.otherSeconds)) against \(unit.text(cause.winnerSeconds)) a request)"
  }

  // MARK: - How sure

  private func significance(_ metric: ComparedMetric) -> String? {
    guard let difference = verdict.difference else { return nil }
    guard let lower = difference.lower, let upper = difference.upper else {
      return winner.runs.count > 1 || opponent.runs.count > 1
        ? "They share one replication, so no statement about significance."
        : "One seed, so no statement about significance."
    }
    let interval =
      "Over \(difference.count) paired replications the difference is "
      + "\(Self.signed(difference.mean, metric)), 95 % interval \(Self.signed(lower, metric)) to "
      + Self.signed(upper, metric)
    return verdict.outcome == .unclear
      ? interval + ": it includes 0, so they cannot be told apart."
      : interval + ": it excludes 0."
  }

  /// A difference of shares in percentage points, of times in a fitting unit.
  static func distance(_ value: Double, _ metric: ComparedMetric) -> String {
    let size = value.magnitude
    guard metric.kind == .share else { return metric.text(size) }
    let points = size * 100
    let decimals = points < 0.095 ? 4 : (points < 0.995 ? 2 : 1)
    return FixedPoint.text(points, decimals: decimals) + " points"
  }

  private static func signed(_ value: Double, _ metric: ComparedMetric) -> String {
    if value == 0 { return "0" }
    return (value < 0 ? "-" : "+") + distance(value, metric)
  }

  // MARK: - What it costs, and what qualifies it

  /// Headlines in which the winner is worse than the other by a hundredth or more.
  private func price(_ decided: ComparedMetric) -> String? {
    let headlines: [ComparedMetric] = [.ttftP50, .tpotP50, .e2eMean, .gpuHours]
    let worse = headlines.filter { $0 != decided }.compactMap { metric -> String? in
      guard let own = winner.spread(metric).mean, let others = opponent.spread(metric).mean,
        own >= 1.01 * others, own > others
      else { return nil }
      let (first, second) = metric.texts(own, others)
      return "\(metric.title) (\(first) against \(second))"
    }
    return worse.isEmpty ? nil : "But \(winner.name) is worse in \(Self.list(worse))."
  }

  /// Workloads on which the other is ahead.
  private func reversals(_ metric: ComparedMetric, _ comparison: Comparison) -> [String] {
    let names = comparison.workloadNames
    guard names.count > 1, metric != .gpuHours else { return [] }
    return names.indices.compactMap { index in
      guard let own = winner.spread(metric, workload: index).mean,
        let others = opponent.spread(metric, workload: index).mean
      else { return nil }
      let texts = metric.texts(own, others)
      let isReversed = metric.higherIsBetter ? own < others : own > others
      guard isReversed, texts.0 != texts.1 else { return nil }
      return "On workload \(names[index]) \(opponent.name) is ahead: "
        + "\(metric.title) \(texts.1) against \(texts.0)."
    }
  }

  private func rest(_ others: [SchedulerRuns], _ metric: ComparedMetric) -> String {
    let values = others.map { scheduler in
      let text = scheduler.spread(metric).mean.map { metric.text($0) } ?? "no figure"
      return "\(scheduler.name) \(text)"
    }
    return "The others in \(metric.title): \(Self.list(values))."
  }

  /// Requests without an answer, where the two differ: means and their parts leave them out.
  private func missed() -> String? {
    func unanswered(_ scheduler: SchedulerRuns) -> (missed: Int64, all: Int64) {
      scheduler.runs.reduce((0, 0)) {
        ($0.0 + $1.overall.requests - $1.overall.completed, $0.1 + $1.overall.requests)
      }
    }
    let (own, others) = (unanswered(winner), unanswered(opponent))
    guard own.missed != others.missed else { return nil }
    func text(_ scheduler: SchedulerRuns, _ count: (missed: Int64, all: Int64)) -> String {
      let missed = count.missed == 0 ? "none" : FixedPoint.grouped(count.missed)
      return "\(scheduler.name) \(missed) of \(FixedPoint.grouped(count.all))"
    }
    return "Means cover completed requests only; unanswered: \(text(opponent, others)), "
      + "\(text(winner, own))."
  }

  private func overloads(_ comparison: Comparison) -> [String] {
    let names = comparison.schedulers
      .filter { $0.runs.contains { $0.state == .overloaded } }.map(\.name).sorted()
    guard !names.isEmpty else { return [] }
    let verb = names.count == 1 ? "is" : "are"
    return [
      "\(Self.list(names)) \(verb) overloaded: latencies there grow with the length of the run."
    ]
  }
}

extension LatencyLabel {
  /// What a scheduler does that loses time under this label, as the predicate of a sentence.
  func loss(_ time: String) -> String {
    switch self {
    case .allocationWait: "waits \(time) longer for GPUs"
    case .coldStart: "waits \(time) longer for cold starts"
    case .queue: "queues \(time) longer"
    case .pipelineWait: "waits \(time) longer between steps"
    case .compute: "computes \(time) longer"
    case .commTensor: "spends \(time) more in all-reduce"
    case .commPipeline: "spends \(time) more in hops between stages"
    case .commExpert: "spends \(time) more in all-to-all between experts"
    case .commKV: "spends \(time) more moving KV cache"
    case .preemption: "loses \(time) more to preemption"
    case .host: "spends \(time) more in launches and scheduling"
    }
  }
}
