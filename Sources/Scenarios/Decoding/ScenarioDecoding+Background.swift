import EventKernel
import Hardware
import JSON
import Serving

/// Other tenants of the cluster.
extension ScenarioDecoding {
  /// The tenants: nil when they are unfit, `.some(nil)` when there are none.
  func background(
    _ cluster: ObjectReader, largestNode: Int?, largestDomain: Int?, gpus: Int, clock: Clock?
  ) -> BackgroundSpecification?? {
    guard let reader = cluster.object("background", .optional) else {
      return cluster.has("background") ? nil : .some(nil)
    }
    let placement = tenantPlacement(reader, largestDomain: largestDomain)
    if reader.has("trace") {
      var traced = tracedBackground(
        reader, clock: clock, gpus: gpus, largestNode: largestNode ?? 0)
      reader.finish()
      cluster.keep("background", .object(reader.canonical))
      guard let placement else { return nil }
      traced?.placement = placement
      return traced.map { .some($0) }
    }
    let occupancy = reader.number("occupancy", in: .from(0, to: 1), of: "a share")
    let arrangement: BackgroundSpecification.Arrangement? = reader.choice(
      "arrangement", .standard(.renewing), kind: "an arrangement")
    let sizes = sizes(reader, largestNode: largestNode, isOptional: arrangement == .independent)
    let lifetime = lifetime(reader, isOptional: arrangement == .independent)
    let schedule = schedule(reader, arrangement, duration: clock?.duration)
    reader.finish()
    cluster.keep("background", .object(reader.canonical))
    guard let occupancy, let arrangement, let sizes, let lifetime, let schedule, let placement
    else { return nil }
    var background = BackgroundSpecification(
      occupancy: occupancy, sizes: sizes, lifetimeSeconds: lifetime, arrangement: arrangement)
    background.schedule = schedule
    background.placement = placement
    if let clock { checkDemands(of: background, until: clock, gpus: gpus, reader) }
    return .some(background)
  }

  /// The policy that chooses the nodes of tenants: nil when unfit, `.some(nil)` when none is named.
  private func tenantPlacement(
    _ reader: ObjectReader, largestDomain: Int?
  ) -> TenantPlacement?? {
    guard reader.has("placement") else { return .some(nil) }
    let chosen = choose(
      "placement", catalogue.placement, "random", reader, policy: { $0 },
      make: { TenantPlacement($0, $1) })
    if let chosen, let largestDomain { checkMix(chosen.choice, largestDomain: largestDomain) }
    return chosen.map { .some($0.policy) }
  }

  /// Where the occupancy changes, in the order of time; empty without a schedule.
  private func schedule(
    _ background: ObjectReader, _ arrangement: BackgroundSpecification.Arrangement?,
    duration: Nanoseconds?
  ) -> [OccupancyStep]? {
    guard background.has("schedule") else { return [] }
    guard let readers = background.objects("schedule", of: "steps") else { return nil }
    if arrangement == .independent {
      background.fault(
        "schedule",
        .unsupported(
          what: "independent tenants hold their GPUs for the whole run",
          instead: "leave it out, or \"arrangement\": \"renewing\""))
      return nil
    }
    var steps: [OccupancyStep] = []
    for reader in readers {
      let time = reader.time("at", in: 1...Limit.time, .required)
      let occupancy = reader.number("occupancy", in: .from(0, to: 1), of: "a share")
      reader.finish()
      guard let time, let occupancy else { continue }
      if let last = steps.last, time <= last.time {
        reader.fault(
          "at",
          .unfit(
            found: shortTime(time), needed: "a time after the step before, \(shortTime(last.time))")
        )
        continue
      }
      if let duration, time >= duration {
        reader.note(
          "at",
          "\(shortTime(time)) is after the last arrival, for the duration is "
            + "\(shortTime(duration)): the step can only matter to what is left over then")
      }
      steps.append(OccupancyStep(time: time, occupancy: occupancy))
    }
    background.keep("schedule", .array(readers.map { .object($0.canonical) }))
    return steps.count == readers.count ? steps : nil
  }

  /// Refuses schedules that ask for more demands than fit into memory: those are drawn beforehand.
  private func checkDemands(
    of background: BackgroundSpecification, until clock: Clock, gpus: Int, _ reader: ObjectReader
  ) {
    guard !background.schedule.isEmpty else { return }
    let shares = background.sizes.reduce(0.0) { $0 + $1.share }
    let size = background.sizes.reduce(0.0) { $0 + Double($1.gpus) * $1.share } / shares
    let most = ([background.occupancy] + background.schedule.map(\.occupancy)).max() ?? 0
    let end = max(clock.duration, background.schedule.last?.time ?? 0)
    let lives = Double(end) / 1e9 / background.lifetimeSeconds.mean
    let demands = (most * Double(gpus) / size * (lives + Double(background.schedule.count)))
      .rounded()
    guard demands > Double(Limit.tenantDemands) else { return }
    reader.fault(
      "schedule",
      .unfit(
        found: "about \(readable(demands)) demands of tenants in duration and schedule",
        needed:
          "at most \(grouped(Limit.tenantDemands)), so longer lifetimes or a shorter run"))
  }

  /// How long tenants stay; independent ones stay to the end, so that their figure is never read.
  private func lifetime(_ reader: ObjectReader, isOptional: Bool) -> Distribution? {
    if isOptional, !reader.has("lifetime") {
      reader.keep(
        "lifetime", .object(["distribution": .string("constant"), "value": .time(Self.hour)]))
      return .constant(3_600)
    }
    return timeDistribution("lifetime", of: reader, least: 1_000_000_000, longestSeconds: 4e9)
  }

  private static let hour: Nanoseconds = 3_600_000_000_000

  /// The sizes of tenants: an object of GPU counts and shares.
  private func sizes(
    _ reader: ObjectReader, largestNode: Int?, isOptional: Bool
  ) -> [BackgroundSize]? {
    if isOptional, !reader.has("sizes") {
      reader.keep("sizes", .object(["1": .integer(1)]))
      return [BackgroundSize(gpus: 1, share: 1)]
    }
    guard let sizes = reader.object("sizes") else { return nil }
    let most = largestNode ?? Int(Limit.gpusPerNode)
    var found: [BackgroundSize] = []
    var isWhole = true
    for member in sizes.ownMembers {
      guard let gpus = Int(member.key), gpus >= 1, gpus <= most, "\(gpus)" == member.key else {
        let needed = "a number of GPUs from 1 to \(most), all that a node has"
        faults.add(
          .unfit(found: "\"\(shortened(member.key))\"", needed: needed),
          at: sizes.path.key(member.key), from: member.origin)
        _ = sizes.value(member.key)
        isWhole = false
        continue
      }
      guard let share = sizes.number(member.key, in: .from(0, to: 1e6), of: "a share") else {
        isWhole = false
        continue
      }
      found.append(BackgroundSize(gpus: gpus, share: share))
    }
    reader.keep("sizes", .object(sizes.canonical))
    if isWhole, !found.contains(where: { $0.share > 0 }) {
      reader.fault("sizes", .unfit(found: "no size with a share", needed: "at least one above 0"))
    }
    return isWhole ? found.sorted { $0.gpus < $1.gpus } : nil
  }

  /// Refuses sizes of tenants that cannot add up to an occupancy: all multiples of a size too large
  /// for the cluster, or larger ones than its nodes have room for.
  func checkOccupancy(
    _ cluster: ObjectReader, _ background: BackgroundSpecification, _ nodes: [NodeSpecification]
  ) {
    let sizes = background.sizes.filter { $0.share > 0 }.map(\.gpus)
    guard background.arrangement == .renewing, background.demands == nil,
      let smallest = sizes.min(), let reader = cluster.object("background", .optional)
    else { return }
    let gpus = nodes.reduce(0) { $0 + $1.gpuCount }
    let most = ([background.occupancy] + background.schedule.map(\.occupancy)).max() ?? 0
    let target = Int((most * Double(gpus)).rounded())
    let divisor = sizes.reduce(0, Self.greatestCommonDivisor)
    let missed = divisor == smallest ? target % divisor : smallest - 1
    if Double(missed) > 0.02 * Double(gpus) {
      reader.fault(
        "sizes",
        .unfit(
          found: "tenants of at least \(counted(smallest, "GPU")) for \(target) of "
            + counted(gpus, "GPU"),
          needed: "sizes that come within 2 points of the occupancy, such as \"1\" besides"))
      return
    }
    checkRoom(reader, background, nodes, target: target)
  }

  /// For each size, those of it and larger ones together must find room on the empty cluster.
  private func checkRoom(
    _ reader: ObjectReader, _ background: BackgroundSpecification, _ nodes: [NodeSpecification],
    target: Int
  ) {
    let sizes = background.sizes.filter { $0.share > 0 }
    let asked = sizes.reduce(0.0) { $0 + Double($1.gpus) * $1.share }
    let gpus = nodes.reduce(0) { $0 + $1.gpuCount }
    for (index, size) in sizes.enumerated() {
      let large = sizes[index...]
      let part = large.reduce(0.0) { $0 + Double($1.gpus) * $1.share } / asked
      let room = nodes.reduce(0) { $0 + Self.most(of: large.map(\.gpus), in: $1.gpuCount) }
      // Their number is drawn: as many as come within 2 points of the cluster may wait.
      guard part * Double(target) > Double(room) + 0.02 * Double(gpus) else { continue }
      let wanted = Int((part * Double(target)).rounded())
      reader.fault(
        "sizes",
        .unfit(
          found: "tenants of at least \(counted(size.gpus, "GPU")) for about "
            + counted(wanted, "GPU"),
          needed: "at most \(room), all that the nodes have room for in such sizes"))
      return
    }
  }

  /// The most GPUs of a node that tenants of some sizes can hold together.
  private static func most(of sizes: [Int], in gpus: Int) -> Int {
    var reachable = [true] + Array(repeating: false, count: gpus)
    for count in 1..<gpus + 1 {
      reachable[count] = sizes.contains { $0 <= count && reachable[count - $0] }
    }
    return reachable.lastIndex(of: true) ?? 0
  }

  private static func greatestCommonDivisor(_ left: Int, _ right: Int) -> Int {
    right == 0 ? left : greatestCommonDivisor(right, left % right)
  }
}
