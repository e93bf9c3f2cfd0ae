import FoundationEssentials

/// How far a long file has been read: a count on a terminal, nothing in a pipe or for 2 seconds.
final class RowProgress {
  private let verb: String
  private let started = Date.now
  private var lastShown = Date.distantPast
  private var rows: Int64 = 0
  private var isShown = false

  /// - Parameter verb: What is done with the rows: `read`.
  init(_ verb: String) { self.verb = verb }

  /// Another row is done.
  func advance() {
    rows += 1
    // Looking at the clock costs more than a row.
    guard rows & 0x3FFF == 0, Terminal.showsProgress else { return }
    let now = Date.now
    guard now.timeIntervalSince(started) > 2, now.timeIntervalSince(lastShown) > 0.2 else { return }
    lastShown = now
    isShown = true
    Terminal.replaceLine("\(verb) \(rows / 1_000) thousand requests")
  }

  /// Takes the count off the terminal.
  func clear() {
    if isShown { Terminal.replaceLine("") }
    isShown = false
  }
}
