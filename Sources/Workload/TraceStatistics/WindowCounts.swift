public import EventKernel

/// Arrivals counted in windows of one length, one after the other from the first arrival on.
public struct WindowCounts: Sendable, Hashable {
  /// The windows' length, in nanoseconds.
  public let window: Nanoseconds
  /// The most arrivals of one window.
  public private(set) var greatest: Int64 = 0
  private var index: Int64 = 0
  private var present: Int64 = 0
  /// Of the windows before the present one.
  private var sum: Int64 = 0
  private var squares = 0.0
  private var last: Nanoseconds = 0

  /// No arrivals yet.
  public init(window: Nanoseconds) {
    precondition(window > 0)
    self.window = window
  }

  /// Counts an arrival, in nanoseconds since the first one; arrivals never decrease.
  mutating func add(_ time: Nanoseconds) {
    let found = time / window
    if found != index {
      sum += present
      squares += Double(present) * Double(present)
      present = 0
      index = found
    }
    present += 1
    greatest = max(greatest, present)
    last = time
  }

  /// Windows that the arrivals cover as a whole: the last one only when it has been filled.
  public var wholeWindows: Int64 { index + (coversPresent ? 1 : 0) }

  private var coversPresent: Bool { (last + 1) % window == 0 }

  /// The index of dispersion of counts, 1 for Poisson arrivals; nil below two whole windows.
  ///
  /// It is the counts' variance (their squares' sum divided by their number less one) over their mean.
  public var dispersion: Double? {
    let windows = Double(wholeWindows)
    let total = Double(sum) + (coversPresent ? Double(present) : 0)
    guard windows >= 2, total > 0 else { return nil }
    let square = squares + (coversPresent ? Double(present) * Double(present) : 0)
    let mean = total / windows
    return max(0, square - total * mean) / (windows - 1) / mean
  }

  /// The fullest window over the mean of the whole ones; nil without a whole window.
  public var peakToMean: Double? {
    let total = Double(sum) + (coversPresent ? Double(present) : 0)
    return total > 0 ? Double(greatest) * Double(wholeWindows) / total : nil
  }
}
