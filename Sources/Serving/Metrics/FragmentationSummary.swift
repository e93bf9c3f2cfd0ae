/// How the free GPUs of a run lay: means over its whole length, weighted by time and exact.
public struct FragmentationSummary: Sendable, Hashable {
  /// GPUs that nobody held.
  public var freeGPUs = 0.0
  /// Of these, GPUs that no TP2 group inside one NVLink domain could use.
  public var strandedTP2 = 0.0
  /// The same for TP4.
  public var strandedTP4 = 0.0
  /// The same for TP8.
  public var strandedTP8 = 0.0
  /// F: free GPUs that a demand of the scenario's mix could not use, in the mean over the mix.
  ///
  /// The mix is half the sizes of background tenants, half the stages of the scheduler's plans. Measure:
  /// FGD (USENIX ATC 2023), with k GPUs in one NVLink domain where a plan needs that.
  public var fragmentedGPUs = 0.0
  /// The most free GPUs in one NVLink domain.
  public var largestBlock = 0.0
  /// NVLink domains with no free GPU, with one, with two, and so on.
  public var blocks: [Double] = []
  /// GPUs that nobody held while some demand waited; 0 for the rest of the time.
  public var freeWhileWaiting = 0.0
  /// Share of the time in which some demand waited.
  public var waitingShare = 0.0

  /// An empty summary.
  public init() {}
}

/// How long the demands for one plan waited for their GPUs.
public struct AllocationWaitSummary: Sendable, Hashable {
  /// The plan that was granted, such as `TP4`; `none` for demands that never were; `background` for
  /// tenants.
  public var plan = ""
  /// Demands that were granted, and those that were withdrawn or open at the end.
  public var granted: Int64 = 0
  /// Demands that were withdrawn, or open at the end of the run.
  public var abandoned: Int64 = 0
  /// Waits of all of them, in seconds, up to the grant or to giving up.
  public var wait = MetricSummary()
  /// What the waits were for, summed over the demands, in nanoseconds.
  public var causes = AllocationWaits()

  /// An empty summary.
  public init() {}
}
