import EventKernel
import Hardware
import Serving

/// Replicas, stages, GPUs and tenants from event to event.
extension Accountant {
  /// The stage that holds a part of a replica's layers.
  func stageAccount(_ replica: Int64, part: Int64) -> StageAccount? {
    guard replicas.indices.contains(Int(replica)),
      replicas[Int(replica)].partAccounts.indices.contains(Int(part))
    else { return nil }
    return replicas[Int(replica)].stageAccounts[stage(of: Int(replica), part: part)]
  }

  func stage(of replica: Int, part: Int64) -> Int { Int(replicas[replica].stage(ofPart: part)) }

  func readReplica(_ event: LoggedEvent) {
    let replica = Int(event.a)
    if event.kind == .demand {
      expect(replica == replicas.count, "replica \(replica) is out of turn")
      var account = ReplicaAccount(
        number: event.a, model: event.b, gpusAsked: event.c, demanded: event.time)
      if let successor {
        expect(successor.a == event.a, "another than the successor is asked for: \(event.text)")
        expect(
          replicas[Int(successor.b)].ready != nil && replicas[Int(successor.b)].stages > 1,
          "no pipeline to take over from: \(event.text)")
        account.replaces = successor.b
        account.isInPlace = successor.c == 1
        self.successor = nil
      } else {
        noteDemand(of: event.b, at: event.time)
        preWarming = nil
      }
      replicas.append(account)
      return
    }
    guard replicas.indices.contains(replica) else {
      expect(false, "no replica for: \(event.text)")
      return
    }
    switch event.kind {
    case .grant: grant(replica, event)
    case .device: takeDevice(replica, stage: Int(event.b), gpu: Int(event.c), at: event.time)
    case .phase:
      expect(replicas[replica].phases[event.b] == nil, "a phase ends twice: \(event.text)")
      replicas[replica].phases[event.b] = event.time
      if [2, 3].contains(event.b) { checkArrivals(replica, phase: event.b, at: event.time) }
    case .ready: becomeReady(replica, isInitial: event.b == 1, at: event.time)
    case .drain, .resume:
      expect(replicas[replica].outstanding > 0, "an idle replica drains: \(event.text)")
      expect(replicas[replica].ready != nil, "drains early: \(event.text)")
      expect(replicas[replica].isDraining != (event.kind == .drain), "twice: \(event.text)")
      replicas[replica].isDraining = event.kind == .drain
    case .retire:
      expect(
        replicas.contains { $0.replaces == event.a && $0.ready == event.time },
        "nobody has taken over: \(event.text)")
      replicas[replica].isDraining = true
      replicas[replica].isRetired = true
    case .withdraw:
      expect(replicas[replica].granted == nil, "replica \(replica) is withdrawn after its grant")
      replicas[replica].withdrawn = event.time
    default: release(replica, at: event.time)
    }
  }

  private func grant(_ replica: Int, _ event: LoggedEvent) {
    expect(replicas[replica].isUnderWay && replicas[replica].granted == nil, "a grant too many")
    replicas[replica].granted = event.time
    replicas[replica].tensor = event.b
    replicas[replica].stages = event.c
    replicas[replica].blocks = event.d
    replicas[replica].blockTokens = event.e
    replicas[replica].parts = max(1, event.f)
    replicas[replica].foldsBack = event.g == 1
    replicas[replica].engines = Array(
      repeating: EngineAccount(), count: engineCount(Int(event.c)))
    replicas[replica].stageAccounts = (0..<event.c).map { _ in StageAccount(since: event.time) }
    replicas[replica].partAccounts = Array(
      repeating: PartAccount(), count: Int(event.c * replicas[replica].parts))
  }

  private func takeDevice(_ replica: Int, stage: Int, gpu: Int, at now: Nanoseconds) {
    guard stage < replicas[replica].stageAccounts.count, gpus.indices.contains(gpu) else {
      expect(false, "replica \(replica) takes GPU \(gpu) for stage \(stage)")
      return
    }
    replicas[replica].stageAccounts[stage].gpus.append(Int64(gpu))
    gpus[gpu].book(until: now)
    expect(gpus[gpu].tenant == nil, "replica \(replica) takes a tenant's GPU \(gpu)")
    gpus[gpu].starting += 1
  }

  private func becomeReady(_ replica: Int, isInitial: Bool, at now: Nanoseconds) {
    expect(replicas[replica].granted != nil, "replica \(replica) is ready without GPUs")
    if replicas[replica].isWaking { return awake(replica, at: now) }
    expect(replicas[replica].ready == nil, "replica \(replica) is ready twice")
    replicas[replica].ready = now
    replicas[replica].isInitial = isInitial
    if !isInitial {
      expect(
        replicas[replica].phases.keys.sorted() == replicas[replica].expectedPhases(coldStart),
        "replica \(replica) skips a phase, or has one too many")
    }
    for stage in replicas[replica].stageAccounts.indices {
      expect(
        replicas[replica].stageAccounts[stage].gpus.count == Int(replicas[replica].tensor),
        "replica \(replica) has the wrong number of GPUs on stage \(stage)")
      turnStage(replica, stage, to: .idle, at: now)
      for gpu in replicas[replica].stageAccounts[stage].gpus {
        gpus[Int(gpu)].book(until: now)
        gpus[Int(gpu)].starting -= 1
        gpus[Int(gpu)].ready += 1
      }
    }
  }

  private func release(_ replica: Int, at now: Nanoseconds) {
    expect(replicas[replica].granted != nil, "replica \(replica) gives back what it has not")
    let isGivenUp = replicas[replica].replaces != nil && replicas[replica].ready == nil
    if !replicas[replica].isRetired, !isGivenUp {
      noteRelease(
        of: replicas[replica].model, isAsleep: replicas[replica].isAsleep, at: now)
    }
    replicas[replica].released = now
    if replicas[replica].isLeft { closeIdle(replica) }
    for stage in replicas[replica].stageAccounts.indices {
      let wasExecuting: Bool
      if case .executing = replicas[replica].stageAccounts[stage].doing {
        wasExecuting = true
      } else {
        wasExecuting = false
      }
      turnStage(replica, stage, to: .idle, at: now)
      for gpu in replicas[replica].stageAccounts[stage].gpus {
        gpus[Int(gpu)].book(until: now)
        if wasExecuting { gpus[Int(gpu)].executing -= 1 }
        if replicas[replica].isAsleep {
          gpus[Int(gpu)].sleeping -= 1
        } else if replicas[replica].ready == nil || replicas[replica].isWaking {
          gpus[Int(gpu)].starting -= 1
        } else {
          gpus[Int(gpu)].ready -= 1
        }
      }
    }
  }

  /// A replica gets or loses a request; idle time changes its name when the first one comes or the
  /// last one goes.
  func changeWork(of replica: Int, by change: Int64, at now: Nanoseconds) {
    for stage in replicas[replica].stageAccounts.indices {
      if case .idle = replicas[replica].stageAccounts[stage].doing {
        turnStage(replica, stage, to: .idle, at: now)
      }
    }
    replicas[replica].outstanding += change
    expect(replicas[replica].outstanding >= 0, "replica \(replica) loses a request it never had")
  }

  /// Books a stage's time up to now under what it has done since, and notes what it does next.
  func turnStage(
    _ replica: Int, _ stage: Int, to doing: StageAccount.Doing, at now: Nanoseconds
  ) {
    var account = replicas[replica].stageAccounts[stage]
    let elapsed = now - account.since
    switch account.doing {
    case .starting: account.starting += elapsed
    case .asleep: account.starved += elapsed
    case .idle where replicas[replica].outstanding > 0 || replicas[replica].isLeft:
      account.bubble += elapsed
    case .idle: account.starved += elapsed
    case .executing(let index):
      let step = steps[index]
      let exposed =
        step.part(of: step.tensor, elapsed: elapsed) + step.part(of: step.expert, elapsed: elapsed)
      account.exposed += exposed
      account.busy += elapsed - exposed
    }
    account.doing = doing
    account.since = now
    replicas[replica].stageAccounts[stage] = account
  }

  func readTenant(_ event: LoggedEvent) {
    if event.kind == .tenantDemand {
      expect(tenants[event.a] == nil, "tenant \(event.a) asks twice")
      tenants[event.a] = TenantAccount(
        gpusAsked: event.b, demanded: event.time, lifetime: event.c)
      return
    }
    guard var tenant = tenants[event.a] else {
      expect(false, "no tenant for: \(event.text)")
      return
    }
    if event.kind == .tenantDevice {
      let gpu = Int(event.b)
      gpus[gpu].book(until: event.time)
      expect(gpus[gpu].isFree, "tenant \(event.a) takes GPU \(gpu), which is not free")
      gpus[gpu].tenant = event.a
      tenant.granted = event.time
      tenant.gpus.append(event.b)
      expect(tenant.gpus.count <= Int(tenant.gpusAsked), "tenant \(event.a) takes too much")
    } else {
      expect(
        tenant.granted.map { $0 + tenant.lifetime == event.time } ?? false,
        "tenant \(event.a) leaves at the wrong time")
      tenant.left = event.time
      for gpu in tenant.gpus {
        gpus[Int(gpu)].book(until: event.time)
        gpus[Int(gpu)].tenant = nil
      }
    }
    tenants[event.a] = tenant
  }
}
