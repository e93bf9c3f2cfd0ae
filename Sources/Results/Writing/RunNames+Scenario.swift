public import Serving
import Workload

extension RunNames {
  /// The names of a scenario's runs.
  public init(_ scenario: Scenario) {
    self.init(
      workloads: scenario.workloads.map {
        WorkloadLabels(
          name: $0.name, tenant: $0.tenant,
          model: $0.popularity == nil ? scenario.models[$0.model].name : nil,
          priority: $0.priority)
      },
      models: scenario.models.map(\.name))
  }
}
