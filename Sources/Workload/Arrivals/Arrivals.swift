import EventKernel

/// The instants of an arrival process, one at a time; those of a closed loop are its clients' first.
struct Arrivals {
  /// The next instant in nanoseconds, nil when none comes before the duration's end.
  private(set) var next: Nanoseconds?
  /// How many instants came before `next`.
  private(set) var index: UInt64 = 0
  private let process: ArrivalProcess
  private let duration: Nanoseconds
  private let gaps: RandomStream
  private var lastSeconds = 0.0
  private var walk: RateWalk?

  init(_ process: ArrivalProcess, workload: String, duration: Nanoseconds, seed: UInt64) {
    self.process = process
    self.duration = duration
    gaps = RandomStream(seed: seed, name: "workload/" + workload + "/arrivals")
    if case .varying(_, let curve) = process {
      walk = RateWalk(curve, duration: duration, seed: seed)
    }
    find()
  }

  /// Moves to the next instant.
  mutating func advance() {
    index += 1
    find()
  }

  private mutating func find() {
    let instant: Nanoseconds
    switch process {
    case .renewal(let gapSeconds):
      lastSeconds += gapSeconds.sample(gaps, at: index)
      // Beyond 292 years an Int64 of nanoseconds ends; such an arrival never comes.
      instant = lastSeconds < 9e9 ? nanoseconds(fromSeconds: lastSeconds) : .max
    case .varying(let gapSeconds, _):
      let seconds = walk?.advance(by: gapSeconds.sample(gaps, at: index))
      instant = seconds.map { nanoseconds(fromSeconds: $0) } ?? .max
    case .burst(let count, let start, let every):
      let round = Int64(index) / Int64(count)
      instant = round == 0 || every > 0 ? start + round * every : .max
    case .instants(let instants):
      instant = index < UInt64(instants.count) ? instants[Int(index)] : .max
    case .closedLoop(let loop):
      let client = Int64(index)
      let (whole, rest) = loop.rampUp.quotientAndRemainder(dividingBy: Int64(loop.clients))
      instant =
        client < Int64(loop.clients)
        ? whole * client + rest * client / Int64(loop.clients) : .max
    }
    next = instant < duration ? instant : nil
  }
}
