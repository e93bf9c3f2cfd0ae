public import EventKernel
import Serving
public import Workload

/// A workload and, where an answer causes the next request at a given pause, what is said then.
struct LeapTraffic {
  var workload: WorkloadSpecification
  var echoes: EchoRequests?

  /// Its requests.
  func source(duration: Nanoseconds) -> any RequestSource {
    if let echoes { return echoes }
    guard let drawn = workload.drawn else { return EchoRequests(chains: []) }
    return DrawnRequests(name: workload.name, traffic: drawn, duration: duration)
  }
}

/// Chains of requests: each arrives a pause after the one before has left, if need be at that very
/// instant.
public struct EchoRequests: RequestSource {
  /// Requests of equal lengths, one after the other.
  public struct Chain: Sendable, Hashable {
    /// When the first request arrives, in nanoseconds.
    public var start: Nanoseconds
    /// From an answer to the next request, in nanoseconds.
    public var pause: Nanoseconds
    /// How many requests.
    public var count: Int
    /// Prompt length of each in tokens.
    public var promptTokens: Int32
    /// Tokens that each generates.
    public var outputTokens: Int32

    /// Creates a chain.
    public init(
      start: Nanoseconds, pause: Nanoseconds = 0, count: Int, promptTokens: Int32,
      outputTokens: Int32
    ) {
      self.start = start
      self.pause = pause
      self.count = count
      self.promptTokens = promptTokens
      self.outputTokens = outputTokens
    }
  }

  /// The chains; at one instant the earlier one in the list goes first.
  public var chains: [Chain]

  /// Creates a source of these chains.
  public init(chains: [Chain]) { self.chains = chains }

  /// A stream from each chain's first request on; the seed is not used.
  public func open(seed: UInt64) -> any RequestStream { EchoStream(chains) }
}

/// Which request of each chain is next, and when; chains that wait for an answer have no instant.
private struct EchoStream: RequestStream {
  let chains: [EchoRequests.Chain]
  var due: [Nanoseconds?]
  var turns: [Int32]

  init(_ chains: [EchoRequests.Chain]) {
    self.chains = chains
    due = chains.map { $0.count > 0 ? $0.start : nil }
    turns = chains.map { _ in 0 }
  }

  private var first: Int? {
    due.indices.filter { due[$0] != nil }.min { (due[$0] ?? 0, $0) < (due[$1] ?? 0, $1) }
  }

  var nextArrival: Nanoseconds? { first.flatMap { due[$0] } }

  mutating func next() -> ArrivingRequest? {
    guard let chain = first, let arrival = due[chain] else { return nil }
    due[chain] = nil
    return ArrivingRequest(
      arrival: arrival, workload: 0, promptTokens: chains[chain].promptTokens,
      outputTokens: chains[chain].outputTokens, session: Int64(chain), turn: turns[chain])
  }

  mutating func ended(_ request: ArrivingRequest, isCompleted: Bool, at now: Nanoseconds) {
    let chain = Int(request.session)
    turns[chain] += 1
    if Int(turns[chain]) < chains[chain].count { due[chain] = now + chains[chain].pause }
  }
}

extension LeapDraws {
  /// Traffic for a model: how many requests is drawn first, so that long answers stay few.
  mutating func traffic(model: Int, number: Int) -> LeapTraffic {
    let requests = pick(theme == .plain ? [2, 5, 12, 12, 30] : [12, 30, 30])
    let lengths = self.lengths(requests: requests)
    let name = "w\(number)"
    let tenant = pick(["a", "b", name])
    let priority = pick(["interactive", "batch", "batch", "standard"])
    if chance(theme == .lockstep ? 0.3 : 0.12) {
      return LeapTraffic(
        workload: WorkloadSpecification(
          name: name, tenant: tenant, model: model, priority: priority, arrivals: .instants([]),
          prompt: lengths.prompt, output: lengths.output),
        echoes: echoes(requests: requests))
    }
    let workload = WorkloadSpecification(
      name: name, tenant: tenant, model: model, priority: priority,
      traffic: .drawn(
        DrawnTraffic(
          arrivals: arrivals(requests: requests),
          lengths: .separate(prompt: lengths.prompt, output: lengths.output),
          sessions: chance(0.15) ? sessions() : nil)),
      objective: chance(0.3)
        ? ServiceLevelObjective(ttft: tick * 20, tpot: tick * 3 / 2) : nil)
    return LeapTraffic(workload: workload)
  }

  private mutating func lengths(
    requests: Int
  ) -> (prompt: LengthDistribution, output: LengthDistribution) {
    let prompt = pick([1, 8, 60])
    // Few long answers among short ones, or all alike so that they end together.
    let long = pick(requests > 12 ? [20, 60, 150] : [40, 150, 400])
    let isEqual = theme == .lockstep && chance(0.7)
    let mixture = ValueTable(
      values: [1, 3, Double(long / 5), Double(long)], weights: [2, 2, 2, pick([0.2, 1, 2])])
    let output: Distribution =
      isEqual
      ? .constant(Double(long))
      : pick([
        .table(mixture), .table(mixture), .constant(Double(long)),
        .uniform(low: 1, high: Double(long / 2)),
      ])
    longestRequest = max(longestRequest, prompt + long)
    return (
      LengthDistribution(
        distribution: isEqual || chance(0.5)
          ? .constant(Double(prompt)) : .uniform(low: 1, high: Double(prompt))),
      LengthDistribution(distribution: output)
    )
  }

  private mutating func arrivals(requests: Int) -> ArrivalProcess {
    let gap = duration / Nanoseconds(requests)
    switch pick(theme == .lockstep ? [1, 2, 2, 3] : [0, 0, 1, 2, 3, 4]) {
    case 0: return .renewal(gapSeconds: .exponential(mean: seconds(gap)))
    case 1: return .renewal(gapSeconds: .constant(seconds(max(1, gap / tick) * tick)))
    case 2:
      return .burst(
        count: min(requests, number(2...12)), start: ticks([0, 3]),
        every: pick([0, tick * 40, tick * 61 + 1]))
    case 3:
      // Whole ticks: where steps are as long, each arrives as a step ends, some together.
      let places = (0..<requests).map { _ in number(0...Int(duration / tick) - 1) }
      return .instants(places.sorted().map { Nanoseconds($0) * tick })
    default:
      return .closedLoop(
        ClosedLoop(
          clients: number(1...5),
          thinkSeconds: pick([
            .constant(0), .constant(seconds(tick * 10)), .exponential(mean: seconds(tick * 20)),
          ]), rampUp: ticks([0, 10]), retryAfter: tick * 50))
    }
  }

  private mutating func sessions() -> SessionSpecification {
    longestRequest = max(longestRequest, 300)
    return SessionSpecification(
      turns: LengthDistribution(distribution: .uniform(low: 1, high: 4)),
      thinkSeconds: pick([.constant(0), .exponential(mean: seconds(tick * 8))]),
      systemPrompt: pick([0, 9]), contextLimit: 300)
  }

  private mutating func echoes(requests: Int) -> EchoRequests {
    longestRequest = max(longestRequest, 8 + 60)
    return EchoRequests(
      chains: (0..<number(1...4)).map { _ in
        EchoRequests.Chain(
          start: ticks([0, 0, 1, 30]), pause: pick([0, 0, tick, tick * 11]),
          count: max(1, requests / 2), promptTokens: pick([1, 8]),
          outputTokens: pick([1, 10, 60]))
      })
  }
}
