import Serving

/// The columns of a comparison: which figures, in which units, and each cell's text.
struct FigureColumns {
  /// One column.
  struct Column {
    let metric: ComparedMetric
    /// The two lines of its heading.
    let heading: (String, String)
    let unit: TimeUnit
  }

  let columns: [Column]

  /// The headline figures of all workloads together.
  static func overall(_ comparison: Comparison) -> FigureColumns {
    FigureColumns(
      times(comparison, workload: nil)
        + rest(
          [.sloAttainment, .gpuHours, .costUSD, .coldStarts, .mfu, .mbu], comparison, nil))
  }

  /// The headline figures and those for which a page has room.
  static func page(_ comparison: Comparison) -> FigureColumns {
    let more: [ComparedMetric] = [
      .sloAttainment, .gpuHours, .costUSD, .coldStarts, .gpuUtilization, .bubbleFraction,
      .preemptions, .mfu, .mbu,
    ]
    return FigureColumns(
      times(comparison, workload: nil) + rest(more, comparison, nil))
  }

  /// The figures that a workload has of its own.
  static func workload(_ index: Int, _ comparison: Comparison) -> FigureColumns {
    FigureColumns(
      times(comparison, workload: index) + rest([.sloAttainment], comparison, index))
  }

  private init(_ columns: [Column]) { self.columns = columns }

  private static func times(_ comparison: Comparison, workload: Int?) -> [Column] {
    let pairs: [(String, ComparedMetric, ComparedMetric)] = [
      ("TTFT", .ttftP50, .ttftP99), ("TPOT", .tpotP50, .tpotP99), ("e2e", .e2eP50, .e2eP99),
    ]
    return pairs.flatMap { name, median, tail in
      let largest = comparison.schedulers.flatMap { scheduler in
        [median, tail].compactMap { metric in
          let spread = scheduler.spread(metric, workload: workload)
          return spread.greatest ?? spread.least
        }
      }.max()
      let unit = TimeUnit(fitting: largest ?? 1)
      return [
        Column(metric: median, heading: (name, "p50"), unit: unit),
        Column(metric: tail, heading: ("(\(unit.rawValue))", "p99"), unit: unit),
      ]
    }
  }

  private static func rest(
    _ metrics: [ComparedMetric], _ comparison: Comparison, _ workload: Int?
  ) -> [Column] {
    metrics.compactMap { metric in
      let isAbsent = comparison.schedulers.allSatisfy {
        $0.spread(metric, workload: workload).state == .absent
      }
      return isAbsent
        ? nil : Column(metric: metric, heading: heading(metric), unit: .seconds)
    }
  }

  private static func heading(_ metric: ComparedMetric) -> (String, String) {
    switch metric {
    case .sloAttainment: ("SLO", "met")
    case .gpuHours: ("GPU-", "hours")
    case .costUSD: ("cost", "USD")
    case .coldStarts: ("cold", "starts")
    case .gpuUtilization: ("GPU", "use")
    case .bubbleFraction: ("pipeline", "bubbles")
    case .preemptions: ("", "preemptions")
    case .mfu: ("", "MFU")
    case .mbu: ("", "MBU")
    default: ("", metric.title)
    }
  }

  /// The text of a value; what stands for a missed or an absent one is the caller's.
  static func text(_ value: Double, _ column: Column) -> String {
    switch column.metric.kind {
    case .time: column.unit.number(value)
    case .share: FixedPoint.percent(value)
    case .hours: FixedPoint.three(value)
    case .money: FixedPoint.text(value, decimals: 2)
    case .count: FixedPoint.text(value, decimals: value == value.rounded() ? 0 : 1)
    }
  }

  /// The cells of a scheduler: its means.
  func means(_ scheduler: SchedulerRuns, workload: Int? = nil, missing: String) -> [String] {
    cells(scheduler, workload, \.mean, missing)
  }

  /// Its least figures over the replications.
  func least(_ scheduler: SchedulerRuns, workload: Int? = nil, missing: String) -> [String] {
    cells(scheduler, workload, \.least, missing)
  }

  /// Its greatest figures over the replications.
  func greatest(_ scheduler: SchedulerRuns, workload: Int? = nil, missing: String) -> [String] {
    cells(scheduler, workload, \.greatest, missing)
  }

  private func cells(
    _ scheduler: SchedulerRuns, _ workload: Int?, _ figure: KeyPath<Spread, Double?>,
    _ missing: String
  ) -> [String] {
    columns.map { column in
      let spread = scheduler.spread(column.metric, workload: workload)
      if let value = spread[keyPath: figure] { return Self.text(value, column) }
      return spread.state == .missed ? missing : "n/a"
    }
  }

  /// Whether a cell stands for a quantile among missed requests.
  func hasMissed(_ comparison: Comparison, workload: Int? = nil) -> Bool {
    comparison.schedulers.contains { scheduler in
      columns.contains { scheduler.spread($0.metric, workload: workload).state == .missed }
    }
  }
}
