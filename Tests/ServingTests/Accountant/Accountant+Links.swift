import EventKernel
import Serving

/// A link as the event log tells it.
struct LinkAccount {
  let kind: Int64
  let owner: Int64
  let ordinal: Int64
  let capacity: Int64
  /// Shards that cross it now, and since when there have been some.
  var crossing = 0
  var busySince: Nanoseconds = 0
  var busy: Nanoseconds = 0
  /// Bytes of shards that have arrived, and of those that the run's end cut short.
  var bulkBytes: Int64 = 0
  var cutBytes: Int64 = 0
  /// Bytes of hops; and of those that are flows the ones that the run's end cut short, and the time
  /// in which they can have been on the link.
  var hopBytes: Int64 = 0
  var cutHopBytes: Int64 = 0
  var flows: [(from: Nanoseconds, to: Nanoseconds)] = []
}

/// A shard on its way as the event log tells it.
struct TransferAccount: Hashable {
  let replica: Int64
  let place: Int64
  let phase: Int64

  init(_ event: LoggedEvent) {
    replica = event.a
    place = event.b
    phase = event.c
  }
}

/// Links, and what crosses them.
extension Accountant {
  func readLink(_ event: LoggedEvent, at now: Nanoseconds) {
    switch event.kind {
    case .link:
      expect(event.a == Int64(links.count), "link \(event.a) is out of turn")
      expect(now == 0 && requests.isEmpty && replicas.isEmpty, "link \(event.a) comes late")
      links.append(
        LinkAccount(kind: event.b, owner: event.c, ordinal: event.d, capacity: event.e))
    case .route: addRoute(event)
    case .transfer: beginTransfer(event, at: now)
    case .transferLink: cross(event, at: now)
    case .transferCut: cutTransfer(event, at: now)
    case .found: noteFound(event)
    default: endTransfer(event, at: now)
    }
  }

  private func addRoute(_ event: LoggedEvent) {
    guard let stage = stageAccount(event.a, part: event.b), links.indices.contains(Int(event.c))
    else {
      expect(false, "no stage or link for: \(event.text)")
      return
    }
    expect(replicas[Int(event.a)].granted == time, "a route long after the grant")
    expect((1...Int64(stage.gpus.count)).contains(event.d), "too many GPUs send: \(event.text)")
    replicas[Int(event.a)].partAccounts[Int(event.b)].routes.append((Int(event.c), event.d))
  }

  private func beginTransfer(_ event: LoggedEvent, at now: Nanoseconds) {
    let key = TransferAccount(event)
    guard replicas.indices.contains(Int(event.a)) else {
      expect(false, "no replica for: \(event.text)")
      return
    }
    let replica = replicas[Int(event.a)]
    if event.c == 13 {
      expect(replica.isRetired && replica.released == nil, "KV of nobody: \(event.text)")
      expect(transferBytes[key] == nil, "two transfers of one number: \(event.text)")
      transferBytes[key] = event.d
      return
    }
    if event.c >= 14 { return beginSleepTransfer(event, key, replica) }
    expect(replica.granted != nil && replica.ready == nil, "a shard without a cold start")
    expect((0..<replica.tensor * replica.stages).contains(event.b), "no GPU for: \(event.text)")
    expect(transferBytes[key] == nil, "a shard sets out while it is under way")
    let mayBe =
      switch event.c {
      case 2, 12: coldStart.overlapsFetch || replica.hasRuntime(coldStart, at: now)
      case 11: coldStart.peers != .none && replica.hasRuntime(coldStart, at: now)
      case 3:
        replica.hasRuntime(coldStart, at: now)
          && (coldStart.streamsLoad || replica.phases[2].map { $0 <= now } ?? false)
          && loaded[event.a, event.b] + event.d <= fetched[event.a, event.b]
      default: event.c == 5 && event.d == coldStart.imageBytes && replica.phases[0] == nil
      }
    expect(mayBe, "early: \(event.text)")
    expect(
      coldStart.streamsLoad || event.c == 11 || arrived[key] == nil, "a shard sets out twice")
    if event.c == 3 { loaded[event.a, event.b] += event.d }
    transferBytes[key] = event.d
  }

  private func cross(_ event: LoggedEvent, at now: Nanoseconds) {
    let key = TransferAccount(event)
    guard transferBytes[key] != nil, links.indices.contains(Int(event.d)) else {
      expect(false, "nothing to cross: \(event.text)")
      return
    }
    let link = Int(event.d)
    paths[key, default: []].append(link)
    if links[link].crossing == 0 { links[link].busySince = now }
    links[link].crossing += 1
  }

  private func endTransfer(_ event: LoggedEvent, at now: Nanoseconds) {
    let key = TransferAccount(event)
    guard let bytes = transferBytes.removeValue(forKey: key) else {
      expect(false, "nothing arrives: \(event.text)")
      return
    }
    arrived[key] = now
    if [2, 12].contains(event.c) { fetched[event.a, event.b] += bytes }
    if event.c == 11 {
      fromPeers[event.a, event.b] += bytes
      found[event.a]?[0].bytes += bytes
    }
    for link in paths.removeValue(forKey: key) ?? [] {
      links[link].bulkBytes += bytes
      leaveLink(link, at: now)
    }
  }

  private func leaveLink(_ link: Int, at now: Nanoseconds) {
    links[link].crossing -= 1
    if links[link].crossing == 0 { links[link].busy += now - links[link].busySince }
  }

  /// A shard ends on its way: what has crossed the links counts, and the replica has not got it.
  private func cutTransfer(_ event: LoggedEvent, at now: Nanoseconds) {
    let key = TransferAccount(event)
    guard let bytes = transferBytes.removeValue(forKey: key) else {
      expect(false, "nothing to cut: \(event.text)")
      return
    }
    expect((0...bytes).contains(event.d), "more is cut than there was: \(event.text)")
    for link in paths.removeValue(forKey: key) ?? [] {
      links[link].bulkBytes += event.d
      leaveLink(link, at: now)
    }
  }

  /// A shard is looked for in a tier; what host memory has of it needs no fetch.
  private func noteFound(_ event: LoggedEvent) {
    var tiers = found[event.a] ?? WeightTier.allCases.map { _ in (0, 0, 0) }
    tiers[Int(event.c)].lookups += 1
    tiers[Int(event.c)].hits += event.d != 0 ? 1 : 0
    tiers[Int(event.c)].bytes += max(0, event.d)
    found[event.a] = tiers
    if event.c == 1 { fetched[event.a, event.b] += event.d }
  }

  /// A phase of fetching or loading ends with the last shard of all.
  func checkArrivals(_ replica: Int, phase: Int64, at now: Nanoseconds) {
    let number = Int64(replica)
    let ways: [Int64] = phase == 2 ? [2, 11, 12] : [3, 11]
    let ends = arrived.filter { $0.key.replica == number && ways.contains($0.key.phase) }
    let count = replicas[replica].tensor * replicas[replica].stages
    let last = max(
      ends.values.max() ?? now, phase == 3 ? replicas[replica].phases[2] ?? now : 0)
    expect(
      last == now || found[number] != nil && phase == 2,
      "phase \(phase) of replica \(replica) ends without its last shard")
    expect(
      found[number] != nil || Set(ends.keys.map(\.place)).count == Int(count),
      "phase \(phase) of replica \(replica) ends without a shard")
    expect(
      !transferBytes.keys.contains { $0.replica == number && ways.contains($0.phase) },
      "phase \(phase) of replica \(replica) ends with shards under way")
    if phase == 3 { checkShards(number, Int(count)) }
  }

  /// All that a replica fetched or found in host memory is loaded, and equal shards have equal bytes.
  private func checkShards(_ replica: Int64, _ count: Int) {
    let places = 0..<Int64(count)
    expect(
      places.allSatisfy { loaded[replica, $0] == fetched[replica, $0] },
      "replica \(replica) loads less than it fetched")
    let tensor = replicas[Int(replica)].tensor
    expect(
      places.allSatisfy { place in
        let first = place / tensor * tensor
        return loaded[replica, place] + fromPeers[replica, place]
          == loaded[replica, first] + fromPeers[replica, first]
      }, "replica \(replica) has shards of a stage that are not equal")
  }

  /// A micro-batch's activations cross the links of its stage's route; a flow has crossed them when it
  /// is sent.
  func creditHop(_ event: LoggedEvent, _ replica: Int64) {
    if event.c < 0 {
      hopFlows[event.a] = event
    } else {
      credit(event.d, replica, event.b) { links[$0].hopBytes += $1 }
    }
  }

  /// A hop that is a flow has left; the flows of one stage follow one another.
  func endHopFlow(of batch: Int64, _ replica: Int64, stage: Int64, at now: Nanoseconds) {
    guard let hop = hopFlows.removeValue(forKey: batch) else { return }
    let before = replicas[Int(replica)].partAccounts[Int(stage)].flowsUntil
    credit(hop.d, replica, stage) {
      links[$0].hopBytes += $1
      links[$0].flows.append((max(before, hop.time), now))
    }
    replicas[Int(replica)].partAccounts[Int(stage)].flowsUntil = now
  }

  private func credit(
    _ bytes: Int64, _ replica: Int64, _ stage: Int64, _ body: (Int, Int64) -> Void
  ) {
    guard let account = stageAccount(replica, part: stage), !account.gpus.isEmpty else { return }
    for (link, ranks) in replicas[Int(replica)].partAccounts[Int(stage)].routes {
      body(link, bytes * ranks / Int64(account.gpus.count))
    }
  }

  /// The run ends with shards under way.
  func cutTransfers(at now: Nanoseconds) {
    for key in transferBytes.keys { cut(key, at: now) }
    for (number, hop) in hopFlows {
      guard let replica = batches[number]?.replica else { continue }
      credit(hop.d, replica, hop.b) {
        links[$0].cutHopBytes += $1
        links[$0].flows.append((hop.time, now))
      }
    }
  }

  /// The run ends with something under way: where it is nobody tells.
  private func cut(_ key: TransferAccount, at now: Nanoseconds) {
    guard let bytes = transferBytes.removeValue(forKey: key) else { return }
    for link in paths.removeValue(forKey: key) ?? [] {
      links[link].cutBytes += bytes
      leaveLink(link, at: now)
    }
  }

  func compareLinks(_ records: MemorySink, same: (Int64, Int64, String) -> Void) {
    same(Int64(records.links.count), Int64(links.count), "number of links")
    for (told, record) in zip(links, records.links) {
      let name = "link \(record.link)"
      same(Int64(record.kind.rawValue), told.kind, "\(name) kind")
      same(Int64(record.owner), told.owner, "\(name) owner")
      same(Int64(record.ordinal), told.ordinal, "\(name) ordinal")
      same(Int64(record.capacityBytesPerSecond.rounded()), told.capacity, "\(name) capacity")
      let hops = record.hopBytes - told.hopBytes
      same((0...told.cutHopBytes).contains(hops) ? 1 : 0, 1, "\(name) hop bytes, \(hops) cut")
      // A rank may be through before the last one is, so flows bound the time.
      let most = told.busy + told.flows.reduce(0) { $0 + $1.to - $1.from }
      same(
        (told.busy...most).contains(record.busy) ? 1 : 0, 1, "\(name) busy \(record.busy)")
      let part = record.bulkBytes - told.bulkBytes
      same((0...told.cutBytes).contains(part) ? 1 : 0, 1, "\(name) bulk bytes, \(part) cut")
    }
  }
}

/// Bytes by replica and place.
struct PlaceBytes {
  private var bytes: [[Int64]: Int64] = [:]

  subscript(replica: Int64, place: Int64) -> Int64 {
    get { bytes[[replica, place], default: 0] }
    set { bytes[[replica, place]] = newValue }
  }
}
