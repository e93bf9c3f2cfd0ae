import Dispatch
import Foundation
import Reports
import Serving
import Synchronization

/// Reruns a scenario's schedulers with figures at the ends of their ranges, several runs at a time;
/// nothing of them is stored.
struct VariedRuns: Sendable {
  let scenario: Scenario
  let replications: Int
  let jobs: Int
  /// Whether dull steps may be taken together.
  let leaps: Bool
  let isQuiet: Bool
  /// Whether all of it is to end now.
  let isCut: @Sendable () -> Bool

  /// What the workers share.
  private final class Board: Sendable {
    let runs: [PlannedRun]
    let progress: Progress
    let summaries: Mutex<[RunSummary?]>
    let next = Atomic<Int>(0)
    let workerIsDone = DispatchSemaphore(value: 0)

    init(_ runs: [PlannedRun], _ progress: Progress) {
      self.runs = runs
      self.progress = progress
      summaries = Mutex(Array(repeating: nil, count: runs.count))
    }
  }

  /// The runs of every variation, in order whatever the number of jobs; nil when interrupted.
  func execute() throws -> [(figures: FigureVariation, runs: [RunSummary])]? {
    let variations = scenario.variations
    let runs = variations.map {
      PlannedRun.all(of: scenario.varied($0), replications: replications)
    }
    let all = runs.flatMap { $0 }
    guard !all.isEmpty else { return [] }
    let names = all.map { "varied " + $0.name }
    let board = Board(all, Progress(names: names, isQuiet: isQuiet))
    let workers = min(jobs, all.count)
    for _ in 0..<workers { Thread.detachWorker { workThrough(board) } }
    for _ in 0..<workers { board.workerIsDone.wait() }
    board.progress.end()
    let summaries = board.summaries.withLock { $0 }
    if let fault = summaries.lazy.compactMap({ $0?.fault }).first { throw fault }
    if var beyond = summaries.lazy.compactMap({ $0?.beyondPhysics }).first(where: { !$0.isGiven }) {
      // Figures at the ends of their ranges are nobody else's.
      beyond.isOurs = scenario.hasShippedFigures
      throw beyond
    }
    var ended = summaries.compactMap { $0 }
    guard ended.count == all.count else { return nil }
    return zip(variations, runs).map { variation, runs in
      defer { ended.removeFirst(runs.count) }
      return (variation, Array(ended.prefix(runs.count)))
    }
  }

  /// A worker's life: the next run nobody has begun, until there is none.
  private func workThrough(_ board: Board) {
    while true {
      let index = board.next.wrappingAdd(1, ordering: .relaxed).oldValue
      guard index < board.runs.count, !isCut() else { break }
      let summary = board.runs[index].simulation.run(
        observer: { step in
          board.progress.update(index, step)
          return !isCut()
        }, leaps: leaps
      ).withoutHistograms
      if isCut() { break }
      board.summaries.withLock { $0[index] = summary }
      board.progress.finish(index, summary)
    }
    board.workerIsDone.signal()
  }
}
