import Serving

/// A value of a metric in one run.
enum MetricValue: Hashable {
  case known(Double)
  /// The quantile falls among missed requests.
  case missed
  /// Nothing to measure: no objective, or no request with the figure.
  case absent

  /// The number, if there is one.
  var number: Double? {
    if case .known(let value) = self { return value }
    return nil
  }

  init(_ value: Double?, orElse other: MetricValue) {
    self = value.map { .known($0) } ?? other
  }
}

/// A figure by which schedulers are compared.
public enum ComparedMetric: Sendable, Hashable, CaseIterable {
  case ttftP50, ttftP99, tpotP50, tpotP99, e2eP50, e2eP99, e2eMean
  case sloAttainment, completedShare, gpuHours, costUSD, coldStarts
  case gpuUtilization, bubbleFraction, preemptions, mfu, mbu

  /// What a number of the metric is.
  enum Kind { case time, share, hours, money, count }

  /// The words used in sentences and table headings.
  public var title: String {
    switch self {
    case .ttftP50: "TTFT p50"
    case .ttftP99: "TTFT p99"
    case .tpotP50: "TPOT p50"
    case .tpotP99: "TPOT p99"
    case .e2eP50: "e2e p50"
    case .e2eP99: "e2e p99"
    case .e2eMean: "mean e2e"
    case .sloAttainment: "SLO attainment"
    case .completedShare: "completed"
    case .gpuHours: "GPU-hours"
    case .costUSD: "cost"
    case .coldStarts: "cold starts"
    case .gpuUtilization: "GPU utilization"
    case .bubbleFraction: "bubble fraction"
    case .preemptions: "preemptions"
    case .mfu: "MFU"
    case .mbu: "MBU"
    }
  }

  /// Whether more is better.
  public var higherIsBetter: Bool {
    switch self {
    case .sloAttainment, .completedShare, .gpuUtilization, .mfu, .mbu: true
    default: false
    }
  }

  var kind: Kind {
    switch self {
    case .ttftP50, .ttftP99, .tpotP50, .tpotP99, .e2eP50, .e2eP99, .e2eMean: .time
    case .sloAttainment, .completedShare, .gpuUtilization, .bubbleFraction, .mfu, .mbu: .share
    case .gpuHours: .hours
    case .costUSD: .money
    case .coldStarts, .preemptions: .count
    }
  }

  /// Times in seconds, shares as fractions; a figure of a workload where one is given.
  func value(of run: RunSummary, workload index: Int? = nil) -> MetricValue {
    let figures = index.map { run.workloads[$0] } ?? run.overall
    switch self {
    case .ttftP50: return Self.quantile(figures.ttft, \.p50)
    case .ttftP99: return Self.quantile(figures.ttft, \.p99)
    case .tpotP50: return Self.quantile(figures.tpot, \.p50)
    case .tpotP99: return Self.quantile(figures.tpot, \.p99)
    case .e2eP50: return Self.quantile(figures.e2e, \.p50)
    case .e2eP99: return Self.quantile(figures.e2e, \.p99)
    case .e2eMean: return Self.quantile(figures.e2e, \.mean)
    case .sloAttainment: return MetricValue(figures.sloAttainment, orElse: .absent)
    case .completedShare:
      guard figures.requests > 0 else { return .absent }
      return .known(Double(figures.completed) / Double(figures.requests))
    case .gpuHours: return .known(run.gpuHours)
    case .costUSD: return .known(run.costUSD)
    case .coldStarts: return .known(Double(run.coldStarts))
    case .gpuUtilization: return MetricValue(run.gpuUtilization, orElse: .absent)
    case .bubbleFraction: return MetricValue(run.bubbleFraction, orElse: .absent)
    case .preemptions: return .known(Double(run.preemptions))
    case .mfu: return MetricValue(run.mfu, orElse: .absent)
    case .mbu: return MetricValue(run.mbu, orElse: .absent)
    }
  }

  private static func quantile(
    _ figures: MetricSummary, _ quantile: KeyPath<MetricSummary, Double?>
  ) -> MetricValue {
    MetricValue(figures[keyPath: quantile], orElse: figures.count == 0 ? .absent : .missed)
  }

  /// A value with its unit, for a sentence; a time in the unit given or in the one that fits it.
  func text(_ value: Double, unit: TimeUnit? = nil) -> String {
    switch kind {
    case .time: (unit ?? TimeUnit(fitting: value)).text(value)
    case .share: FixedPoint.percent(value)
    case .hours: FixedPoint.three(value)
    case .money: FixedPoint.text(value, decimals: 2) + " USD"
    case .count: FixedPoint.three(value)
    }
  }

  /// Two values in the same unit.
  func texts(_ first: Double, _ second: Double) -> (String, String) {
    let unit = TimeUnit(fitting: max(first.magnitude, second.magnitude))
    return (text(first, unit: unit), text(second, unit: unit))
  }
}
