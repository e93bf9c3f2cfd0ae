import Foundation
import Scenarios
import Serving
import Testing

/// A figure that others published, beside simpp's: one line of a table in `docs/published.md`.
struct PublishedResult: Sendable {
  /// What a published figure is judged by.
  enum Tolerance: String, Sendable {
    /// Within 1 %.
    case analytic = "T1"
    /// Within 15 %.
    case calibrated = "T2"
    /// The same direction, and a factor of at most 1.5.
    case system = "T3"
    /// The same direction.
    case direction = "T4"
  }

  /// What a figure says, and so what its direction is.
  enum Kind: Sendable {
    /// A quantity, which has no direction.
    case quantity
    /// A quantity of which only a bound is published, which it lies below.
    case below
    /// One thing over another; which of them is greater is the direction.
    case ratio
    /// A change in percent; its sign is the direction, its size is compared.
    case change
  }

  enum Verdict: String, Sendable {
    case inside, outside
    case notComparable = "not comparable"
  }

  /// The file in `Scenarios/published`, without its ending; with a slash, in `Scenarios`.
  var scenario: String
  /// The line's second cell, or how it begins.
  var measured: String
  var kind = Kind.quantity
  /// In the docs' unit.
  var published: Double
  var tolerance: Tolerance
  /// simpp's, as the docs state it.
  var simulated: Double
  var verdict: Verdict
  /// simpp's, from runs; in the docs' unit.
  var figure: @Sendable (PublishedRuns) throws -> Double

  /// Whether a figure lies inside the published one's class.
  func isInside(_ value: Double) -> Bool {
    let direction =
      switch kind {
      case .quantity: true
      case .below: value < published
      case .ratio: (value - 1) * (published - 1) > 0
      case .change: value * published > 0
      }
    let ratio = value / published
    return switch tolerance {
    case .analytic: abs(ratio - 1) <= 0.01
    case .calibrated: abs(ratio - 1) <= 0.15
    // Those that are published as equal have no direction.
    case .system:
      (direction || kind == .ratio && published == 1) && ratio <= 1.5 && ratio >= 1 / 1.5
    case .direction: direction
    }
  }
}

/// An order that others published: figures of one scenario that rise.
struct PublishedOrder: Sendable {
  /// The file in `Scenarios/published`, without its ending.
  var scenario: String
  /// Where the order holds.
  var what: String
  /// simpp's, the least one first.
  var figures: [@Sendable (PublishedRuns) throws -> Double]
}

/// The runs of one scenario of `Scenarios/published`, each made when a figure first asks for it.
final class PublishedRuns {
  private let name: String
  private var done: [[String]: RunSummary] = [:]
  private var lastSamples: [[String]: SampleRecord] = [:]

  init(_ name: String) {
    self.name = name
  }

  /// The scenario, with settings such as `workloads[0].arrivals.rate=3`.
  func scenario(_ settings: [String] = []) throws -> Scenario {
    let file = name.contains("/") ? name : "published/\(name)"
    let path = repositoryRoot.appending(path: "Scenarios/\(file).json").path()
    let overrides = try settings.map { try #require(ScenarioOverride($0)) }
    return try ScenarioDecoder().decode(
      text: ScenarioFile.text(at: path), fileName: name, overrides: overrides
    ).scenario
  }

  /// The run of a scheduler, by its name.
  func run(_ scheduler: String, _ settings: String...) throws -> RunSummary {
    try run(scheduler, settings)
  }

  /// The run of a scheduler with a list of settings.
  func run(_ scheduler: String, _ settings: [String]) throws -> RunSummary {
    let key = [scheduler] + settings
    if let summary = done[key] { return summary }
    let scenario = try scenario(settings)
    let summary = Simulation(
      scenario: scenario, scheduler: try scenario.scheduler(scheduler)
    ).run()
    done[key] = summary
    return summary
  }
}

extension PublishedRuns {
  /// The state of the system when it was last sampled in the run of a scheduler.
  func lastSample(_ scheduler: String, _ settings: [String]) throws -> SampleRecord {
    let key = [scheduler] + settings
    if let sample = lastSamples[key] { return sample }
    let scenario = try scenario(settings)
    let records = MemorySink()
    _ = Simulation(scenario: scenario, scheduler: try scenario.scheduler(scheduler))
      .run(into: records)
    let sample = try #require(records.samples.last)
    lastSamples[key] = sample
    return sample
  }
}

/// The package's folder.
let repositoryRoot = URL(filePath: #filePath)
  .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

extension RunSummary {
  /// Requests completed per second of the whole run: the makespan of a burst is its end.
  var completedPerSecond: Double { Double(completed) / seconds }

  /// The length of the run, in seconds.
  var seconds: Double { Double(simulated) / 1e9 }
}
