/// Simulated time and durations: whole nanoseconds since the start of the run.
public typealias Nanoseconds = Int64

/// The duration in whole nanoseconds, halves rounded up.
///
/// The duration must be finite and fit 63 bits (292 years): anything else is a fault of the caller.
public func nanoseconds(fromSeconds seconds: Double) -> Nanoseconds {
  let exact = seconds * 1e9
  precondition(abs(exact) < 0x1p63, "a duration must be finite and fit 64-bit nanoseconds")
  let whole = Nanoseconds(exact)
  let rest = exact - Double(whole)
  if rest >= 0.5 { return whole + 1 }
  return rest < -0.5 ? whole - 1 : whole
}
