public import Serving

extension PerfettoWriter {
  /// Shows why a stage was idle: a slice for each cause, one after the other.
  ///
  /// How long each one lasts is a fact, in which order they stand is not.
  public func tell(_ bubble: ToldBubble) {
    guard let stages = run?.replicas[bubble.replica]?.stages,
      stages.indices.contains(Int(bubble.stage))
    else { return }
    let track = stages[Int(bubble.stage)].track
    var from = bubble.end - bubble.parts.total
    for cause in BubbleCause.allCases.reversed() {
      let part = bubble.parts[cause]
      if part == 0 { continue }
      out.slice(on: track, "idle: \(cause.name)", "bubble", from: from, to: from + part)
      from += part
    }
  }
}
