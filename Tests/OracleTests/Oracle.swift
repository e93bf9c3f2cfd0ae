import EventKernel
import Foundation
import Scenarios
import Serving
import Testing

/// A scenario of `Scenarios/oracles`, with settings such as `workloads[0].arrivals.rate=3`.
func oracle(_ name: String, _ settings: String...) throws -> Scenario {
  let root = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
  let file = root.appendingPathComponent("Scenarios/oracles/\(name).json")
  let text = try String(contentsOf: file, encoding: .utf8)
  let overrides = try settings.map { try #require(ScenarioOverride($0)) }
  return try ScenarioDecoder().decode(
    text: text, fileName: file.lastPathComponent, overrides: overrides
  ).scenario
}

extension Scenario {
  /// Replications 0 to `count - 1` of one scheduler, on all cores; their order is kept.
  func replicate<Value: Sendable>(
    _ count: Int, scheduler: Int = 0, _ measure: @escaping @Sendable (Simulation) -> Value
  ) async -> [Value] {
    await withTaskGroup(of: (Int, Value).self) { group in
      for replication in 0..<count {
        let run = Simulation(scenario: self, scheduler: scheduler, replication: replication)
        group.addTask { (replication, measure(run)) }
      }
      var values: [(Int, Value)] = []
      for await value in group { values.append(value) }
      return values.sorted { $0.0 < $1.0 }.map(\.1)
    }
  }

  /// The index of a scheduler by its name.
  func scheduler(_ name: String) throws -> Int {
    try #require(schedulers.firstIndex { $0.name == name })
  }

  /// One run with all its records.
  func recorded(scheduler: Int = 0) -> (summary: RunSummary, records: MemorySink) {
    let records = MemorySink()
    let summary = Simulation(scenario: self, scheduler: scheduler).run(into: records)
    return (summary, records)
  }
}

/// A mean over replications and its standard error.
///
/// Waits of one run follow one another and are not independent, so the spread within a run says
/// nothing. Replications draw from streams of their own. Each gives one value, its mean over tens
/// of thousands of requests, and those values are independent and nearly normal.
struct Estimate {
  let mean: Double
  let standardError: Double

  init(_ values: [Double]) {
    let count = Double(values.count)
    let mean = values.reduce(0, +) / count
    let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    self.mean = mean
    standardError = (squares / (count - 1) / count).squareRoot()
  }
}

/// Expects an estimate within four standard errors of theory, and within a share of it where given.
func expectAgreement(
  _ estimate: Estimate, _ theory: Double, within share: Double = .infinity, _ what: String,
  sourceLocation: SourceLocation = #_sourceLocation
) {
  // What is constant has no error but that of adding up.
  let error = max(estimate.standardError, 1e-9 * theory)
  let z = (estimate.mean - theory) / error
  let difference = estimate.mean / theory - 1
  let figures: Comment =
    "\(what): theory \(theory), simulated \(estimate.mean) ± \(error), z \(z)"
  #expect(abs(z) < 4, figures, sourceLocation: sourceLocation)
  #expect(abs(difference) < share, figures, sourceLocation: sourceLocation)
}
