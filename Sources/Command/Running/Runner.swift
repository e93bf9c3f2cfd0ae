import Dispatch
import Foundation
import Results
import Serving
import Synchronization

/// Executes planned runs, several at once if asked, and commits each to the results file in order.
struct Runner: Sendable {
  let runs: [PlannedRun]
  let store: ResultsStore
  let header: RunHeader
  let kept: RecordsKept
  let jobs: Int
  /// Whether dull steps may be taken together.
  let leaps: Bool
  let progress: Progress
  /// Whether all of it is to end now, and what has not ended is not to be kept.
  let isCut: @Sendable () -> Bool
  let arguments: [String]

  /// A run that has ended, waiting for its turn to be committed.
  private final class Finished: @unchecked Sendable {
    // Written by one worker before it signals, read by the committer after it has waited.
    var summary: RunSummary?
    var spool: RunSpool?
    var error: (any Error)?
    var started = Date.now
    let isDone = DispatchSemaphore(value: 0)
  }

  /// What the workers share.
  private final class Board: Sendable {
    let finished: [Finished]
    /// A worker starts a run only when the committer is not too far behind.
    let permits: DispatchSemaphore
    let next = Atomic<Int>(0)
    let isStopped = Atomic<Bool>(false)

    init(runs: Int, jobs: Int) {
      finished = (0..<runs).map { _ in Finished() }
      permits = DispatchSemaphore(value: jobs + Runner.mostWaiting)
    }
  }

  /// Finished runs that may wait for their turn to be committed.
  ///
  /// Each keeps a file open, and is lost when the process is killed. Without any, a long run would keep
  /// the others' cores from the next ones.
  private static let mostWaiting = 64

  /// Runs everything; returns the summaries in order, and fewer of them when interrupted.
  func execute(events: EventOutputs?) throws -> [RunSummary] {
    let board = Board(runs: runs.count, jobs: jobs)
    for _ in 0..<min(jobs, runs.count) {
      Thread.detachWorker { workThrough(board, events) }
    }
    var summaries: [RunSummary] = []
    var failure: (any Error)?
    for (index, run) in board.finished.enumerated() {
      run.isDone.wait()
      do {
        if failure == nil, let summary = try commit(run, index) { summaries.append(summary) }
      } catch {
        failure = error
        board.isStopped.store(true, ordering: .releasing)
      }
      run.spool?.discard()
      run.spool = nil
      board.permits.signal()
    }
    progress.end()
    if let failure { throw failure }
    return summaries
  }

  /// A worker's life: the next run nobody has begun, until there is none.
  private func workThrough(_ board: Board, _ events: EventOutputs?) {
    while true {
      board.permits.wait()
      let index = board.next.wrappingAdd(1, ordering: .relaxed).oldValue
      guard index < runs.count else {
        board.permits.signal()
        return
      }
      if !board.isStopped.load(ordering: .acquiring) {
        work(index, on: board, events)
      }
      board.finished[index].isDone.signal()
    }
  }

  private func work(_ index: Int, on board: Board, _ events: EventOutputs?) {
    let finished = board.finished[index]
    if isCut() { return }
    finished.started = .now
    do {
      let run = runs[index]
      let spool = try store.spool(for: RunNames(run.scenario), records: kept)
      finished.spool = spool
      events?.begin(run)
      let summary = run.simulation.run(
        into: spool, events: events,
        observer: { step in
          progress.update(index, step)
          // After a failure no later run is committed.
          return !isCut() && !board.isStopped.load(ordering: .relaxed) && spool.failure == nil
        }, leaps: leaps)
      spool.end()
      if let failure = spool.failure { throw failure }
      // Requests that ended early make no run: nothing of it is stored.
      if let fault = summary.fault { throw fault }
      if !isCut() { finished.summary = summary }
    } catch {
      finished.error = error
    }
  }

  private func commit(_ run: Finished, _ index: Int) throws -> RunSummary? {
    if let error = run.error { throw error }
    guard let summary = run.summary, let spool = run.spool else { return nil }
    progress.writing(index)
    var header = header
    header.provenance = RunProvenance(
      started: run.started, finished: .now, arguments: arguments)
    try store.commit(header, summary: summary, spool: spool)
    progress.finish(index, summary)
    return summary
  }
}
