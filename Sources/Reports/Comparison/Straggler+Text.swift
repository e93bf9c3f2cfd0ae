import Serving

extension Straggler.Cause {
  /// What makes a stage slow, in brackets behind how slow it is; nothing where that is not known.
  var words: String {
    switch self {
    case .sampling: " (LM head and sampler)"
    case .layers: " (more layers)"
    case .other: ""
    }
  }
}

extension Comparison {
  /// The stages that hold up the others most, a sentence for all schedulers; nil without one.
  var stragglers: String? {
    let found = schedulers.compactMap { scheduler -> String? in
      // Of several replications the worst.
      let all = scheduler.runs.compactMap(\.straggler)
      guard let worst = all.max(by: { $0.ratio < $1.ratio }) else { return nil }
      return
        "stage \(worst.stage) of \(scheduler.name), \(FixedPoint.text(worst.ratio, decimals: 2)) × "
        + "the others\(worst.cause.words)"
    }
    return found.isEmpty ? nil : "Stragglers: " + found.joined(separator: "; ") + "."
  }
}
