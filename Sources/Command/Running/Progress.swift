import FoundationEssentials
import Serving
import Synchronization

/// What a person sees of long work: a bar on a terminal, nothing in a pipe, nothing for 2 seconds.
final class Progress: Sendable {
  private struct State: Sendable {
    var shares: [Double]
    var lastShown = Date.distantPast
    var isShown = false
    var events: Int64 = 0
    var done = 0
  }

  private let names: [String]
  private let isQuiet: Bool
  private let started = Date.now
  private let state: Mutex<State>

  init(names: [String], isQuiet: Bool) {
    self.names = names
    self.isQuiet = isQuiet
    state = Mutex(State(shares: Array(repeating: 0, count: names.count)))
  }

  /// A run has come this far; drains after the arrivals count as the last hundredth.
  func update(_ index: Int, _ step: RunProgress) {
    let share = min(0.99, Double(step.now) / Double(max(1, step.duration)))
    show(index, share: share)
  }

  func writing(_ index: Int) { show(index, share: 0.995) }

  func finish(_ index: Int, _ summary: RunSummary) {
    state.withLock { state in
      state.events += summary.events
      state.done += 1
    }
    show(index, share: 1)
  }

  /// Says what people should know, unless it is to be quiet.
  func note(_ line: String) { if !isQuiet { say(line) } }

  /// Says a line in the bar's place; the bar comes back below it.
  func say(_ line: String) {
    state.withLock { state in
      if state.isShown { Terminal.replaceLine("") }
      Terminal.say(line)
    }
  }

  /// Clears the bar and says what was done in how long.
  func end() {
    state.withLock { state in
      if state.isShown { Terminal.replaceLine("") }
      guard !isQuiet else { return }
      let seconds = Date.now.timeIntervalSince(started)
      Terminal.say(
        "\(state.done) of \(names.count) runs in \(Self.tenths(seconds)) s, \(state.events) events")
    }
  }

  private func show(_ index: Int, share: Double) {
    guard !isQuiet, Terminal.showsProgress else { return }
    state.withLock { state in
      state.shares[index] = share
      let now = Date.now
      guard now.timeIntervalSince(started) > 2, now.timeIntervalSince(state.lastShown) > 0.1 else {
        return
      }
      state.lastShown = now
      state.isShown = true
      let total = state.shares.reduce(0, +) / Double(names.count)
      let elapsed = now.timeIntervalSince(started)
      let left = total > 0.001 ? elapsed / total - elapsed : 0
      let filled = Int(total * 30)
      let bar = String(repeating: "█", count: filled) + String(repeating: "░", count: 30 - filled)
      Terminal.replaceLine(
        "\(bar) \(Int(total * 100)) %  \(names[index])  \(Self.tenths(left)) s left")
    }
  }

  private static func tenths(_ seconds: Double) -> String {
    let tenths = Int((seconds * 10).rounded())
    return "\(tenths / 10).\(tenths % 10)"
  }
}
