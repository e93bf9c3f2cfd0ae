import EventKernel
import Hardware

/// What joins the GPUs of a node to each other and to the host, nodes to nodes, and regions.
extension ScenarioDecoding {
  /// The network cards of a node.
  func nics(_ reader: ObjectReader) -> (count: Int, bandwidth: Double)? {
    guard let nics = reader.object("nics") else { return nil }
    let count = nics.integer("count", in: 1...64, .standard(1))
    let bandwidth = nics.bandwidth("bandwidth")
    nics.finish()
    reader.keep("nics", .object(nics.canonical))
    guard let count, let bandwidth else { return nil }
    return (Int(count), bandwidth)
  }

  /// How PCIe comes together below the host; kept in the canonical form only where something binds.
  func pcie(_ reader: ObjectReader, gpu: GPUSpecification?, gpuCount: Int64?) -> PCIeTopology? {
    guard let pcie = reader.object("pcie", .standard(())) else { return nil }
    let most = gpuCount ?? Limit.gpusPerNode
    let perSwitch = pcie.integer("gpusPerSwitch", in: 1...most, .standard(1))
    if let perSwitch, perSwitch == 1, pcie.has("uplink") {
      pcie.fault(
        "uplink",
        .unfit(found: "the uplink of no switch", needed: "gpusPerSwitch above 1 beside it"))
    }
    let hasSwitches = perSwitch.map { $0 > 1 } ?? true
    let uplink =
      hasSwitches
      ? pcie.bandwidth("uplink", gpu.map { .standard($0.pcieBandwidthBytesPerSecond) } ?? .optional)
      : 0
    let switches = perSwitch.map { $0 > 1 ? (most + $0 - 1) / $0 : most }
    let bridges = hostBridges(pcie, most: switches ?? most)
    let isPeerToPeer = pcie.flag("peerToPeer", .standard(false))
    pcie.finish()
    guard let perSwitch, let uplink, let bridges, let isPeerToPeer else { return nil }
    let topology = PCIeTopology(
      gpusPerSwitch: Int(perSwitch), uplinkBytesPerSecond: uplink, hostBridgeCount: bridges.count,
      hostBridgeBytesPerSecond: bridges.bandwidth, isPeerToPeer: isPeerToPeer)
    if topology != PCIeTopology() { reader.keep("pcie", .object(pcie.canonical)) }
    return topology
  }

  /// The host bridges; none that bind when the key is missing.
  private func hostBridges(_ pcie: ObjectReader, most: Int64) -> (count: Int, bandwidth: Double)? {
    guard let bridges = pcie.object("hostBridges", .optional) else {
      return pcie.has("hostBridges") ? nil : (0, 0)
    }
    let count = bridges.integer("count", in: 1...most, .standard(1))
    let bandwidth = bridges.bandwidth("bandwidth")
    bridges.finish()
    pcie.keep("hostBridges", .object(bridges.canonical))
    guard let count, let bandwidth else { return nil }
    return (Int(count), bandwidth)
  }

  /// Whether cards reach GPU memory; kept in the canonical form only where they do not.
  func gpuDirect(_ reader: ObjectReader) -> Bool? {
    let hasGPUDirect = reader.flag("gpuDirect", .standard(true))
    if hasGPUDirect == true { reader.keep("gpuDirect", nil) }
    return hasGPUDirect
  }

  /// The number of a node group's region, which joins the regions known so far.
  func region(_ reader: ObjectReader, _ regions: inout [String]) -> Int? {
    guard let name = reader.name("region", .optional) else {
      return reader.has("region") ? nil : 0
    }
    if let known = regions.firstIndex(of: name) { return known }
    regions.append(name)
    if regions.count > Limit.regions {
      reader.fault(
        "region",
        .unfit(found: "region \(regions.count)", needed: "at most \(Limit.regions) regions"))
      return nil
    }
    return regions.count - 1
  }

  /// The fabric inside regions.
  struct Fabric {
    var nodesPerLeaf: Int
    var oversubscription: Double
    var latency: Nanoseconds
  }

  /// The fabric; without one all nodes of a region stand under one leaf, which blocks nothing.
  func fabric(_ reader: ObjectReader, nodes: Int) -> Fabric? {
    guard let fabric = reader.object("fabric", .standard(())) else { return nil }
    let nodesPerLeaf = fabric.integer(
      "nodesPerLeaf", in: 1...Int64(Limit.nodes), .standard(Int64(max(1, nodes))))
    let oversubscription = fabric.number(
      "oversubscription", in: .from(1, to: 1_000), .standard(1), of: "a ratio")
    let latency = fabric.time("latency", in: 0...1_000_000_000, .standard(4_000))
    fabric.finish()
    reader.keep("fabric", .object(fabric.canonical))
    guard let nodesPerLeaf, let oversubscription, let latency else { return nil }
    return Fabric(
      nodesPerLeaf: Int(nodesPerLeaf), oversubscription: oversubscription, latency: latency)
  }

  /// What joins the regions, and in which of them the store stands.
  struct WideArea {
    var wan: WANSpecification?
    var storeRegion: Int?
  }

  /// The lines between regions; a cluster of one region has none.
  func wideArea(
    _ reader: ObjectReader, _ regions: [String], _ groups: [ObjectReader]
  ) -> WideArea? {
    if !regions.isEmpty {
      for group in groups where !group.has("region") {
        group.missing("region", needed: "a region, as other nodes have one")
      }
    }
    let storeRegion = storeRegion(reader, regions)
    let wan = wan(reader, regions)
    guard let storeRegion, let wan else { return nil }
    return WideArea(wan: wan, storeRegion: storeRegion)
  }

  /// The store's region: nil when it is unfit, `.some(nil)` when it is everywhere.
  private func storeRegion(_ reader: ObjectReader, _ regions: [String]) -> Int?? {
    guard reader.has("modelStoreRegion") else { return .some(nil) }
    if regions.isEmpty {
      let needed = "nodes with a region, or no modelStoreRegion"
      reader.fault("modelStoreRegion", .unfit(found: "the region of the store", needed: needed))
      return nil
    }
    let region = reader.choice("modelStoreRegion", among: regions, kind: "a region")
    return region.flatMap { regions.firstIndex(of: $0) }.map { .some($0) }
  }

  /// The lines: nil when they are unfit, `.some(nil)` where there is nothing to join.
  private func wan(_ reader: ObjectReader, _ regions: [String]) -> WANSpecification?? {
    guard regions.count > 1 else {
      guard reader.has("wan") else { return .some(nil) }
      let needed = "nodes in two regions or more, or no wan"
      reader.fault("wan", .unfit(found: "lines between regions", needed: needed))
      return nil
    }
    guard let wan = reader.object("wan") else { return nil }
    let line = line(wan)
    let pairs = pairs(wan, regions)
    wan.finish()
    reader.keep("wan", .object(wan.canonical))
    guard let line, let pairs else { return nil }
    return WANSpecification(line: line, pairs: pairs)
  }

  private func line(_ reader: ObjectReader) -> WANSpecification.Line? {
    let latency = reader.time("latency", in: 0...10_000_000_000)
    let bandwidth = reader.bandwidth("bandwidth")
    guard let latency, let bandwidth else { return nil }
    return WANSpecification.Line(latencyNanoseconds: latency, bandwidthBytesPerSecond: bandwidth)
  }

  /// The pairs of regions with a line of their own, each pair once.
  private func pairs(_ wan: ObjectReader, _ regions: [String]) -> [WANSpecification.Pair]? {
    guard wan.has("pairs") else { return [] }
    guard let readers = wan.objects("pairs", of: "pairs of regions") else { return nil }
    var pairs: [WANSpecification.Pair] = []
    for reader in readers {
      let first = reader.choice("from", among: regions, kind: "a region")
      let second = reader.choice("to", among: regions, kind: "a region")
      let line = line(reader)
      reader.finish()
      guard let first, let second, let line, let from = regions.firstIndex(of: first),
        let to = regions.firstIndex(of: second)
      else { continue }
      let pair = WANSpecification.Pair(from, to, line: line)
      if from == to {
        reader.fault("to", .unfit(found: "\"\(second)\" twice", needed: "two regions"))
      } else if pairs.contains(where: { $0.regions == pair.regions }) {
        reader.fault(.unfit(found: "this pair a second time", needed: "each pair of regions once"))
      } else {
        pairs.append(pair)
      }
    }
    wan.keep("pairs", .array(readers.map { .object($0.canonical) }))
    return pairs.count == readers.count ? pairs : nil
  }
}
