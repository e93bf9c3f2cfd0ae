import Serving

extension RunJSON {
  /// Waits for GPUs by plan and cause, and how free GPUs lay.
  static func placement(_ run: RunSummary) -> [(String, JSONValue)] {
    [
      ("backgroundWaitSeconds", .number(run.meanBackgroundWaitSeconds)),
      ("allocationWaits", .array(run.allocationWaits.map(value))),
      ("fragmentation", run.fragmentation.map(value) ?? .null),
    ]
  }

  private static func value(_ waits: AllocationWaitSummary) -> JSONValue {
    .object([
      ("plan", .text(waits.plan)),
      ("granted", .integer(waits.granted)), ("abandoned", .integer(waits.abandoned)),
      ("waitSeconds", metric(waits.wait)),
      (
        "causeSeconds",
        .object(
          AllocationWaits.causes.map { ($0.name, .number(Double(waits.causes[$0]) / 1e9)) })
      ),
    ])
  }

  private static func value(_ found: FragmentationSummary) -> JSONValue {
    .object([
      ("freeGPUs", .number(found.freeGPUs)),
      ("strandedTP2", .number(found.strandedTP2)), ("strandedTP4", .number(found.strandedTP4)),
      ("strandedTP8", .number(found.strandedTP8)),
      ("fragmentedGPUs", .number(found.fragmentedGPUs)),
      ("largestBlock", .number(found.largestBlock)),
      ("blocks", .array(found.blocks.map { .number($0) })),
      ("freeWhileWaiting", .number(found.freeWhileWaiting)),
      ("waitingShare", .number(found.waitingShare)),
    ])
  }
}
