import ArgumentParser
import EventKernel
import Reports
import Scenarios
import Workload

/// `simpp trace synthesize`: fits a trace and draws one like it.
struct TraceSynthesizeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "synthesize",
    abstract: "Fits a trace's arrivals, lengths and conversations, and makes a trace like it.",
    discussion: """
      The trace is read twice, and none of its requests is kept: what remains is the rate over time \
      in up to 32 segments, how bursty each time scale is, quantiles of gaps and lengths, the \
      correlation of prompt and output, and how conversations go on and share prefixes. The report \
      says how far the synthetic trace is from the original, beside how far two synthetic ones are \
      from each other and the original's halves from each other. The same trace, options and seed \
      give the same bytes.

        simpp trace synthesize conv.csv -o conv-like.csv
        simpp trace synthesize kimi.csv -o kimi-like.csv --requests 800 --seed 7
        simpp trace synthesize conv.csv --spec
      """)

  @OptionGroup var trace: TraceOptions

  @Option(
    name: .shortAndLong, help: "The CSV to write, - for standard output.",
    completion: .file(extensions: ["csv"]))
  var output: String?

  @Option(
    parsing: .unconditional,
    help: "How many requests to make. Default: as many as the trace has, or as --duration takes.")
  var requests: Int64?

  @Option(
    help: ArgumentHelp(
      "Make only requests that arrive before this time, with its unit, such as 30m.",
      valueName: "time"))
  var duration: String?

  @Option(parsing: .unconditional, help: "Seed of every random draw.")
  var seed: UInt64 = 1

  @OptionGroup var windows: WindowOptions

  @Flag(help: "Prints the report as one JSON object.")
  var json = false

  @Flag(help: "Prints a scenario's workloads that come close with arrival and length keys alone.")
  var spec = false

  /// Requests made at most.
  private static let limit: Int64 = 1_000_000_000

  func validate() throws {
    guard output != nil || spec else {
      throw ValidationError("name the CSV to write with -o, or ask for --spec")
    }
    if spec, output != nil || json || requests != nil || duration != nil {
      throw ValidationError("--spec prints a fit and makes no trace: leave out the other options")
    }
    if let requests, !(1...Self.limit).contains(requests) {
      throw ValidationError("--requests takes 1 to \(Self.limit), found \(requests)")
    }
    if let duration, (TimeText.nanoseconds(duration) ?? 0) < 1 {
      throw ValidationError("--duration takes a time above 0 such as 30m, found '\(duration)'")
    }
  }

  func run() throws {
    try reportingFailures {
      let input = try trace.input()
      try input.noteMissingLengths()
      let survey = try survey(input)
      if spec {
        try printSpecification(input, survey)
        return
      }
      let fit = try fit(input, survey)
      let synthetic = try write(fit.model)
      let report = SynthesisReport(
        model: fit.model, original: survey.statistics, synthetic: synthetic,
        otherSeed: try draw(fit.model, seed: seed &+ 1, count: synthetic.requests) { _ in },
        halves: fit.halves)
      let text = json ? report.json() : report.text()
      // With the trace on standard output the report must not mix with it.
      if output == "-" {
        text.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
          .forEach { Terminal.say(String($0)) }
      } else {
        try Terminal.print(text)
      }
    }
  }

  private func printSpecification(_ input: TraceInput, _ survey: TraceSurvey) throws {
    var fitter = ArrivalSpecificationFitter(survey)
    try input.readRequests(showing: "fitted") { request, _ in fitter.add(request) }
    try Terminal.print(
      WorkloadText.text(fitter.finish(), survey.statistics, fileName: baseName(input.path)))
  }

  private func survey(_ input: TraceInput) throws -> TraceSurvey {
    var survey = TraceSurvey(windows: windows.nanoseconds)
    let facts = try input.readRequests(showing: "surveyed") { request, blocks in
      survey.add(request, blocks: blocks)
    }
    try input.checkNotEmpty(survey.statistics)
    guard facts.hasTimes, survey.statistics.span > 0 else {
      throw TraceFault(
        fileName: facts.fileName, position: nil,
        problem: facts.hasTimes
          ? "all requests arrive at one instant; a fit needs two instants at least"
          : "has lengths but no arrival times, and a fit needs both")
    }
    return survey
  }

  private func fit(
    _ input: TraceInput, _ survey: TraceSurvey
  ) throws -> (model: TraceModel, halves: (first: TraceStatistics, second: TraceStatistics)) {
    var fitter = TraceFitter(survey)
    var halves = (
      first: TraceStatistics(windows: windows.nanoseconds),
      second: TraceStatistics(windows: windows.nanoseconds)
    )
    let middle = survey.statistics.requests / 2
    try input.readRequests(showing: "fitted") { request, blocks in
      fitter.add(request, blocks: blocks)
      if halves.first.requests < middle {
        halves.first.add(request, blocks: blocks)
      } else {
        halves.second.add(request, blocks: blocks)
      }
    }
    return (fitter.finish(), halves)
  }

  /// Draws the trace and writes it.
  private func write(_ model: TraceModel) throws -> TraceStatistics {
    let csv = TraceCSV(hasSessions: model.followShare > 0, tokensPerBlock: model.tokensPerBlock)
    let file = try TraceOutput(path: output ?? "-", sparing: [trace.file], csv: csv)
    let count = requests ?? (duration == nil ? model.requests : Self.limit)
    let statistics = try draw(model, seed: seed, count: count) { try file.append($0) }
    try file.finish()
    return statistics
  }

  /// Draws requests, hands them on and counts them.
  private func draw(
    _ model: TraceModel, seed: UInt64, count: Int64, _ body: (TraceRow) throws -> Void
  ) throws -> TraceStatistics {
    let end = duration.flatMap { TimeText.nanoseconds($0) } ?? .max
    var trace = SyntheticTrace(model, seed: seed)
    var statistics = TraceStatistics(windows: windows.nanoseconds)
    let progress = RowProgress("drew")
    while statistics.requests < count, let (request, blocks) = trace.next(),
      request.arrival < end
    {
      progress.advance()
      statistics.add(request, blocks: blocks)
      try body(TraceRow(request, blocks))
    }
    progress.clear()
    return statistics
  }
}
