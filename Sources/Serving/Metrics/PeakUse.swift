import EventKernel
import Hardware
import Inference

/// What steps did and what the GPUs could have done meanwhile by their datasheets.
struct PeakUse: Sendable, Hashable {
  private var operations = 0.0
  private var bytes = 0.0
  private var possibleOperations = 0.0
  private var possibleBytes = 0.0

  /// Nothing yet.
  init() {}

  /// Work on so many GPUs of a kind for a time.
  init(
    operations: Double, bytes: Double, gpus: Int, peakFLOPs: Double, bytesPerSecond: Double,
    nanoseconds: Nanoseconds
  ) {
    let seconds = Double(nanoseconds) / 1e9 * Double(gpus)
    self.operations = operations
    self.bytes = bytes
    possibleOperations = seconds * peakFLOPs
    possibleBytes = seconds * bytesPerSecond
  }

  mutating func add(_ other: PeakUse) {
    operations += other.operations
    bytes += other.bytes
    possibleOperations += other.possibleOperations
    possibleBytes += other.possibleBytes
  }

  /// The part of one of so many equal GPUs.
  func part(of gpus: Int) -> PeakUse {
    var part = self
    let share = 1 / Double(gpus)
    part.operations *= share
    part.bytes *= share
    part.possibleOperations *= share
    part.possibleBytes *= share
    return part
  }

  /// Model FLOPs utilisation; nil where there was no time.
  var mfu: Double? { possibleOperations > 0 ? operations / possibleOperations : nil }

  /// Memory bandwidth utilisation; nil where there was no time.
  var mbu: Double? { possibleBytes > 0 ? bytes / possibleBytes : nil }
}

/// A figure of a run that no such machine can reach.
public struct BeyondPhysics: Error, Sendable, Hashable, CustomStringConvertible {
  /// What would have done it, such as `stage 0 of replica 3 on h100-sxm (GPUs 0,1)`.
  public var subject: String
  /// What it would have done, such as `FLOP/s a GPU`.
  public var figure: String
  /// How much of that.
  public var value: Double
  /// The most there can be.
  public var limit: Double
  /// Whether times that the scenario gives make it so, which promise no physics.
  public var isGiven: Bool
  /// Whether all figures of the devices are those that come with simpp.
  public var isOurs: Bool

  /// How far beyond the limit it lies, as a factor.
  public var ratio: Double { value / limit }

  /// The fault as a sentence, without a full stop.
  public var description: String {
    "\(subject) would do \(Self.text(value)) \(figure), at most \(Self.text(limit)) are possible"
      + (isGiven ? "; its step times are given by the scenario" : "")
  }

  /// Four digits and an exponent: `1.234e+15`.
  private static func text(_ value: Double) -> String {
    guard value.isFinite, value > 0 else { return value.description }
    var (exponent, mantissa) = (0, value)
    while mantissa >= 10 { (exponent, mantissa) = (exponent + 1, mantissa / 10) }
    while mantissa < 1 { (exponent, mantissa) = (exponent - 1, mantissa * 10) }
    return "\((mantissa * 1_000).rounded() / 1_000)e\(exponent)"
  }
}

/// Every run is held against what its machines can do.
extension Simulator {
  /// Shares above 1 by less than this are sums of rounded steps.
  private static var tolerance: Double { 1e-6 }

  /// Writes what a stage did of what its GPUs could, once its ledger is closed.
  ///
  /// The shares are of the time of all steps. Of that without communication, which computes nothing,
  /// neither may pass 1.
  ///
  /// - Returns: The part of each of its GPUs.
  mutating func holdAgainstPhysics(_ stage: Int) -> PeakUse {
    let replica = Int(stages[stage].replica)
    let (model, plan) = (Int(replicas[replica].model), Int(replicas[replica].plan))
    let record = stages[stage].record
    let served = scenario.models[model]
    var (steps, operations, bytes) = (Int64(0), 0.0, 0.0)
    for own in replicas[replica].stages where Int(stages[own].home) == stage {
      var counts = stages[own].counts
      counts.add(replicas[replica].counts)
      let work = StageWork(
        model: served.architecture, weights: served.weights, keyValue: served.keyValueCache,
        plan: catalogue.plan(plan, of: model), stage: Int(stages[own].index))
      steps += counts.steps
      operations += work.operations(counts)
      bytes += work.bytes(counts)
    }
    guard steps > 0 else { return PeakUse() }
    let type = catalogue.gpuTypeOfNode[Int(cluster.gpus[Int(stages[stage].gpus[0])].node)]
    let limits = catalogue.physicalLimits[type]
    let peak = served.weights == .fp8 ? limits.peakFP8FLOPs ?? limits.peakFLOPs : limits.peakFLOPs
    let (allOperations, allBytes) = (operations, bytes)
    let count = stages[stage].gpus.count
    func use(over time: Nanoseconds) -> PeakUse {
      PeakUse(
        operations: allOperations, bytes: allBytes, gpus: count, peakFLOPs: peak,
        bytesPerSecond: limits.memoryBytesPerSecond, nanoseconds: time)
    }
    let all = use(over: record.busy + record.exposedCommunication)
    stages[stage].record.modelFLOPs = operations
    stages[stage].record.leastBytes = bytes
    stages[stage].record.mfu = all.mfu
    stages[stage].record.mbu = all.mbu
    metrics.used(all)
    let computing = use(over: record.busy)
    let isGiven = !served.cost.promisesPhysics
    let memory = limits.memoryBytesPerSecond
    found(beyond(computing.mfu, "FLOP/s a GPU", peak, isGiven) { subject(record, type) })
    found(beyond(computing.mbu, "B/s of memory a GPU", memory, isGiven) { subject(record, type) })
    return all.part(of: count)
  }

  /// Writes how much of its bandwidth a link carried.
  mutating func holdAgainstPhysics(_ link: inout LinkRecord) {
    guard now > 0, link.capacityBytesPerSecond > 0 else { return }
    let share = Double(link.bytes) / (link.capacityBytesPerSecond * Double(now) / 1e9)
    link.share = share
    metrics.used(link)
    let isGiven = scenario.models.contains { !$0.cost.promisesPhysics }
    let (kind, ordinal, owner) = (link.kind.name, link.ordinal, link.owner)
    found(
      beyond(share, "B/s", link.capacityBytesPerSecond, isGiven) {
        "link \(kind) \(ordinal) of \(owner)"
      })
  }

  private func subject(_ record: StageRecord, _ type: Int) -> String {
    let gpus = record.gpus.map { String($0) }.joined(separator: ",")
    return "stage \(record.stage) of replica \(record.replicaID) on "
      + "\(catalogue.gpuTypes[type].name) (GPUs \(gpus))"
  }

  private func beyond(
    _ share: Double?, _ figure: String, _ limit: Double, _ isGiven: Bool, _ subject: () -> String
  ) -> BeyondPhysics? {
    guard let share, share > 1 + Self.tolerance else { return nil }
    return BeyondPhysics(
      subject: subject(), figure: figure, value: share * limit, limit: limit, isGiven: isGiven,
      isOurs: scenario.hasShippedFigures)
  }

  private mutating func found(_ beyond: BeyondPhysics?) {
    if let beyond { metrics.found(beyond) }
  }
}

extension Scenario {
  /// Whether all devices have the figures that come with simpp.
  public var hasShippedFigures: Bool {
    cluster.nodes.allSatisfy { node in
      guard let known = HardwareCatalogue.gpu(named: node.gpu.name) else { return false }
      return known.laws == node.gpu.laws && known.limits == node.gpu.limits
    }
  }
}

extension CostModel {
  /// Whether its times follow from what GPUs can do, and from that alone.
  fileprivate var promisesPhysics: Bool {
    guard case .roofline(let cost) = self else { return false }
    return cost.computeFactor >= 1 && cost.communicationFactor >= 1
  }
}
