import EventKernel
import Serving

/// Micro-batches that one dispatch forms.
final class DispatchAccount {
  /// Micro-batches of the replica in flight before and after, and its requests.
  let before: Int64
  var after: Int64
  let requests: Int64
  let time: Nanoseconds
  /// Whether the replica takes no new requests: then what its stages wait is no bubble.
  let isDraining: Bool

  init(before: Int64, requests: Int64, time: Nanoseconds, isDraining: Bool) {
    self.isDraining = isDraining
    self.before = before
    after = before
    self.requests = requests
    self.time = time
  }
}

/// What a micro-batch tells about the idle time of the stages that it ends.
final class RoundAccount {
  let dispatch: DispatchAccount
  /// The micro-batch that returned as this one was formed, and what the one formed before it prefills.
  var follows: RoundAccount?
  let behind: [Int64]?
  /// Prompt tokens, and query–key pairs of them.
  var prefill: [Int64] = [0, 0]
  /// By stage: the idle time that its step ended, how long it was there when it began, the step, its host
  /// part, the hop behind it.
  var idle: [Nanoseconds] = []
  var lingered: [Nanoseconds] = []
  var steps: [Nanoseconds] = []
  var hosts: [Nanoseconds] = []
  var hops: [Nanoseconds] = []

  init(dispatch: DispatchAccount, follows: RoundAccount?, behind: [Int64]?) {
    self.dispatch = dispatch
    self.follows = follows
    self.behind = behind
  }
}

/// Why stages are idle. What LM head and sampler take is not in the log, so that of a full pipe whose
/// model samples only the sum of `sampling`, `partition` and `cohort` is known.
extension Accountant {
  /// A micro-batch is formed; those that follow each other in the log are one dispatch's.
  func beginRound(_ number: Int64, of replica: Int, at now: Nanoseconds) {
    if dispatching?.replica != replica {
      let account = DispatchAccount(
        before: replicas[replica].inFlight, requests: replicas[replica].outstanding, time: now,
        isDraining: replicas[replica].isDraining)
      dispatching = (replica, account)
    }
    guard let dispatch = dispatching?.account else { return }
    let returned = replicas[replica].returned
    let follows = returned.flatMap { $0.time == now ? $0.round : nil }
    replicas[replica].returned = nil
    let round = RoundAccount(
      dispatch: dispatch, follows: follows, behind: replicas[replica].formedLast?.prefill)
    replicas[replica].formedLast = round
    rounds[number] = round
    replicas[replica].inFlight += 1
    dispatch.after = replicas[replica].inFlight
  }

  /// What a member prefills.
  func notePrefill(_ number: Int64, chunk: Int64, prefix: Int64) {
    rounds[number]?.prefill[0] += chunk
    rounds[number]?.prefill[1] += (1...chunk).reduce(0) { $0 + $1 + prefix }
  }

  /// A step ends the idle time of its stage.
  func noteStep(_ step: StepAccount, since arrived: Nanoseconds) {
    guard let round = rounds[step.batch] else { return }
    let place = self.stage(of: Int(step.replica), part: step.stage)
    let stage = replicas[Int(step.replica)].stageAccounts[place]
    round.idle.append(stage.bubble - stage.bubbleTold)
    replicas[Int(step.replica)].stageAccounts[place].bubbleTold = stage.bubble
    round.lingered.append(step.begin - arrived)
    round.steps.append(step.total)
    round.hosts.append(step.host)
  }

  /// It is back: its idle times are told, and the next micro-batch may follow it.
  func endRound(_ number: Int64, of replica: Int, at now: Nanoseconds) {
    guard let round = rounds.removeValue(forKey: number) else { return }
    replicas[replica].inFlight -= 1
    tell(round, of: replica)
    round.follows = nil
    replicas[replica].returned = (now, round)
  }

  /// A replica whose last request has finished has no work any more, unless others were waiting for it.
  func settleIdle(before event: LoggedEvent) {
    if event.kind == .leftover { closeRounds() }
    switch event.kind {
    case .token, .finish: break
    case .assign: runDry.remove(Int(event.b))
    default:
      for replica in runDry.sorted() { closeIdle(replica) }
      runDry = []
    }
  }

  /// The run ends with requests in the system.
  func closeRounds() {
    guard !areRoundsClosed else { return }
    areRoundsClosed = true
    for number in rounds.keys.sorted() {
      guard let round = rounds[number], let batch = batches[number] else { continue }
      tell(round, of: Int(batch.replica))
    }
    for replica in replicas.indices where replicas[replica].ready != nil {
      if replicas[replica].released == nil { closeIdle(replica) }
    }
  }

  /// Idle time that no step ends: the replica has no work any more, or the run ends.
  func closeIdle(_ replica: Int) {
    for stage in replicas[replica].stageAccounts.indices {
      if case .idle = replicas[replica].stageAccounts[stage].doing {
        turnStage(replica, stage, to: .idle, at: time)
      }
      let account = replicas[replica].stageAccounts[stage]
      if replicas[replica].isDraining {
        replicas[replica].stageAccounts[stage].drain(account.bubble - account.bubbleTold)
        continue
      }
      let cause: BubbleCause =
        replicas[replica].outstanding < replicas[replica].stages ? .empty : .cohort
      replicas[replica].stageAccounts[stage].causes[cause, default: 0] +=
        account.bubble - account.bubbleTold
      replicas[replica].stageAccounts[stage].bubbleTold = account.bubble
    }
  }

  /// Splits the idle times that a micro-batch's steps ended.
  func tell(_ round: RoundAccount, of replica: Int) {
    for part in round.idle.indices {
      let stage = self.stage(of: replica, part: Int64(part))
      var rest = round.idle[part]
      func take(_ cause: BubbleCause, _ most: Nanoseconds) {
        let share = min(rest, max(0, most))
        replicas[replica].stageAccounts[stage].causes[cause, default: 0] += share
        rest -= share
      }
      if sharesGPUs { take(.shared, round.lingered[part]) }
      if round.dispatch.isDraining {
        replicas[replica].stageAccounts[stage].drain(rest)
        replicas[replica].stageAccounts[stage].bubbleTold -= rest
        continue
      }
      let way = way(of: round, to: part, replica)
      take(.hop, way.hops)
      switch pipe(round, replica) {
      case nil: take(.prefill, .max)
      case .partition?:
        // A full pipe of like micro-batches; what samples is not told.
        take(.partition, (round.follows?.steps.max() ?? 0) - round.steps[part])
        take(.cohort, .max)
      case let cause?:
        take(.host, way.hosts)
        take(cause, .max)
      }
    }
  }

  /// What a micro-batch's sequences spent on hops and in host parts since they left the stage that they
  /// are at now, back to the beginning of the way before this one.
  private func way(
    of round: RoundAccount, to part: Int, _ replica: Int
  ) -> (hops: Nanoseconds, hosts: Nanoseconds) {
    let stage = self.stage(of: replica, part: Int64(part))
    var (hops, hosts) = (Nanoseconds(0), Nanoseconds(0))
    for (way, parts) in [(round, part), (round.follows, round.follows?.hops.count ?? 0)] {
      for before in (0..<parts).reversed() {
        hops += way?.hops[before] ?? 0
        if self.stage(of: replica, part: Int64(before)) == stage { return (hops, hosts) }
        hosts += way?.hosts[before] ?? 0
      }
    }
    return (hops, hosts)
  }

  /// Why the pipe is not full: `cohort` or `empty`; `partition` where it is full, nil where it is full and
  /// prompts make it uneven.
  private func pipe(_ round: RoundAccount, _ replica: Int) -> BubbleCause? {
    let stages = replicas[replica].stages
    let dispatch = round.dispatch
    if stages * replicas[replica].parts == 1 { return .empty }
    if dispatch.after < stages { return dispatch.requests < stages ? .empty : .cohort }
    if dispatch.before < stages - 1 { return .empty }
    let others = [round.behind, round.follows?.prefill].compactMap { $0 }
    return others.allSatisfy { $0 == round.prefill } ? .partition : nil
  }
}

extension StageAccount {
  /// Idle time that was taken for a bubble is due to draining.
  mutating func drain(_ time: Nanoseconds) {
    bubble -= time
    draining += time
  }

  /// Counts a step under the greatest time that its histogram does not tell from it.
  mutating func noteStep(_ total: Nanoseconds) {
    stepTime += total
    var floor = total < 1_024 ? 0 : total
    var bit: Int64 = 1
    // All but the highest six bits count for nothing.
    while floor >= 64 * bit {
      floor -= floor & bit
      bit *= 2
    }
    times[min(floor, 63 << 30), default: 0] += 1
  }
}
