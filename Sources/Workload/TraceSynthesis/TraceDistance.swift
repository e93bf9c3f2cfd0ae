import EventKernel

/// How far two traces are from each other.
public struct TraceDistance: Sendable, Hashable {
  /// Of the prompt lengths, in tokens; nil when one trace is empty.
  public let prompt: DistributionDistance?
  /// Of the output lengths, in tokens.
  public let output: DistributionDistance?
  /// Of the gaps between arrivals, in nanoseconds; nil where a trace has none.
  public let gaps: DistributionDistance?
  /// The logarithm of the second trace's index of dispersion over the first's, for each window; nil
  /// where one of them has none, or none above 0.
  public let logDispersionRatios: [Double?]

  /// Compares two traces, counted in the same windows.
  public init(_ first: TraceStatistics, _ second: TraceStatistics) {
    prompt = DistributionDistance(first.prompt, second.prompt)
    output = DistributionDistance(first.output, second.output)
    gaps = DistributionDistance(first.gaps, second.gaps)
    logDispersionRatios = zip(first.windows, second.windows).map { first, second in
      guard let from = first.dispersion, let to = second.dispersion, from > 0, to > 0 else {
        return nil
      }
      return DeterministicMath.log(to / from)
    }
  }
}
