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
    // Written by one worker before it signals, read by who stores it after it has waited.
    var summary: RunSummary?
    var spool: RunSpool?
    var error: (any Error)?
    var started = Date.now
    var ended = Date.now
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
  private static let mostWaiting = 32

  /// Bytes of records from which on the next run gets a transaction of its own.
  private static let mostBytesTogether = 4 << 20

  /// Runs everything; returns the summaries in order, and fewer of them when interrupted.
  func execute(events: EventOutputs?) throws -> [RunSummary] {
    let board = Board(runs: runs.count, jobs: jobs)
    for _ in 0..<min(jobs, runs.count) {
      Thread.detachWorker { workThrough(board, events) }
    }
    var summaries: [RunSummary] = []
    var failure: (any Error)?
    var next = 0
    while next < runs.count {
      let batch = readyToStore(from: next, on: board)
      do {
        if failure == nil { summaries += try store(batch, of: board) }
      } catch {
        failure = error
        board.isStopped.store(true, ordering: .releasing)
      }
      for index in batch {
        board.finished[index].spool?.discard()
        board.finished[index].spool = nil
        board.finished[index].summary = nil
        board.permits.signal()
      }
      next = batch.upperBound
    }
    progress.end()
    if let failure { throw failure }
    return summaries
  }

  /// The next run, once it has ended, and with it those behind it that have: waits for the disk take
  /// longer than inserting a short run, and one will do for all of them.
  private func readyToStore(from first: Int, on board: Board) -> Range<Int> {
    board.finished[first].isDone.wait()
    var bytes = board.finished[first].spool?.byteCount ?? 0
    var end = first + 1
    while end < runs.count, bytes < Self.mostBytesTogether,
      board.finished[end].isDone.wait(timeout: .now()) == .success
    {
      bytes += board.finished[end].spool?.byteCount ?? 0
      end += 1
    }
    return first..<end
  }

  /// Stores runs that have ended, up to the first that failed; those that were cut short are left out.
  private func store(_ batch: Range<Int>, of board: Board) throws -> [RunSummary] {
    var ended: [(index: Int, run: FinishedRun)] = []
    let firstFailed = batch.first { board.finished[$0].error != nil }
    for index in batch.lowerBound..<(firstFailed ?? batch.upperBound) {
      let run = board.finished[index]
      guard let summary = run.summary, let spool = run.spool else { continue }
      progress.writing(index)
      var header = header
      header.provenance = RunProvenance(
        started: run.started, finished: run.ended, arguments: arguments)
      ended.append((index, FinishedRun(header: header, summary: summary, spool: spool)))
    }
    do {
      try store.commit(ended.map(\.run))
      for (index, run) in ended { progress.finish(index, run.summary) }
    } catch {
      guard ended.count > 1 else { throw error }
      // Those before the one that does not fit are kept.
      for (index, run) in ended {
        try store.commit([run])
        progress.finish(index, run.summary)
      }
    }
    if let firstFailed, let error = board.finished[firstFailed].error { throw error }
    return ended.map(\.run.summary.withoutHistograms)
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
      finished.ended = .now
      if let failure = spool.failure { throw failure }
      // Requests that ended early make no run: nothing of it is stored.
      if let fault = summary.fault { throw fault }
      if let beyond = summary.beyondPhysics, !isCut() { try report(beyond, of: run) }
      if !isCut() { finished.summary = summary }
    } catch {
      finished.error = error
    }
  }
}

extension Runner {
  /// A note where step times are given; elsewhere a fault, of whoever's figures they are.
  private func report(_ beyond: BeyondPhysics, of run: PlannedRun) throws {
    guard beyond.isGiven else { throw beyond }
    progress.note("note: \(run.name): \(beyond)")
  }
}

extension RunSummary {
  /// What a comparison needs of it: a megabyte of histograms less, which are in the results file.
  var withoutHistograms: RunSummary {
    var summary = self
    func empty(_ workload: inout WorkloadSummary) {
      workload.ttftHistogram = LatencyHistogram()
      workload.tpotHistogram = LatencyHistogram()
      workload.itlHistogram = LatencyHistogram()
      workload.e2eHistogram = LatencyHistogram()
    }
    empty(&summary.overall)
    for index in summary.workloads.indices { empty(&summary.workloads[index]) }
    return summary
  }
}
