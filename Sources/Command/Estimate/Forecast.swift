import ArgumentParser
import Dispatch
import Foundation
import Synchronization

/// What is worked out beside runs that take longer than a moment, and may end them.
final class Forecast: Sendable {
  /// Seconds that runs are given first: those that end within them cost nothing more.
  private static let delay = 1.0

  private struct State {
    var isOver = false
    var refusal: ExitCode?
  }

  private let state = Mutex(State())
  private let over = DispatchSemaphore(value: 0)

  /// Begins to wait; then the work says what it has to say and may refuse the runs.
  ///
  /// - Parameter work: Works on a thread of its own, and hands back what is then done unless the runs are
  ///   over; a status that this gives ends them.
  init(_ work: @escaping @Sendable () -> () -> ExitCode?) {
    Thread.detachWorker { [self] in
      guard over.wait(timeout: .now() + Self.delay) == .timedOut else { return }
      let conclude = work()
      state.withLock { if !$0.isOver { $0.refusal = conclude() } }
    }
  }

  /// The exit status with which the runs are to end; nil while they may go on.
  var refusal: ExitCode? { state.withLock { $0.refusal } }

  /// The runs are over: nothing is said from now on.
  func end() {
    state.withLock { $0.isOver = true }
    over.signal()
  }
}
