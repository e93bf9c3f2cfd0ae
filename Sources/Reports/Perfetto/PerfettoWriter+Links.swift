import EventKernel
import Serving

/// A link and what crosses it.
struct LinkTimeline {
  let name: String
  let group: String
  /// Nil before anything crosses it.
  var lanes: Lanes?
}

/// A shard on its way in a cold start.
struct TransferKey: Hashable {
  let replica: Int64
  let place: Int64
  let phase: Int64

  init(_ event: LoggedEvent) {
    replica = event.a
    place = event.b
    phase = event.c
  }
}

/// When a shard set out, and the links that it crosses with its track on each.
struct TransferTimeline {
  let from: Nanoseconds
  let bytes: Int64
  var lanes: [(link: Int, lane: Int)] = []
}

extension PerfettoWriter {
  func readLink(_ event: LoggedEvent) {
    switch event.kind {
    case .link: addLink(event)
    case .route:
      run?.replicas[event.a]?.stages[Int(event.b)].routes.append((Int(event.c), event.d))
    case .transfer:
      run?.transfers[TransferKey(event)] = TransferTimeline(from: now, bytes: event.d)
    case .transferLink: cross(TransferKey(event), link: Int(event.d))
    default: end(TransferKey(event))
    }
  }

  private func addLink(_ event: LoggedEvent) {
    guard let kind = ClusterLinkKind(rawValue: Int32(truncatingIfNeeded: event.b)) else { return }
    var name = "\(kind.name) \(event.d)"
    let group: String
    switch kind {
    case .store: group = "model store"
    case .registry: group = "image registry"
    case .leafDown, .leafUp: group = "leaf \(event.c)"
    case .wan:
      group = "region \(run?.regions[Int(event.c)] ?? "")"
      name = "wan to \(run?.regions[Int(event.d)] ?? "")"
    case .nicDown, .nicUp, .pcie, .nvlink, .storage, .pcieUp, .switchDown, .switchUp, .bridgeDown,
      .bridgeUp:
      group = "links of node \(event.c)"
    }
    run?.links.append(LinkTimeline(name: name, group: group))
  }

  /// What moves, by its way's number.
  private static let words: [Int64: String] = [
    2: "fetch", 3: "load", 5: "image pull", 11: "fetch from a peer", 12: "fetch from storage",
    14: "sleep", 15: "wake", 16: "wake from storage",
  ]

  /// The number of KV that moves with its requests.
  private static let keyValue: Int64 = 13

  private func crossWithKeyValue(_ key: TransferKey, _ bytes: Int64, link: Int) {
    let slice = Lanes.Slice(
      name: "KV", category: "kv", from: now, to: .max,
      arguments: ["replica": .integer(key.replica), "bytes": .integer(bytes)])
    guard let lane = begin(slice, on: link) else { return }
    run?.transfers[key]?.lanes.append((link, lane))
  }

  private func cross(_ key: TransferKey, link: Int) {
    guard let transfer = run?.transfers[key] else { return }
    if key.phase == Self.keyValue { return crossWithKeyValue(key, transfer.bytes, link: link) }
    guard let gpu = run?.replicas[key.replica]?.devices[Int(key.place)] else { return }
    let slice = Lanes.Slice(
      name: "\(Self.words[key.phase] ?? "transfer") GPU \(gpu)",
      category: key.phase == ColdStartPhase.image.rawValue ? "image" : "weights", from: now,
      to: .max,
      arguments: [
        "replica": .integer(key.replica), "gpu": .integer(Int64(gpu)),
        "bytes": .integer(transfer.bytes),
      ])
    guard let lane = begin(slice, on: link) else { return }
    run?.transfers[key]?.lanes.append((link, lane))
  }

  private func end(_ key: TransferKey) {
    guard let transfer = run?.transfers.removeValue(forKey: key) else { return }
    for (link, lane) in transfer.lanes { run?.links[link].lanes?.end(lane, at: now, &out) }
  }

  /// The run ends with shards of a replica under way.
  func endTransfers(of replica: Int64) {
    guard let run else { return }
    // A node goes on pulling an image, whoever asked for it.
    let keys = run.transfers.keys.filter {
      $0.replica == replica && $0.phase != ColdStartPhase.image.rawValue
    }
    for key in keys.sorted(by: { ($0.phase, $0.place) < ($1.phase, $1.place) }) { end(key) }
  }

  /// A hop on one of the links that it crosses.
  func showHop(of replica: Int64, _ slice: Lanes.Slice, over link: Int, bytes: Int64) -> Int? {
    var crossing = slice
    crossing.arguments = ["replica": .integer(replica), "bytes": .integer(bytes)]
    return begin(crossing, on: link)
  }

  /// Puts a slice on a link; its tracks come into being with the first one.
  private func begin(_ slice: Lanes.Slice, on link: Int) -> Int? {
    guard let told = run?.links[link] else { return nil }
    if told.lanes == nil { run?.links[link].lanes = Lanes(told.name, in: process(of: told.group)) }
    return run?.links[link].lanes?.begin(slice, &out)
  }

  private func process(of group: String) -> Int64 {
    if let known = run?.linkProcesses[group] { return known }
    let process = out.process("\(run?.title ?? "") · \(group)")
    run?.linkProcesses[group] = process
    return process
  }

  /// The run ends with something on the links.
  func closeLinks() {
    for link in run?.links.indices ?? 0..<0 { run?.links[link].lanes?.close(at: now, &out) }
  }
}
