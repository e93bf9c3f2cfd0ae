import FoundationEssentials
import Scenarios
import Synchronization

/// How far the check of a trace has come: a count on a terminal, nothing in a pipe or for 2 seconds.
final class CheckProgress: Sendable {
  private struct State: Sendable {
    var lastShown = Date.distantPast
    var isShown = false
  }

  private let isShowing: Bool
  private let started = Date.now
  private let state = Mutex(State())

  init(isQuiet: Bool) { isShowing = !isQuiet && Terminal.showsProgress }

  /// The check has come this far.
  func update(_ progress: TraceProgress) {
    guard isShowing else { return }
    let now = Date.now
    state.withLock { state in
      guard now.timeIntervalSince(started) > 2, now.timeIntervalSince(state.lastShown) > 0.2
      else { return }
      state.lastShown = now
      state.isShown = true
      Terminal.replaceLine("checking \(progress.fileName): \(progress.rows / 1_000) thousand rows")
    }
  }

  /// Takes the count off the terminal.
  func clear() { state.withLock { if $0.isShown { Terminal.replaceLine("") } } }
}
