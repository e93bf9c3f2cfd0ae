import EventKernel
import Serving
import Testing

/// A finite batch through stages that hold several parts of the layers.
@Suite struct InterleavedStageTests {
  /// m micro-batches through p stages of v parts.
  struct Batch: Sendable, CustomTestStringConvertible {
    var stages: Int
    var parts: Int
    var microbatches: Int
    var testDescription: String { "p = \(stages), v = \(parts), m = \(microbatches)" }

    /// What a stage takes for all its parts, in nanoseconds.
    var stageTime: Nanoseconds { 32_000_000 / Int64(stages) }
    /// What each stage takes for the whole batch, in nanoseconds.
    var work: Nanoseconds { Int64(microbatches) * stageTime }
  }

  private static let batches: [Batch] = [2, 4, 8].flatMap { stages in
    [1, 2, 4].flatMap { parts in
      [1, 2, 3, 4, 5, 7, 8, 12, 16, 33].map {
        Batch(stages: stages, parts: parts, microbatches: $0)
      }
    }
  }

  /// The idle time of each stage between the batch's arrival and its end.
  private func idle(_ batch: Batch, scheduler: String) throws -> [Nanoseconds] {
    let scenario = try oracle(
      "interleaved-stages", "defaults.batching.microbatches=\(batch.microbatches)",
      "workloads[0].arrivals.count=\(batch.microbatches)",
      "schedulers[\(scheduler)].parallelism.stages=\(batch.stages)",
      "schedulers[\(scheduler)].parallelism.virtualStages=\(batch.parts)")
    let name = scheduler == "1" ? "loop" : "fold-back"
    let records = scenario.recorded(scheduler: try scenario.scheduler(name)).records
    #expect(records.stages.count == batch.stages)
    #expect(records.stages.allSatisfy { $0.busy == batch.work })
    #expect(
      records.stages.allSatisfy { $0.steps == Int64(batch.parts * batch.microbatches) })
    return records.stages.map(\.bubble)
  }

  /// Narayanan et al., 2021 (Megatron-LM, interleaved schedule), forward only: the pipeline fills and
  /// drains by parts; with fewer micro-batches than stages the first one's way decides.
  @Test(
    "In a loop each stage is idle for (p − 1) / v stage times, to the nanosecond",
    arguments: batches.filter { $0.parts > 1 })
  func loop(batch: Batch) throws {
    let part = batch.stageTime / Int64(batch.parts)
    let (stages, parts) = (Int64(batch.stages), Int64(batch.parts))
    let makespan =
      batch.microbatches >= batch.stages
      ? batch.work + (stages - 1) * part
      : (stages * parts + Int64(batch.microbatches) - 1) * part
    #expect(
      try idle(batch, scheduler: "1")
        == Array(repeating: makespan - batch.work, count: batch.stages))
  }

  @Test(
    "Folded back, each stage is idle for p − 1 stage times, as without parts",
    arguments: batches.filter { $0.parts == 2 })
  func foldBack(batch: Batch) throws {
    let expected = Int64(batch.stages - 1) * batch.stageTime
    #expect(
      try idle(batch, scheduler: "2") == Array(repeating: expected, count: batch.stages))
  }
}
