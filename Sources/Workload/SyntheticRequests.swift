public import EventKernel

/// The requests of a list of workloads, drawn from named random streams and merged by arrival.
///
/// Request `i` of a workload is a function of (seed, workload name, i) alone, so adding, removing or
/// reordering other workloads leaves it as it was.
public struct SyntheticRequests: RequestSource {
  /// The workloads, in scenario order.
  public var workloads: [WorkloadSpecification]
  /// Arrivals at or after this instant are not generated, in nanoseconds.
  public var duration: Nanoseconds

  /// Creates a source of the requests that arrive in [0, duration).
  public init(workloads: [WorkloadSpecification], duration: Nanoseconds) {
    self.workloads = workloads
    self.duration = duration
  }

  /// A stream from the first request on.
  public func open(seed: UInt64) -> any RequestStream {
    SyntheticStream(workloads: workloads, duration: duration, seed: seed)
  }
}

/// Merges the workloads' arrivals; at one instant the workload earlier in the scenario goes first.
struct SyntheticStream: RequestStream {
  private var generators: [WorkloadGenerator]
  private let duration: Nanoseconds
  /// The generator whose request is next; -1 when none has one.
  private var earliest = -1

  init(workloads: [WorkloadSpecification], duration: Nanoseconds, seed: UInt64) {
    generators = workloads.enumerated().map { index, workload in
      WorkloadGenerator(workload, index: Int32(index), seed: seed)
    }
    self.duration = duration
    for index in generators.indices { generators[index].advance() }
    findEarliest()
  }

  var nextArrival: Nanoseconds? { earliest >= 0 ? generators[earliest].nextArrival : nil }

  mutating func next() -> ArrivingRequest? {
    guard earliest >= 0, let time = generators[earliest].nextArrival else { return nil }
    let request = generators[earliest].request(at: time)
    generators[earliest].advance()
    findEarliest()
    return request
  }

  private mutating func findEarliest() {
    earliest = -1
    var bestTime = duration
    for index in generators.indices {
      if let time = generators[index].nextArrival, time < bestTime {
        earliest = index
        bestTime = time
      }
    }
  }
}

/// One workload's arrivals and lengths.
struct WorkloadGenerator {
  private(set) var nextArrival: Nanoseconds?
  private let specification: WorkloadSpecification
  private let index: Int32
  private let gaps: RandomStream
  private let prompts: RandomStream
  private let outputs: RandomStream
  private var produced: UInt64 = 0
  private var lastSeconds = 0.0

  init(_ specification: WorkloadSpecification, index: Int32, seed: UInt64) {
    self.specification = specification
    self.index = index
    let prefix = "workload/" + specification.name
    gaps = RandomStream(seed: seed, name: prefix + "/arrivals")
    prompts = RandomStream(seed: seed, name: prefix + "/prompt")
    outputs = RandomStream(seed: seed, name: prefix + "/output")
  }

  /// Moves to the next arrival.
  mutating func advance() {
    switch specification.arrivals {
    case .renewal(let gapSeconds):
      lastSeconds += gapSeconds.sample(gaps, at: produced)
      // Beyond 292 years an Int64 of nanoseconds ends; such an arrival never comes.
      nextArrival = lastSeconds < 9e9 ? nanoseconds(fromSeconds: lastSeconds) : nil
    case .burst(let count, let start, let every):
      let round = Int64(produced) / Int64(count)
      nextArrival = round == 0 || every > 0 ? start + round * every : nil
    case .instants(let instants):
      nextArrival = produced < UInt64(instants.count) ? instants[Int(produced)] : nil
    }
    produced += 1
  }

  /// The request whose arrival `advance` found.
  func request(at arrival: Nanoseconds) -> ArrivingRequest {
    let number = produced - 1
    return ArrivingRequest(
      arrival: arrival, workload: index,
      promptTokens: specification.prompt.sample(prompts, at: number),
      outputTokens: specification.output.sample(outputs, at: number))
  }
}
