import ArgumentParser
import Scenarios

/// Which rows of a trace are taken, and at what pace: as the keys of a scenario's `trace`.
struct SliceOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Takes requests from this time of the trace on; it becomes 0. Example: 10m.",
      valueName: "time"))
  var from: String?

  @Option(help: ArgumentHelp("Takes requests before this time.", valueName: "time"))
  var to: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Takes at most so many requests, the first ones.", valueName: "n"))
  var limit: Int64?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Keeps this share of the requests, always the same ones, conversations as a whole.",
      valueName: "share"))
  var sample: Double?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Lets requests come so many times as fast.", valueName: "factor"))
  var rateScale: Double?

  @Option(
    help: ArgumentHelp(
      "Spreads requests of one instant evenly over this time. Example: 3s.", valueName: "time"))
  var spread: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Repeats what is taken so many times in all.", valueName: "n"))
  var loop: Int64?

  func validate() throws {
    for (name, text) in [("from", from), ("to", to), ("spread", spread)] {
      guard let text, TimeText.nanoseconds(text) == nil else { continue }
      throw ValidationError("--\(name) takes a time such as 90s or 10m, found '\(text)'")
    }
    if let end = slice.end, end <= slice.start {
      throw ValidationError("--to takes a time after --from, found '\(to ?? "")'")
    }
    for (name, number, most) in [("limit", limit, 1_000_000_000), ("loop", loop, 1_000_000)] {
      guard let number, !(1...Int64(most)).contains(number) else { continue }
      throw ValidationError("--\(name) takes 1 to \(most), found \(number)")
    }
    if let sample, !(sample > 0 && sample <= 1) {
      throw ValidationError("--sample takes a share above 0, at most 1, found \(sample)")
    }
    if let rateScale, !(rateScale >= 1e-6 && rateScale <= 1e6) {
      throw ValidationError("--rate-scale takes 0.000001 to 1000000, found \(rateScale)")
    }
    if slice.spread > 3_600_000_000_000 {
      throw ValidationError("--spread takes at most 1h, found '\(spread ?? "")'")
    }
  }

  /// What is asked for.
  var slice: TraceSlice {
    var slice = TraceSlice()
    slice.start = from.flatMap { TimeText.nanoseconds($0) } ?? 0
    slice.end = to.flatMap { TimeText.nanoseconds($0) }
    slice.limit = limit
    slice.sample = sample ?? 1
    slice.rateScale = rateScale ?? 1
    slice.spread = spread.flatMap { TimeText.nanoseconds($0) } ?? 0
    slice.laps = loop ?? 1
    return slice
  }
}
