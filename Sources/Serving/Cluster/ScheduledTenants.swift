import EventKernel

/// The demands of tenants whose share of the cluster follows a schedule, drawn without looking at the
/// cluster, so that every scheduler meets the same ones.
///
/// Tenants stand in lines of one size, each followed by the next when it leaves, as they do without a
/// schedule. A step up opens lines of drawn sizes; a step down closes lines drawn evenly, whose tenants
/// leave then.
struct ScheduledTenants {
  private struct Line {
    var size: Int32
    var stream: RandomStream
    var drawn: UInt64 = 0
    /// Its present demand.
    var demand = -1
  }

  private let background: BackgroundSpecification
  private let seed: UInt64
  private let sizes: RandomStream
  private let closing: RandomStream
  private var lines: [Line] = []
  /// The lines that are open.
  private var open: [Int] = []
  private var asked = 0
  private var closed: UInt64 = 0
  private var leaving = EventQueue()
  private var demands: [BackgroundDemand] = []
  /// Demands that were handed out before.
  private var taken = 0
  private var drawnUntil: Nanoseconds = 0

  /// Draws the demands up to the last step, for a cluster of so many GPUs.
  init(_ background: BackgroundSpecification, gpus: Int, seed: UInt64) {
    self.background = background
    self.seed = seed
    sizes = RandomStream(seed: seed, name: "background/sizes")
    closing = RandomStream(seed: seed, name: "background/closing")
    follow(background.occupancy, gpus, at: 0)
    for step in background.schedule {
      renew(until: step.time)
      follow(step.occupancy, gpus, at: step.time)
    }
  }

  /// The demands that were drawn and not yet handed out, in the order of their times, and more as long as
  /// there are none; none when nobody ever asks again.
  mutating func next() -> [BackgroundDemand] {
    let mean = nanoseconds(fromSeconds: background.lifetimeSeconds.mean)
    while demands.isEmpty, leaving.nextTime() != nil {
      renew(until: drawnUntil + max(1, mean / 4))
    }
    taken += demands.count
    defer { demands = [] }
    return demands
  }

  /// Opens or closes lines until they ask for a share of the GPUs.
  private mutating func follow(_ occupancy: Double, _ gpus: Int, at time: Nanoseconds) {
    let target = Int((occupancy * Double(gpus)).rounded())
    while asked > target { close(at: time) }
    let total = background.sizes.reduce(0.0) { $0 + $1.share }
    while asked < target {
      var size = background.sizes[background.sizes.count - 1].gpus
      var threshold = sizes.uniform(at: UInt64(lines.count)) * total
      for candidate in background.sizes {
        threshold -= candidate.share
        if threshold < 0 {
          size = candidate.gpus
          break
        }
      }
      if asked + size > target {
        let filler = background.sizes.last { $0.share > 0 && asked + $0.gpus <= target }
        guard let filler else { return }
        size = filler.gpus
      }
      asked += size
      open.append(lines.count)
      lines.append(
        Line(
          size: Int32(size),
          stream: RandomStream(seed: seed, name: "background/slot/\(lines.count)")))
      ask(lines.count - 1, at: time, isResidual: time == 0)
    }
  }

  private mutating func close(at time: Nanoseconds) {
    let place = Int(closing.uniform(at: closed) * Double(open.count))
    closed += 1
    let line = open.remove(at: min(place, open.count - 1))
    asked -= Int(lines[line].size)
    let demand = lines[line].demand
    demands[demand].lifetime = max(1, time - demands[demand].time)
    lines[line].demand = -1
  }

  /// The next tenant of a line asks; those of the start are in their steady state.
  private mutating func ask(_ line: Int, at time: Nanoseconds, isResidual: Bool) {
    let stream = lines[line].stream
    let drawn = lines[line].drawn
    let seconds =
      isResidual
      ? background.lifetimeSeconds.sampleResidual(stream, at: drawn)
      : background.lifetimeSeconds.sample(stream, at: drawn)
    lines[line].drawn += 1
    lines[line].demand = taken + demands.count
    let lifetime = max(1, nanoseconds(fromSeconds: seconds))
    demands.append(BackgroundDemand(time: time, gpus: lines[line].size, lifetime: lifetime))
    leaving.push(UInt64(lines[line].demand) << 32 | UInt64(line), at: time + lifetime)
  }

  /// Successors of all who leave before an instant.
  private mutating func renew(until end: Nanoseconds) {
    while let time = leaving.nextTime(), time < end, let (_, payload) = leaving.pop() {
      let line = Int(payload & 0xffff_ffff)
      // Those of closed lines have left before.
      guard lines[line].demand == Int(payload >> 32) else { continue }
      ask(line, at: time, isResidual: false)
    }
    drawnUntil = max(drawnUntil, end)
  }
}
