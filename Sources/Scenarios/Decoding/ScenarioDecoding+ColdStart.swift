import EventKernel
import Hardware
import JSON
import Serving

extension ScenarioDecoding {
  /// What a cold start consists of: a system's figures, and whatever is said instead of them.
  ///
  /// In the canonical form of plain vLLM keys that younger versions brought stand only where they are not
  /// at their defaults, so that older scenarios keep their digests.
  func coldStart(_ parent: ObjectReader) -> ColdStartSpecification? {
    guard let reader = parent.object("coldStart", .standard(())) else { return nil }
    let coldStart = coldStart(in: reader)
    reader.finish()
    if coldStart?.system == .vllm {
      let standard = ObjectReader(empty: reader.path, in: parent)
      _ = self.coldStart(in: standard)
      for key in Self.laterKeys where reader.canonical[key] == standard.canonical[key] {
        reader.keep(key, nil)
      }
    }
    parent.keep("coldStart", .object(reader.canonical))
    return coldStart
  }

  private func coldStart(in reader: ObjectReader) -> ColdStartSpecification? {
    let system: ColdStartSystem? = reader.choice(
      "system", .standard(.vllm), kind: "a system with cold starts")
    var coldStart = (system ?? .vllm).coldStart
    let isWhole = [
      times(reader, &coldStart), overlaps(reader, &coldStart), nodes(reader, &coldStart),
      loading(reader, &coldStart), sources(reader, &coldStart),
    ].allSatisfy { $0 }
    return system != nil && isWhole ? coldStart : nil
  }

  /// The keys that came after the plain chain.
  private static let laterKeys = [
    "system", "nodeProvision", "warmNodes", "image", "processGroup", "peerCheck", "compile",
    "capture",
    "warmUp", "streamsLoad", "overlapsCompile", "overlapsCapture", "blocks", "hostCache",
    "storageCache", "peers",
  ]

  /// The timed phases; whether all of them could be read.
  private func times(_ reader: ObjectReader, _ coldStart: inout ColdStartSpecification) -> Bool {
    let keys: [(String, WritableKeyPath<ColdStartSpecification, Nanoseconds>)] = [
      ("nodeProvision", \.nodeProvision), ("container", \.container), ("runtime", \.runtime),
      ("processGroup", \.processGroup), ("peerCheck", \.peerCheck), ("engineInit", \.engineInit),
      ("compile", \.compile), ("capture", \.capture), ("warmUp", \.warmUp),
    ]
    var isWhole = true
    for (key, path) in keys {
      let time = reader.time(key, .standard(coldStart[keyPath: path]))
      if let time { coldStart[keyPath: path] = time } else { isWhole = false }
    }
    return isWhole
  }

  /// What goes on beside what; whether all of it could be read.
  private func overlaps(_ reader: ObjectReader, _ coldStart: inout ColdStartSpecification) -> Bool {
    let keys: [(String, WritableKeyPath<ColdStartSpecification, Bool>)] = [
      ("overlapsFetch", \.overlapsFetch), ("streamsLoad", \.streamsLoad),
      ("overlapsCompile", \.overlapsCompile), ("overlapsCapture", \.overlapsCapture),
    ]
    var isWhole = true
    for (key, path) in keys {
      let flag = reader.flag(key, .standard(coldStart[keyPath: path]))
      if let flag { coldStart[keyPath: path] = flag } else { isWhole = false }
    }
    return isWhole
  }

  /// What nodes need before a container can start; whether it could be read.
  private func nodes(_ reader: ObjectReader, _ coldStart: inout ColdStartSpecification) -> Bool {
    let image = reader.bytes("image", in: 0...1_000_000_000_000, .standard(coldStart.imageBytes))
    let warm = reader.integer("warmNodes", in: 0...Int64(Limit.nodes), .optional)
    if reader.has("warmNodes"), coldStart.nodeProvision == 0, !reader.isPartial {
      reader.fault(
        "warmNodes",
        .unfit(
          found: "warm nodes where all of them are up", needed: "a \"nodeProvision\" beside it"))
    }
    guard let image, warm != nil || !reader.has("warmNodes") else { return false }
    coldStart.imageBytes = image
    coldStart.warmNodes = warm.map { Int($0) }
    return true
  }

  /// Where weights may come from beside the store; whether it could be read.
  private func sources(_ reader: ObjectReader, _ coldStart: inout ColdStartSpecification) -> Bool {
    let host = reader.bytes("hostCache", in: 0...Limit.bytes, .standard(coldStart.hostCacheBytes))
    let storage = reader.bytes(
      "storageCache", in: 0...Limit.bytes, .standard(coldStart.storageCacheBytes))
    let peers: ColdStartSpecification.PeerLoading? = reader.choice(
      "peers", .standard(coldStart.peers), kind: "a way from peers")
    guard let host, let storage, let peers else { return false }
    coldStart.hostCacheBytes = host
    coldStart.storageCacheBytes = storage
    coldStart.peers = peers
    return true
  }

  /// Tells caches for which a node's host memory is too small, those of a store that is not there, and more
  /// warm nodes than there are nodes.
  func checkColdStart(of schedulers: [Scheduler], on cluster: ClusterSpecification) {
    for scheduler in schedulers {
      guard let coldStart = scheduler.specification?.coldStart,
        let reader = scheduler.coldStartReader
      else { continue }
      let least = cluster.nodes.map(\.hostMemoryBytes).min() ?? 0
      if coldStart.hostCacheBytes > least {
        reader.fault(
          "hostCache",
          .unfit(
            found: "\(readable(Double(coldStart.hostCacheBytes) / 1e9))GB",
            needed: "at most \(readable(Double(least) / 1e9))GB, the least host memory of a node"))
      }
      if let warm = coldStart.warmNodes, warm > cluster.nodes.count {
        reader.fault(
          "warmNodes",
          .unfit(
            found: counted(warm, "warm node"),
            needed: "at most \(grouped(cluster.nodes.count)), all that the cluster has"))
      }
      if coldStart.storageCacheBytes > 0, cluster.modelStoreBandwidthBytesPerSecond == nil {
        reader.fault(
          "storageCache",
          .unfit(
            found: "a cache of a store that is not there",
            needed: "a cluster.modelStore, or no cache: all weights lie on the nodes' storage"))
      }
    }
  }

  /// How weights are loaded; whether it could be read.
  private func loading(_ reader: ObjectReader, _ coldStart: inout ColdStartSpecification) -> Bool {
    let loader = reader.bandwidthOrNone("loader", default: coldStart.loaderBytesPerSecond)
    let blocks = reader.integer("blocks", in: 1...4_096, .standard(Int64(coldStart.blocks)))
    guard let loader, let blocks else { return false }
    coldStart.loaderBytesPerSecond = loader
    coldStart.blocks = Int(blocks)
    return true
  }
}
