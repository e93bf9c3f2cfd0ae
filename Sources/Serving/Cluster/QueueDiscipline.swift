import Workload

/// A queue policy and what it needs to know of a scenario's workloads.
struct QueueDiscipline: Sendable {
  private let policy: any QueuePolicy
  /// By what requests that wait are ordered.
  let order: QueueOrder
  /// The tenant and the class of each workload, by index.
  private let tenants: [Int32]
  private let classes: [Int32]
  /// Classes that an engine tells apart; 0 where classes do not matter.
  let classCount: Int
  /// Whether one who finds no room has running requests of lower classes preempted.
  let preempts: Bool
  /// What a token of each tenant adds to its counter; empty where counters do not matter.
  let charges: [TokenCharge]

  init(_ scheduler: SchedulerSpecification, _ scenario: Scenario) {
    let policy = scheduler.queue
    self.policy = policy
    order = type(of: policy).order
    let names = scenario.tenants
    tenants = scenario.workloads.map { workload in
      Int32(names.firstIndex(of: workload.tenant) ?? 0)
    }
    let words = scenario.priorityClasses
    classes = scenario.workloads.map { workload in
      Int32(words.firstIndex(of: workload.priority) ?? 0)
    }
    classCount = type(of: policy).respectsClasses ? min(words.count, EngineState.mostClasses) : 0
    preempts =
      policy.preemptsLowerClasses && classCount > 1 && scheduler.batching.admitsWhileRunning
    charges = order == .tenant ? names.map { policy.charge(ofTenant: $0) } : []
  }

  /// What orders a request.
  func ticket(_ record: RequestRecord) -> QueueTicket {
    if order == .arrival { return QueueTicket() }
    let workload = Int(record.workload)
    var ticket = QueueTicket()
    ticket.number = record.requestID
    ticket.tenant = tenants[workload]
    ticket.priorityClass = priorityClass(ofWorkload: workload)
    if order == .place {
      ticket.place = policy.place(
        of: QueuedRequestView(
          arrival: record.arrival, priorityClass: Int(classes[workload]),
          promptTokens: Int(record.promptTokens), outputTokens: Int(record.outputTokens)))
    }
    return ticket
  }

  /// The class of a workload as far as an engine tells it apart.
  func priorityClass(ofWorkload workload: Int) -> Int32 {
    classCount == 0 ? 0 : min(classes[workload], Int32(classCount) - 1)
  }

  /// The class of a workload among all classes of the scenario, 0 for the highest.
  func rank(ofWorkload workload: Int) -> Int { Int(classes[workload]) }

  /// The tenant of a workload, by index.
  func tenant(ofWorkload workload: Int) -> Int32 { tenants[workload] }
}

extension Scenario {
  /// The tenants, in the order of the workloads.
  public var tenants: [String] {
    workloads.reduce(into: []) { if !$0.contains($1.tenant) { $0.append($1.tenant) } }
  }

  /// The classes of the workloads, the highest first: `interactive`, others in the order of the
  /// workloads, `batch`.
  public var priorityClasses: [String] {
    let words: [String] = workloads.reduce(into: []) {
      if !$0.contains($1.priority) { $0.append($1.priority) }
    }
    let others = words.filter { $0 != "interactive" && $0 != "batch" }
    return words.filter { $0 == "interactive" } + others + words.filter { $0 == "batch" }
  }
}
