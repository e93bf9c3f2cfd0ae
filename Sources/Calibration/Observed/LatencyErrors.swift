import EventKernel

/// Latencies of a run beside measured ones, by quantile.
public struct LatencyErrors: Sendable, Hashable {
  /// A quantile of one latency, in seconds.
  public struct Line: Sendable, Hashable {
    /// `TTFT`, `TPOT` or `e2e`.
    public var metric: String
    /// `mean`, `p50`, `p90`, `p95` or `p99`.
    public var quantile: String
    /// The measured value in seconds.
    public var measured: Double
    /// The simulated value in seconds.
    public var simulated: Double

    /// (simulated − measured) / measured.
    public var relativeError: Double { (simulated - measured) / measured }
  }

  /// The quantiles of every latency that was measured.
  public var lines: [Line]
  /// Requests that are compared.
  public var count: Int
  /// Requests that the simulation did not answer.
  public var unanswered: Int

  /// How far all lines are off together: the mean size of log(simulated / measured), as a share.
  public var distance: Double {
    guard !lines.isEmpty else { return 0 }
    let sum = lines.reduce(0.0) {
      $0 + DeterministicMath.log(max($1.simulated, 1e-9) / max($1.measured, 1e-9)).magnitude
    }
    return DeterministicMath.exp(sum / Double(lines.count)) - 1
  }

  /// Compares requests that were answered in both, so that both quantiles are over the same ones.
  public init(measured: [ObservedRequest], simulated: [ObservedRequest?]) {
    var pairs: [(ObservedRequest, ObservedRequest)] = []
    for (one, other) in zip(measured, simulated) {
      if let other { pairs.append((one, other)) }
    }
    count = pairs.count
    unanswered = measured.count - pairs.count
    lines = []
    let metrics: [(String, KeyPath<ObservedRequest, Double?>)] = [
      ("TTFT", \.ttft), ("TPOT", \.tpot), ("e2e", \.e2e),
    ]
    for (name, path) in metrics {
      var values: (measured: [Double], simulated: [Double]) = ([], [])
      for (one, other) in pairs {
        guard let first = one[keyPath: path], let second = other[keyPath: path] else { continue }
        values.measured.append(first)
        values.simulated.append(second)
      }
      guard !values.measured.isEmpty else { continue }
      let size = Double(values.measured.count)
      lines.append(
        Line(
          metric: name, quantile: "mean", measured: values.measured.reduce(0, +) / size,
          simulated: values.simulated.reduce(0, +) / size))
      values.measured.sort()
      values.simulated.sort()
      for percent in [50, 90, 95, 99] {
        let rank = (values.measured.count * percent + 99) / 100 - 1
        lines.append(
          Line(
            metric: name, quantile: "p\(percent)", measured: values.measured[rank],
            simulated: values.simulated[rank]))
      }
    }
  }
}
