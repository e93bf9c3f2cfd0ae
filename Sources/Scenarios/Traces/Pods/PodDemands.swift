import EventKernel
import JSON
import Serving

/// What other tenants ask for, made from the pods of a trace: a slice of it, its times scaled, as
/// many of its pods as give the occupancy that is wanted.
struct PodDemands {
  /// Which part of the trace becomes which demands.
  struct Selection: Sendable, Hashable {
    /// The instant of the trace that is time 0 of the run, in nanoseconds.
    var start: Nanoseconds = 0
    /// Nanoseconds of the run for each of the trace.
    var timeScale = 1.0
    /// Share of the GPUs asked for on average while requests arrive; nil: what the trace has.
    var occupancy: Double?
    /// When arrivals end, in nanoseconds of the run.
    var duration: Nanoseconds
    /// When the run ends at the latest, in nanoseconds.
    var end: Nanoseconds
    /// GPUs of the cluster.
    var gpus: Int
    /// GPUs of its largest node.
    var largestNode: Int
  }

  /// Most pods of a slice.
  static let most = 2_000_000

  /// Rows of the file, pods without GPUs included.
  private(set) var rows = 0
  /// When the last pod is deleted or, without an end, created, in nanoseconds of the trace.
  private(set) var traceEnd: Nanoseconds = 0
  /// Pods of the slice left out because no node has as many GPUs.
  private(set) var tooLarge = 0
  /// Pods of the slice that ask for certain GPU models.
  private(set) var withModels = 0
  /// The demands, in order of their times.
  private(set) var demands: [BackgroundDemand] = []
  /// GPUs asked for on average while requests arrive.
  private(set) var meanGPUs = 0.0

  private let selection: Selection
  private var pods: [Span] = []
  private let draws = RandomStream(seed: 0, name: "background/pods")

  /// When a pod asks and leaves, in nanoseconds of the run, which it may do before the run.
  private struct Span {
    var row: UInt64
    var from: Nanoseconds
    var to: Nanoseconds
    var gpus: Int32
    /// Thousandths of a GPU, 1,000 for whole ones.
    var milli: Int32
  }

  /// Reads a pod list, keeping the pods of the slice alone.
  ///
  /// - Throws: The first fault of the file, or more pods than a slice may have.
  init(path: String, selection: Selection) throws(TraceFault) {
    self.selection = selection
    var reader = try AlibabaPodReader(path: path)
    while let pod = try reader.next() {
      rows += 1
      traceEnd = max(traceEnd, pod.deleted == Limit.time ? pod.created : pod.deleted)
      take(pod)
      if pods.count > Self.most {
        throw TraceFault(
          fileName: baseNameOf(path), position: nil,
          problem: "found more than \(grouped(Self.most)) pods in the slice, needs a shorter one")
      }
    }
    choose()
  }

  private mutating func take(_ pod: AlibabaPod) {
    guard pod.gpus > 0, pod.milli > 0, pod.deleted > pod.created else { return }
    let span = Span(
      row: UInt64(pod.row), from: scaled(pod.created), to: scaled(pod.deleted), gpus: pod.gpus,
      milli: pod.gpus == 1 ? pod.milli : 1_000)
    // Copies may be moved by half the duration either way.
    let margin = selection.occupancy == nil ? 0 : selection.duration / 2
    guard span.to > -margin, span.from < selection.end + margin, span.to > span.from else {
      return
    }
    if pod.gpus > selection.largestNode {
      tooLarge += 1
      return
    }
    if pod.namesModels { withModels += 1 }
    pods.append(span)
  }

  private func scaled(_ time: Nanoseconds) -> Nanoseconds {
    let scaled = (Double(time - selection.start) * selection.timeScale).rounded()
    return Nanoseconds(max(-0x1p61, min(0x1p61, scaled)))
  }

  /// Takes so many pods that the mean demand is what is wanted: by bisection, because a pod that is
  /// taken at one weight is taken at every greater one.
  private mutating func choose() {
    guard let occupancy = selection.occupancy else {
      demands = demands(weight: 1)
      meanGPUs = mean(demands)
      return
    }
    let wanted = occupancy * Double(selection.gpus)
    var high = 1.0
    while high < 4_096, Double(pods.count) * high < Double(Self.most),
      mean(demands(weight: high)) < wanted
    {
      high *= 2
    }
    var low = 0.0
    for _ in 0..<24 {
      let middle = (low + high) / 2
      if mean(demands(weight: middle)) < wanted { low = middle } else { high = middle }
    }
    let (below, above) = (demands(weight: low), demands(weight: high))
    let isBelow = abs(mean(below) - wanted) <= abs(mean(above) - wanted)
    demands = isBelow ? below : above
    meanGPUs = mean(demands)
  }

  /// GPUs asked for on average while requests arrive, as if nobody ever waited.
  private func mean(_ demands: [BackgroundDemand]) -> Double {
    demands.reduce(0.0) { sum, demand in
      let held = min(demand.time + demand.lifetime, selection.duration) - demand.time
      return sum + Double(demand.gpus) * Double(max(0, held))
    } / Double(selection.duration)
  }

  /// The demands when each pod is taken `weight` times.
  ///
  /// That is the whole part of it, and once more with the rest as probability. Copies after the
  /// first are moved by a time of their own, within half the duration either way, so that they do
  /// not ask all at once.
  private func demands(weight: Double) -> [BackgroundDemand] {
    var whole: [BackgroundDemand] = []
    var shares: [Span] = []
    for pod in pods {
      let draw = draws.uniform(at: pod.row)
      let copies = Int(weight) + (draw < weight - weight.rounded(.down) ? 1 : 0)
      for copy in 0..<copies {
        guard let span = placed(pod, copy: copy) else { continue }
        if span.milli == 1_000 {
          whole.append(
            BackgroundDemand(time: span.from, gpus: span.gpus, lifetime: span.to - span.from))
        } else {
          shares.append(span)
        }
      }
    }
    let packed = SharePacking.demands(
      shares.map { (from: $0.from, to: $0.to, milli: $0.milli) })
    return (whole + packed).enumerated().sorted {
      ($0.element.time, $0.offset) < ($1.element.time, $1.offset)
    }.map(\.element)
  }

  /// A copy's time in the run, nil when it has none.
  private func placed(_ pod: Span, copy: Int) -> Span? {
    var span = pod
    if copy > 0 {
      let shift = draws.uniform(at: pod.row, lane: UInt64(copy)) - 0.5
      let moved = Nanoseconds((shift * Double(selection.duration)).rounded())
      span.from += moved
      span.to += moved
    }
    span.from = max(0, span.from)
    return span.to > span.from && span.from < selection.end ? span : nil
  }
}

/// Puts pods that ask for a share of one GPU onto GPUs: the first that has room, in the order in
/// which GPUs were opened; a GPU is given back when its last share leaves.
enum SharePacking {
  /// One demand of one GPU for each GPU that was ever opened, in order of opening.
  ///
  /// Each share is a time from, a time to, and thousandths of a GPU.
  static func demands(
    _ shares: [(from: Nanoseconds, to: Nanoseconds, milli: Int32)]
  ) -> [BackgroundDemand] {
    // Who leaves at an instant makes room for who comes at it.
    var events: [(time: Nanoseconds, isComing: Int, share: Int)] = []
    for (index, share) in shares.enumerated() {
      events.append((share.from, 1, index))
      events.append((share.to, 0, index))
    }
    events.sort { $0 < $1 }
    var demands: [BackgroundDemand] = []
    var used: [Int32] = []
    var open: [Int] = []
    var homes = [Int](repeating: -1, count: shares.count)
    for event in events {
      let milli = shares[event.share].milli
      if event.isComing == 1 {
        let home: Int
        if let known = open.first(where: { used[$0] + milli <= 1_000 }) {
          home = known
        } else {
          home = demands.count
          demands.append(BackgroundDemand(time: event.time, gpus: 1, lifetime: 0))
          used.append(0)
          open.append(home)
        }
        homes[event.share] = home
        used[home] += milli
        continue
      }
      let home = homes[event.share]
      used[home] -= milli
      if used[home] == 0 {
        demands[home].lifetime = event.time - demands[home].time
        open.removeAll { $0 == home }
      }
    }
    return demands
  }
}
