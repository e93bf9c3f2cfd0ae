import EventKernel
import Workload

extension SynthesisReport {
  /// What `simpp trace synthesize` prints for people.
  public func text(style: TextStyle = TextStyle()) -> String {
    var lines = model.description.flatMap {
      WrappedText.lines($0, width: style.width, indent: "  ")
    }
    lines.append("")
    lines += distances(style)
    lines.append("")
    lines += figureLines(style)
    lines.append("")
    lines += WrappedText.lines(verdict, width: style.width, indent: "")
    return lines.map { style.plain($0) + "\n" }.joined()
  }

  private func distances(_ style: TextStyle) -> [String] {
    var table = TextTable()
    let pairs = pairs
    table.add(["Distance"] + pairs.map(\.heading))
    for measure in measures {
      table.add(
        ["  " + measure.name]
          + pairs.map { measure.value($0.distance).map(FixedPoint.three) ?? style.missing })
    }
    return table.lines(width: style.width)
      + WrappedText.lines(
        "KS: the greatest difference of the shares of values up to any bound (Kolmogorov and "
          + "Smirnov). Tokens moved: the mean change of a length that makes one distribution into "
          + "the other (Wasserstein).", width: style.width, first: "  ", indent: "  ")
  }

  private func figureLines(_ style: TextStyle) -> [String] {
    var table = TextTable()
    let traces = traces
    table.add(["Figure"] + traces.map(\.heading))
    table.add(["  requests"] + traces.map { FixedPoint.grouped($0.statistics.requests) })
    for figure in figures {
      table.add(
        ["  " + figure.name]
          + traces.map { figure.value($0.statistics).map(FixedPoint.three) ?? style.missing })
    }
    return table.lines(width: style.width)
  }

  /// One sentence: which distances are no greater than those between the original's halves.
  var verdict: String {
    let pairs = pairs
    var (closer, further): ([String], [String]) = ([], [])
    for measure in measures {
      guard let synthetic = measure.value(pairs[0].distance),
        let halves = measure.value(pairs[2].distance)
      else { continue }
      if synthetic <= halves { closer.append(measure.name) } else { further.append(measure.name) }
    }
    if closer.isEmpty, further.isEmpty { return "There is nothing to compare the halves by." }
    let count = closer.count + further.count
    let last = further.isEmpty ? "." : "; further in: \(further.joined(separator: "; "))."
    return
      "The synthetic trace is as close to the original as the original's halves are to each other "
      + "in \(closer.count) of \(count) distances" + last + sizes
  }

  /// What to think of when one trace is much longer than the other.
  private var sizes: String {
    let ratio = Double(synthetic.requests) / Double(max(1, original.requests))
    if (0.9...1.1).contains(ratio) { return "" }
    return " It has \(FixedPoint.grouped(synthetic.requests)) requests, the original "
      + "\(FixedPoint.grouped(original.requests)): dispersions grow with the time looked at."
  }
}

extension TraceModel {
  /// What was fitted, a sentence each.
  var description: [String] {
    let tried = candidates.map { candidate in
      "\(candidate.kind.rawValue) \(FixedPoint.three(candidate.gapDistance)) and "
        + FixedPoint.three(candidate.dispersionError)
    }
    var lines = [
      "Arrivals: \(arrivals.kind.meaning). Tried: " + tried.joined(separator: ", ")
        + " (distance of the gaps, mean log ratio of the dispersions).",
      "Lengths: quantiles of both, joined by a Gaussian copula of correlation "
        + "\(FixedPoint.text(dependence, decimals: 2)).",
    ]
    if followShare > 0 {
      lines.append(
        "Conversations: \(FixedPoint.percent(followShare)) of the requests continue one.")
    }
    if tokensPerBlock > 0 {
      lines.append(
        "Prefixes: blocks of \(FixedPoint.grouped(Int64(tokensPerBlock))) tokens, shared as in the "
          + "original.")
    }
    return lines
  }
}

extension ArrivalModel.Kind {
  /// The kind in words.
  var meaning: String {
    switch self {
    case .renewal: "independent gaps with the original's quantiles (renewal)"
    case .cascade: "the original's rate over time, with its burstiness at each scale (cascade)"
    }
  }
}
