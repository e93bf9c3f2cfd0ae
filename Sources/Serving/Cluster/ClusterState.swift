import EventKernel
import Hardware

/// Which GPUs are free, who holds the others, and the ledger of each GPU's time.
struct ClusterState: Sendable {
  /// What a GPU does, seen from outside; busy time is counted by its stages.
  enum Occupation: Int8, Sendable { case unallocated, background, starting, ready, sleeping }

  /// One GPU.
  struct GPU: Sendable {
    var node: Int32
    var domain: Int32
    var occupation = Occupation.unallocated
    /// Our replicas on it that start, and that are ready.
    var startingResidents: Int32 = 0
    var readyResidents: Int32 = 0
    var sleepingResidents: Int32 = 0
    var since: Nanoseconds = 0
    var record = GPURecord()
    /// What its stages did of what it could have done meanwhile.
    var use = PeakUse()
  }

  /// A contiguous range of GPUs that can hold a group: an NVLink domain or a node.
  struct Place: Sendable {
    var node: Int32
    var firstGPU: Int32
    var gpuCount: Int32

    init(_ node: Int, first: Int, count: Int) {
      self.node = Int32(node)
      firstGPU = Int32(first)
      gpuCount = Int32(count)
    }
  }

  private(set) var gpus: [GPU] = []
  private(set) var domains: [Place] = []
  private(set) var nodes: [Place] = []
  /// The free ones, counted by place.
  var places: FreePlaces
  /// How the free ones have lain.
  var meter: FragmentationMeter
  private(set) var freeGPUs = 0
  /// Grows whenever a GPU comes free: what found no place finds none until it does.
  private(set) var freedVersion = 1
  private(set) var backgroundGPUs = 0
  let leafOfNode: [Int32]
  /// What lies near what.
  let tree: PlaceTree
  let specification: ClusterSpecification

  init(_ cluster: ClusterSpecification) {
    specification = cluster
    leafOfNode = cluster.leafOfNode.map { Int32($0) }
    var gpus: [GPU] = []
    var domains: [Place] = []
    var nodes: [Place] = []
    for (nodeIndex, node) in cluster.nodes.enumerated() {
      let first = gpus.count
      nodes.append(Place(nodeIndex, first: first, count: node.gpuCount))
      var start = 0
      while start < node.gpuCount {
        let size = min(node.nvlinkDomainSize, node.gpuCount - start)
        for offset in start..<start + size {
          var gpu = GPU(node: Int32(nodeIndex), domain: Int32(domains.count))
          gpu.record.gpu = Int32(first + offset)
          gpu.record.node = Int32(nodeIndex)
          gpus.append(gpu)
        }
        domains.append(Place(nodeIndex, first: first + start, count: size))
        start += size
      }
    }
    freeGPUs = gpus.count
    tree = PlaceTree(cluster, domains: domains)
    places = FreePlaces(tree, cluster, domains: domains)
    meter = FragmentationMeter(domains: domains.map(\.gpuCount), nodes: nodes.map(\.gpuCount))
    self.gpus = gpus
    self.domains = domains
    self.nodes = nodes
  }

  /// The node a GPU is in.
  func node(of gpu: Int32) -> NodeSpecification {
    specification.nodes[Int(gpus[Int(gpu)].node)]
  }

  /// The GPU's place within its node, from 0.
  func indexInNode(_ gpu: Int32) -> Int { Int(gpu - nodes[Int(gpus[Int(gpu)].node)].firstGPU) }

  /// Replicas of ours that hold a GPU.
  func residents(of gpu: Int32) -> Int32 {
    let state = gpus[Int(gpu)]
    return state.startingResidents + state.readyResidents + state.sleepingResidents
  }

  func isFree(_ gpu: Int32) -> Bool { gpus[Int(gpu)].occupation == .unallocated }

  /// Takes a free GPU for a background tenant.
  mutating func takeForTenant(_ gpu: Int32, at now: Nanoseconds) {
    change(gpu, to: .background, at: now)
    backgroundGPUs += 1
  }

  /// Gives a background tenant's GPU back.
  mutating func freeFromTenant(_ gpu: Int32, at now: Nanoseconds) {
    change(gpu, to: .unallocated, at: now)
    backgroundGPUs -= 1
  }

  /// One more of our replicas starts on a GPU.
  mutating func addStarting(_ gpu: Int32, at now: Nanoseconds) {
    gpus[Int(gpu)].startingResidents += 1
    settle(gpu, at: now)
  }

  /// A replica that started on a GPU is ready.
  mutating func becomeReady(_ gpu: Int32, at now: Nanoseconds) {
    gpus[Int(gpu)].startingResidents -= 1
    gpus[Int(gpu)].readyResidents += 1
    settle(gpu, at: now)
  }

  /// A ready replica on a GPU falls asleep.
  mutating func sleep(_ gpu: Int32, at now: Nanoseconds) {
    gpus[Int(gpu)].readyResidents -= 1
    gpus[Int(gpu)].sleepingResidents += 1
    settle(gpu, at: now)
  }

  /// A sleeping replica on a GPU starts again.
  mutating func wake(_ gpu: Int32, at now: Nanoseconds) {
    gpus[Int(gpu)].sleepingResidents -= 1
    gpus[Int(gpu)].startingResidents += 1
    settle(gpu, at: now)
  }

  /// A replica leaves a GPU.
  mutating func leave(_ gpu: Int32, from phase: Replica.Phase, at now: Nanoseconds) {
    switch phase {
    case .ready: gpus[Int(gpu)].readyResidents -= 1
    case .asleep: gpus[Int(gpu)].sleepingResidents -= 1
    case .demanded, .starting, .ended: gpus[Int(gpu)].startingResidents -= 1
    }
    settle(gpu, at: now)
  }

  /// Credits a stage's time on a GPU to its ledger, and what was done in it.
  mutating func addBusy(_ gpu: Int32, _ busy: Nanoseconds, _ use: PeakUse) {
    gpus[Int(gpu)].record.busy += busy
    gpus[Int(gpu)].use.add(use)
  }

  /// Closes every ledger at the end of the run; the states then sum to `now`.
  mutating func closeLedgers(at now: Nanoseconds) {
    for index in gpus.indices {
      accrue(index, at: now)
      gpus[index].record.reservedIdle -= gpus[index].record.busy
      gpus[index].record.mfu = gpus[index].use.mfu
      gpus[index].record.mbu = gpus[index].use.mbu
    }
  }

  /// The same state with every ledger at zero; what happened before counts no more.
  mutating func resetLedgers(at now: Nanoseconds) {
    for index in gpus.indices {
      var empty = GPURecord()
      empty.gpu = gpus[index].record.gpu
      empty.node = gpus[index].record.node
      gpus[index].record = empty
      gpus[index].since = now
    }
    meter.reset(at: now)
  }

  private mutating func settle(_ gpu: Int32, at now: Nanoseconds) {
    let state = gpus[Int(gpu)]
    if state.readyResidents > 0 {
      change(gpu, to: .ready, at: now)
    } else if state.startingResidents > 0 {
      change(gpu, to: .starting, at: now)
    } else {
      change(gpu, to: state.sleepingResidents > 0 ? .sleeping : .unallocated, at: now)
    }
  }

  private mutating func change(_ gpu: Int32, to occupation: Occupation, at now: Nanoseconds) {
    let index = Int(gpu)
    let before = gpus[index].occupation
    guard before != occupation else { return }
    accrue(index, at: now)
    gpus[index].occupation = occupation
    if before == .unallocated {
      places.take(gpu)
      freeGPUs -= 1
      measure(gpu, -1, at: now)
    } else if occupation == .unallocated {
      places.giveBack(gpu)
      freeGPUs += 1
      freedVersion += 1
      measure(gpu, 1, at: now)
    }
    if before == .starting { places.countStarting(gpus[index].node, by: -1) }
    if occupation == .starting { places.countStarting(gpus[index].node, by: 1) }
  }

  private mutating func measure(_ gpu: Int32, _ change: Int, at now: Nanoseconds) {
    let domain = Int(gpus[Int(gpu)].domain)
    let node = places.columns.firstNode + Int(gpus[Int(gpu)].node)
    meter.changed(
      by: change, domain: Int(places.free(domain)), node: Int(places.free(node)), at: now)
  }

  private mutating func accrue(_ index: Int, at now: Nanoseconds) {
    let elapsed = now - gpus[index].since
    gpus[index].since = now
    switch gpus[index].occupation {
    case .unallocated: gpus[index].record.unallocated += elapsed
    case .background: gpus[index].record.background += elapsed
    case .starting: gpus[index].record.starting += elapsed
    case .sleeping: gpus[index].record.sleeping += elapsed
    // Busy time is taken out when the ledger is closed.
    case .ready: gpus[index].record.reservedIdle += elapsed
    }
  }

  /// Free GPUs that cannot be part of a group of `degree` inside one NVLink domain.
  func strandedGPUs(degree: Int32) -> Int32 {
    var stranded: Int32 = 0
    for domain in domains.indices { stranded += places.free(domain) % degree }
    return stranded
  }
}
