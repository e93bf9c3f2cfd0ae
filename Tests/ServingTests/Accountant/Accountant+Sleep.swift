import EventKernel
import Serving

/// Replicas that sleep, as the event log tells it.
extension Accountant {
  func readSleep(_ event: LoggedEvent, at now: Nanoseconds) {
    let replica = Int(event.a)
    guard replicas.indices.contains(replica) else {
      expect(false, "no replica for: \(event.text)")
      return
    }
    if event.kind == .wake {
      wake(replica, at: now)
    } else if event.b == 1 {
      fallAsleep(replica, at: now)
    } else {
      expect(
        replicas[replica].isAsleep && !replicas[replica].isOnStorage,
        "nothing to give up: \(event.text)")
      replicas[replica].isOnStorage = true
    }
  }

  private func fallAsleep(_ replica: Int, at now: Nanoseconds) {
    expect(
      replicas[replica].isUp && replicas[replica].outstanding == 0,
      "replica \(replica) falls asleep, and is not idle")
    noteSleep(of: replicas[replica].model, at: now)
    replicas[replica].isAsleep = true
    replicas[replica].isOnStorage = false
    turn(replica, to: .asleep, at: now) { gpu in
      gpu.ready -= 1
      gpu.sleeping += 1
    }
  }

  private func wake(_ replica: Int, at now: Nanoseconds) {
    expect(replicas[replica].isAsleep, "replica \(replica) wakes, and has not slept")
    noteDemand(of: replicas[replica].model, at: now)
    replicas[replica].isAsleep = false
    replicas[replica].isWaking = true
    replicas[replica].wakes.append((asked: now, awake: nil))
    turn(replica, to: .starting, at: now) { gpu in
      gpu.sleeping -= 1
      gpu.starting += 1
    }
  }

  /// A replica that has slept is ready again, with all its weights.
  func awake(_ replica: Int, at now: Nanoseconds) {
    expect(
      !transferBytes.keys.contains { $0.replica == Int64(replica) },
      "replica \(replica) is awake before its weights")
    replicas[replica].isWaking = false
    replicas[replica].wakes[replicas[replica].wakes.count - 1].awake = now
    turn(replica, to: .idle, at: now) { gpu in
      gpu.starting -= 1
      gpu.ready += 1
    }
  }

  private func turn(
    _ replica: Int, to doing: StageAccount.Doing, at now: Nanoseconds,
    _ change: (inout GPUAccount) -> Void
  ) {
    for stage in replicas[replica].stageAccounts.indices {
      turnStage(replica, stage, to: doing, at: now)
      for gpu in replicas[replica].stageAccounts[stage].gpus {
        gpus[Int(gpu)].book(until: now)
        change(&gpus[Int(gpu)])
      }
    }
  }

  /// Weights of a GPU go down or come back, all that it had.
  func beginSleepTransfer(
    _ event: LoggedEvent, _ key: TransferAccount, _ replica: ReplicaAccount
  ) {
    expect(event.c == 14 ? replica.isAsleep : replica.isWaking, "nobody sleeps: \(event.text)")
    expect(event.c != 16 || replica.isOnStorage, "not on storage: \(event.text)")
    expect(transferBytes[key] == nil, "two transfers of one GPU: \(event.text)")
    if !replica.isInitial {
      let held = loaded[event.a, event.b] + fromPeers[event.a, event.b]
      expect(event.d == held, "other weights than were loaded: \(event.text)")
    }
    transferBytes[key] = event.d
  }
}
