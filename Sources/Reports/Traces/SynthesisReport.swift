import EventKernel
public import Workload

/// A synthetic trace beside its original, with what it takes to judge the distance: another synthetic
/// trace, and the original's own halves.
public struct SynthesisReport: Sendable {
  let model: TraceModel
  let original: TraceStatistics
  let synthetic: TraceStatistics
  let otherSeed: TraceStatistics
  let halves: (first: TraceStatistics, second: TraceStatistics)

  /// Creates a report from statistics with the same windows.
  ///
  /// - Parameters:
  ///   - model: What was fitted.
  ///   - original: The trace it was fitted to.
  ///   - synthetic: The trace drawn from it.
  ///   - otherSeed: As many requests drawn with another seed.
  ///   - halves: The original's earlier and later requests.
  public init(
    model: TraceModel, original: TraceStatistics, synthetic: TraceStatistics,
    otherSeed: TraceStatistics, halves: (first: TraceStatistics, second: TraceStatistics)
  ) {
    self.model = model
    self.original = original
    self.synthetic = synthetic
    self.otherSeed = otherSeed
    self.halves = halves
  }

  /// The pairs that are compared, by their keys and headings.
  var pairs: [(key: String, heading: String, distance: TraceDistance)] {
    [
      ("toOriginal", "to the original", TraceDistance(original, synthetic)),
      ("betweenSeeds", "between seeds", TraceDistance(synthetic, otherSeed)),
      ("betweenHalves", "between its halves", TraceDistance(halves.first, halves.second)),
    ]
  }

  /// The traces whose figures are shown, by their keys and headings.
  var traces: [(key: String, heading: String, statistics: TraceStatistics)] {
    [
      ("original", "original", original), ("synthetic", "synthetic", synthetic),
      ("otherSeed", "other seed", otherSeed), ("firstHalf", "1st half", halves.first),
      ("secondHalf", "2nd half", halves.second),
    ]
  }

  /// A figure of a trace.
  struct Figure {
    var key: String
    var name: String
    var value: (TraceStatistics) -> Double?
  }

  /// The figures that tell traces apart.
  var figures: [Figure] {
    var figures = [
      Figure(key: "requestsPerSecond", name: "requests per second") { $0.requestsPerSecond },
      Figure(key: "gapCV", name: "cv of the gaps") { $0.gaps.count > 0 ? $0.gaps.cv : nil },
    ]
    for (index, window) in original.windows.map(\.window).enumerated() {
      let name = "dispersion, \(SpanText.round(nanoseconds: window))"
      figures.append(
        Figure(key: Self.dispersionKey(window), name: name) { $0.windows[index].dispersion })
    }
    figures += [
      Figure(key: "promptMean", name: "mean prompt") { $0.prompt.mean },
      Figure(key: "outputMean", name: "mean output") { $0.output.mean },
      Figure(key: "rankCorrelation", name: "rank correlation") { $0.pairs.rank },
    ]
    if original.sessions.count > 0 {
      figures.append(
        Figure(key: "turnsMean", name: "turns of a session") {
          $0.sessions.count > 0 ? $0.sessions.turns.mean : nil
        })
    }
    if original.prefix.requests > 0 {
      figures.append(
        Figure(key: "cachedShare", name: "cached prompt share") { $0.prefix.cachedShare })
    }
    return figures
  }

  /// A distance between two traces.
  struct Measure {
    var key: String
    var name: String
    var value: (TraceDistance) -> Double?
  }

  /// The distances; smaller is closer.
  var measures: [Measure] {
    var measures = [
      Measure(key: "promptKS", name: "prompt lengths, KS") { $0.prompt?.kolmogorovSmirnov },
      Measure(key: "outputKS", name: "output lengths, KS") { $0.output?.kolmogorovSmirnov },
      Measure(key: "gapKS", name: "gaps, KS") { $0.gaps?.kolmogorovSmirnov },
      Measure(key: "promptTokensMoved", name: "prompt lengths, tokens moved") {
        $0.prompt?.wasserstein
      },
      Measure(key: "outputTokensMoved", name: "output lengths, tokens moved") {
        $0.output?.wasserstein
      },
    ]
    for (index, window) in original.windows.map(\.window).enumerated() {
      let name = "dispersion, \(SpanText.round(nanoseconds: window)), log ratio"
      measures.append(
        Measure(key: Self.dispersionKey(window) + "LogRatio", name: name) {
          $0.logDispersionRatios[index]?.magnitude
        })
    }
    return measures
  }

  /// `dispersion10s`, `dispersion0.5s`.
  private static func dispersionKey(_ window: Int64) -> String {
    let seconds = (Double(window) / 1e9).description
    return "dispersion" + (seconds.hasSuffix(".0") ? String(seconds.dropLast(2)) : seconds) + "s"
  }
}
