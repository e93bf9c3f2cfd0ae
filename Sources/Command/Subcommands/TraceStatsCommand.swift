import ArgumentParser
import EventKernel
import Reports
import Scenarios
import Workload

/// `simpp trace stats`: rates, burstiness, lengths, sessions and shared prefixes of a trace.
struct TraceStatsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "stats",
    abstract: "Says what a trace is like: rates, burstiness, lengths, sessions, shared prefixes.",
    discussion: """
      The trace is read once, in memory that does not grow with its length. Lengths are exact, gaps \
      to 0.003 %. The dispersion of a window is the variance of its counts over their mean: 1 for \
      Poisson arrivals, more for bursts.

        simpp trace stats AzureLLMInferenceTrace_code.csv --window 100ms,1s,10s
        simpp trace stats conversation_trace.jsonl --from 10m --to 20m --json
      """)

  @OptionGroup var trace: TraceOptions
  @OptionGroup var windows: WindowOptions

  @Flag(help: "Prints one JSON object instead of text.")
  var json = false

  func run() throws {
    try reportingFailures {
      let input = try trace.input()
      try input.noteMissingLengths()
      var statistics = TraceStatistics(windows: windows.nanoseconds)
      let facts = try input.readRequests(showing: "read") { request, blocks in
        statistics.add(request, blocks: blocks)
      }
      try input.checkNotEmpty(statistics)
      try Terminal.print(
        json
          ? TraceStatisticsJSON.text(statistics, of: facts)
          : TraceStatisticsText.text(statistics, of: facts))
    }
  }
}

/// The windows in which burstiness is looked at.
struct WindowOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Windows in which arrivals are counted for burstiness, with units and commas between them.",
      valueName: "times"))
  var window = "1s,10s,60s"

  /// Windows looked at most.
  private static let limit = 16

  func validate() throws {
    let parts = window.split(separator: ",", omittingEmptySubsequences: false)
    for part in parts where (TimeText.nanoseconds(String(part)) ?? 0) < 1 {
      throw ValidationError(
        "--window takes times above 0 such as 100ms,1s,1m, found '\(part)' in '\(window)'")
    }
    if parts.count > Self.limit {
      throw ValidationError("--window takes up to \(Self.limit) times, found \(parts.count)")
    }
  }

  /// The windows in nanoseconds.
  var nanoseconds: [Nanoseconds] {
    window.split(separator: ",").compactMap { TimeText.nanoseconds(String($0)) }
  }
}
