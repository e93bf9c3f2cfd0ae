public import EventKernel
public import Serving

/// The replicas of one plan that a scheduler had of a model, added up stage by stage.
public struct PlanStages: Sendable, Hashable {
  /// The scheduler's name.
  public var scheduler: String
  /// The model's name; nil where the scenario has one model.
  public var model: String?
  /// GPUs of a stage.
  public var tensor: Int32
  /// Replicas that had GPUs.
  public var replicas = 0
  /// The stages, by their place in the pipeline.
  public var stages: [StageSum]
}

/// What stages at one place in the pipelines of equal replicas did together.
public struct StageSum: Sendable, Hashable {
  /// Layers of each, the least and the most.
  public var layers: ClosedRange<Int32>
  /// Compute and host parts of steps, in nanoseconds.
  public var busy: Nanoseconds = 0
  /// Exposed collectives inside steps, in nanoseconds.
  public var exposedCommunication: Nanoseconds = 0
  /// Idle while their replicas had work, by cause, in nanoseconds.
  public var bubble = BubbleParts()
  /// Steps executed.
  public var steps: Int64 = 0
  /// Time of those steps, in nanoseconds.
  public var stepTime: Nanoseconds = 0
  /// How their times are spread.
  public var stepTimes = StepHistogram()
  /// How many of them were stragglers, and the worst of these.
  public var stragglers = 0
  /// Of those the one that was slowest beside its replica's others; nil without one.
  public var worst: Straggler?

  /// Time in which their replicas had work, in nanoseconds.
  public var withWork: Nanoseconds { busy + exposedCommunication + bubble.total }

  /// Idle time of a cause over the time with work; 0 where there was no work.
  public func share(_ cause: BubbleCause) -> Double {
    withWork > 0 ? Double(bubble[cause]) / Double(withWork) : 0
  }

  /// All idle time over the time with work.
  public var bubbleShare: Double {
    withWork > 0 ? Double(bubble.total) / Double(withWork) : 0
  }

  /// Mean step in seconds; nil without steps.
  public var meanStepSeconds: Double? {
    steps > 0 ? Double(stepTime) / Double(steps) / 1e9 : nil
  }

  init(_ stage: StageRecord) {
    layers = stage.layers...stage.layers
    add(stage)
  }

  mutating func add(_ stage: StageRecord) {
    layers = min(layers.lowerBound, stage.layers)...max(layers.upperBound, stage.layers)
    busy += stage.busy
    exposedCommunication += stage.exposedCommunication
    bubble += stage.bubbleParts
    steps += stage.steps
    stepTime += stage.stepTime
    stepTimes = stepTimes.adding(stage.stepTimes)
    guard let straggler = stage.straggler else { return }
    stragglers += 1
    if straggler.ratio > worst?.ratio ?? 0 { worst = straggler }
  }
}

extension [PlanStages] {
  /// Adds the stages of a run to those of the same scheduler, model and plan.
  ///
  /// Stages whose idle time is not known by cause, as in files of older versions, are left out.
  ///
  /// - Parameters:
  ///   - stages: The run's stages, by replica and place.
  ///   - replicas: Its replicas.
  ///   - models: The names of the scenario's models.
  ///   - scheduler: The scheduler's name.
  public mutating func add(
    _ stages: [StageRecord], of replicas: [ReplicaRecord], models: [String], scheduler: String
  ) {
    let byReplica = Dictionary(grouping: stages, by: \.replicaID)
    for replica in replicas {
      guard let own = byReplica[replica.replicaID], !own.isEmpty,
        own.allSatisfy({ $0.bubbleParts.total == $0.bubble })
      else { continue }
      let model = models.count > 1 ? models[Int(replica.model)] : nil
      let known = firstIndex {
        $0.scheduler == scheduler && $0.model == model && $0.tensor == replica.tensor
          && $0.stages.count == own.count
      }
      if let known {
        for place in own.indices { self[known].stages[place].add(own[place]) }
        self[known].replicas += 1
      } else {
        append(
          PlanStages(
            scheduler: scheduler, model: model, tensor: replica.tensor, replicas: 1,
            stages: own.map { StageSum($0) }))
      }
    }
  }
}

extension StepHistogram {
  /// The steps of both.
  func adding(_ other: StepHistogram) -> StepHistogram {
    if buckets.isEmpty { return other }
    var (sum, left, right) = ([Bucket](), buckets[...], other.buckets[...])
    while let first = left.first, let second = right.first {
      let number = Swift.min(first.number, second.number)
      var bucket = Bucket(number: number, count: 0)
      if first.number == number { bucket.count += left.removeFirst().count }
      if second.number == number { bucket.count += right.removeFirst().count }
      sum.append(bucket)
    }
    return StepHistogram(buckets: sum + left + right)
  }
}
