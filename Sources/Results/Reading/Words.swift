import Serving

/// The words of the text columns, by what they stand for.
enum Words {
  static let states = table(RunState.allCases) { $0.rawValue }
  static let records = table(RecordsKept.allCases) { $0.rawValue }
  static let statuses = table(RequestStatus.allCases) { $0.name }
  static let reasons = table(RequestReason.allCases) { $0.text }
  static let links = table(ClusterLinkKind.allCases) { $0.name }
  static let allocations = table(AllocationKind.allCases) { $0.name }
  static let obstacles = table(AllocationObstacle.allCases) { $0.name }
  static let metrics = table(StoredMetric.allCases) { $0.rawValue }
  static let stragglers = table(Straggler.Cause.allCases) { $0.name }
  static let parts = table(LatencyLabel.allCases) { $0.name }

  private static func table<Value>(
    _ values: [Value], _ word: (Value) -> String
  ) -> [String: Value] {
    Dictionary(uniqueKeysWithValues: values.map { (word($0), $0) })
  }
}
