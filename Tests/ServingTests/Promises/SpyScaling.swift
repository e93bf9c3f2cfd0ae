import EventKernel
import Serving

/// Wants what a table says, and notes when it was asked.
struct SpyScaling: ScalingPolicy {
  static let name = "spy"
  static let summary = "what a table says"
  static let source = "tests"
  static let options: [OptionDescription] = []
  static let needs: ScalingNeeds = .activity

  /// When it was asked, and what it saw.
  final class Notes: @unchecked Sendable {
    var views: [ScalingView] = []
    var times: [Nanoseconds] { views.map(\.now) }
  }

  var initialReplicas = 0
  var minimumReplicas = 0
  var maximumReplicas = 100
  var keepAlive: Nanoseconds?
  var interval: Nanoseconds?
  var asksAtStart = false
  var occasions: ScalingOccasions = []
  /// Replicas wanted from each time on, and what is asked for with it.
  var table: [(from: Nanoseconds, desired: Int, recheck: ScalingDecision.Recheck)] = []
  let notes = Notes()

  init(_ values: OptionValues) {}
  init() {}

  mutating func decide(_ view: ScalingView) -> ScalingDecision {
    notes.views.append(view)
    let row = table.last { $0.from <= view.now }
    return ScalingDecision(
      desired: row?.desired ?? view.present, clause: ScalingClause("table"),
      recheck: row?.recheck ?? .arrival)
  }
}
