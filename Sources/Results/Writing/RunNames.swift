/// What the numbers in a run's records mean: its workloads and models by name, in scenario order.
public struct RunNames: Sendable, Hashable {
  /// The workloads.
  public var workloads: [WorkloadLabels]
  /// The models.
  public var models: [String]

  /// Creates the names of a run.
  public init(workloads: [WorkloadLabels], models: [String]) {
    self.workloads = workloads
    self.models = models
  }
}

/// What is said of every request of a workload.
public struct WorkloadLabels: Sendable, Hashable {
  /// The workload's name.
  public var name: String
  /// Who pays.
  public var tenant: String
  /// The model's name; nil where its requests ask for several.
  public var model: String?
  /// The class of priority.
  public var priority: String

  /// Creates the labels of a workload.
  public init(name: String, tenant: String, model: String?, priority: String) {
    self.name = name
    self.tenant = tenant
    self.model = model
    self.priority = priority
  }
}
