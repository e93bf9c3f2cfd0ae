import Workload

extension SynthesisReport {
  /// What `simpp trace synthesize --json` prints: one object, its keys in a fixed order.
  public func json() -> String {
    let distances = pairs.map { pair in
      (
        pair.key,
        JSONValue.object(
          measures.map { ($0.key, JSONValue.optional($0.value(pair.distance))) })
      )
    }
    let traces = traces.map { trace in
      (
        trace.key,
        JSONValue.object(
          [("requests", JSONValue.integer(trace.statistics.requests))]
            + figures.map { ($0.key, JSONValue.optional($0.value(trace.statistics))) })
      )
    }
    let candidates = model.candidates.map { candidate in
      JSONValue.object([
        ("kind", .text(candidate.kind.rawValue)),
        ("gapKS", .number(candidate.gapDistance)),
        ("dispersionLogRatio", .number(candidate.dispersionError)),
      ])
    }
    let document = JSONValue.object([
      (
        "model",
        .object([
          ("arrivals", .text(model.arrivals.kind.rawValue)),
          ("tried", .array(candidates)),
          ("dependence", .number(model.dependence)),
          ("followShare", .number(model.followShare)),
          ("tokensPerBlock", .integer(Int64(model.tokensPerBlock))),
        ])
      ),
      ("distance", .object(distances)),
      ("figures", .object(traces)),
    ])
    return document.text() + "\n"
  }
}
