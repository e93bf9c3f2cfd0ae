import EventKernel

/// When a request's KV is on its way: out to swap space, and in from there or from a tier.
struct RequestMove: Sendable {
  var outBegins: Nanoseconds = 0
  var outEnds: Nanoseconds = 0
  var inBegins: Nanoseconds = 0
  var inEnds: Nanoseconds = 0

  /// Whether there is one.
  var isThere: Bool { outEnds > 0 || inEnds > 0 }

  /// How long it has been, in nanoseconds.
  func time(until now: Nanoseconds) -> Nanoseconds {
    max(0, min(outEnds, now) - outBegins) + max(0, min(inEnds, now) - inBegins)
  }
}
