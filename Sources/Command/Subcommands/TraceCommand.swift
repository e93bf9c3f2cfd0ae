import ArgumentParser
import Scenarios

/// `simpp trace`: what a trace is like, the same trace as CSV, another trace like it.
struct TraceCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "trace",
    abstract: "Looks at request traces, converts them, and makes others like them.",
    discussion: """
        simpp trace stats AzureLLMInferenceTrace_conv.csv
        simpp trace convert conversation_trace.jsonl kimi.csv
        simpp trace synthesize kimi.csv -o like-kimi.csv --requests 5000

      Formats, told by a file's first bytes or named with --format:

      \(formats)

      A folder is read as ServeGen client data, of which requests are drawn.

      In a scenario a workload replays one: "trace": { "file": "kimi.csv" }.
      """,
    subcommands: [
      TraceStatsCommand.self, TraceConvertCommand.self, TraceSynthesizeCommand.self,
    ])

  private static var formats: String {
    let width = TraceFormat.allCases.map(\.rawValue.count).max() ?? 0
    return TraceFormat.allCases.map { format in
      let gap = String(repeating: " ", count: width - format.rawValue.count + 2)
      return "  " + format.rawValue + gap + format.summary
    }.joined(separator: "\n")
  }
}
