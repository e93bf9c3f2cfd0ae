import EventKernel
import Hardware
import JSON
import Serving

extension ScenarioDecoding {
  /// The machines, their tenants, and the nodes once per group, for the checks of plans.
  struct Cluster {
    var specification: ClusterSpecification
    var background: BackgroundSpecification?
    var quotas: [Quota]
    var nodes: [NodeSpecification] { specification.nodes }
  }

  /// The cluster; its canonical form goes into `root`.
  func cluster(_ reader: ObjectReader, into root: ObjectReader, clock: Clock?) -> Cluster? {
    let groups = reader.objects("nodes", of: "node groups")
    var regions: [String] = []
    let nodes = groups?.map { nodeGroup($0, &regions) }
    if let groups { reader.keep("nodes", .array(groups.map { .object($0.canonical) })) }
    let total = nodes?.reduce(0) { $0 + ($1?.count ?? 0) } ?? 0
    if total > Limit.nodes {
      reader.fault(
        "nodes",
        .unfit(found: "\(grouped(total)) nodes", needed: "at most \(grouped(Limit.nodes))"))
      return nil
    }
    let fabric = fabric(reader, nodes: total)
    let store = reader.bandwidthOrNone("modelStore", default: nil)
    let registry = registry(reader)
    let wide = wideArea(reader, regions, groups ?? [])
    let largest = nodes?.compactMap { $0?.node.gpuCount }.max()
    let gpus = nodes?.reduce(0) { $0 + ($1.map { $0.node.gpuCount * $0.count } ?? 0) } ?? 0
    let domain = nodes?.compactMap { $0?.node.nvlinkDomainSize }.max()
    let background = background(
      reader, largestNode: largest, largestDomain: domain, gpus: gpus, clock: clock)
    let quotas = quotas(reader, gpus: gpus)
    reader.finish()
    root.keep("cluster", .object(reader.canonical))
    guard let nodes, let fabric, let store, let registry, let wide, let background, let quotas
    else {
      return nil
    }
    let flat = nodes.flatMap { group in
      group.map { [NodeSpecification](repeating: $0.node, count: $0.count) } ?? []
    }
    guard flat.count == total, total > 0 else { return nil }
    var specification = ClusterSpecification(
      nodes: flat, nodesPerLeaf: fabric.nodesPerLeaf, oversubscription: fabric.oversubscription,
      fabricLatencyNanoseconds: fabric.latency, modelStoreBandwidthBytesPerSecond: store)
    specification.registryBandwidthBytesPerSecond = registry
    specification.regions = regions
    specification.wan = wide.wan
    specification.modelStoreRegion = wide.storeRegion
    checkLeaves(reader, specification)
    if let background { checkOccupancy(reader, background, flat) }
    return Cluster(specification: specification, background: background, quotas: quotas)
  }

  /// The registry of images; told in the canonical form only where there is one.
  private func registry(_ reader: ObjectReader) -> Double?? {
    let registry = reader.bandwidthOrNone("imageRegistry", default: nil)
    if case .some(nil) = registry { reader.keep("imageRegistry", nil) }
    return registry
  }

  /// Refuses leaves whose cards together pass what links are calculated with.
  private func checkLeaves(_ reader: ObjectReader, _ cluster: ClusterSpecification) {
    let leaves = cluster.leafOfNode
    var below = [Double](repeating: 0, count: (leaves.last ?? 0) + 1)
    for (node, leaf) in zip(cluster.nodes, leaves) {
      below[leaf] += Double(node.nicCount) * node.nicBandwidthBytesPerSecond
    }
    let widest = below.max()
    guard let widest, widest >= Limit.leafBandwidth else { return }
    let found = readable((widest / 1e12).rounded())
    reader.fault(
      "fabric",
      .unfit(
        found: "network cards of \(found) TB/s below one leaf",
        needed: "less than \(readable(Limit.leafBandwidth / 1e12)) TB/s, so a smaller nodesPerLeaf"
      ))
  }

  private func nodeGroup(
    _ reader: ObjectReader, _ regions: inout [String]
  ) -> (node: NodeSpecification, count: Int)? {
    let count = reader.integer("count", in: 1...Int64(Limit.nodes), .standard(1))
    let names = HardwareCatalogue.gpus.map(\.name)
    let name = reader.choice("gpu", among: names, kind: "a GPU type")
    var gpu = name.flatMap(HardwareCatalogue.gpu(named:))
    let isProfiled = applyProfile(reader, to: &gpu)
    let gpuCount = reader.integer("gpusPerNode", in: 1...Limit.gpusPerNode)
    let nvlink = nvlink(reader, gpu: gpu)
    let nics = nics(reader)
    let pcie = pcie(reader, gpu: gpu, gpuCount: gpuCount)
    let hasGPUDirect = gpuDirect(reader)
    let region = region(reader, &regions)
    let hostMemory = reader.bytes(
      "hostMemory", in: 1_000_000_000...Limit.bytes, .standard(2_000_000_000_000))
    let storage = reader.bandwidth("storage", .standard(12e9))
    let price = reader.money("price", gpu.map { .standard($0.price.dollarsPerHour) } ?? .optional)
    reader.finish()
    if let price, price != gpu?.price.dollarsPerHour { gpu?.price = .given(price) }
    guard let count, isProfiled, let gpu, let gpuCount, let nvlink, let nics, let pcie,
      let hasGPUDirect, let region, let hostMemory, let storage
    else { return nil }
    var node = NodeSpecification(
      gpu: gpu, gpuCount: Int(gpuCount), nvlink: nvlink, nicCount: nics.count,
      nicBandwidthBytesPerSecond: nics.bandwidth, hostMemoryBytes: hostMemory,
      storageBandwidthBytesPerSecond: storage)
    node.pcie = pcie
    node.hasGPUDirect = hasGPUDirect
    node.region = region
    return (node, Int(count))
  }

  /// How the GPUs are joined, as far as their kind can be; bridges are there when they are named.
  private func nvlink(_ reader: ObjectReader, gpu: GPUSpecification?) -> NVLinkTopology? {
    let standard: Presence<NVLinkTopology> =
      gpu.map { .standard($0.nvlinkTopology == .switch ? .switch : .none) } ?? .optional
    let nvlink = reader.choice("nvlink", standard, kind: "an NVLink topology")
    if let gpu, let nvlink, nvlink != .none {
      let found = "\"\(nvlink.rawValue)\""
      if gpu.nvlinkTopology == .none {
        reader.fault(
          "nvlink", .unfit(found: found, needed: "\"none\": \(gpu.name) has no NVLink"))
      } else if nvlink == .switch, gpu.nvlinkTopology == .pairs {
        let needed = "\"pairs\" or \"none\": bridges join \(gpu.name) in pairs only"
        reader.fault("nvlink", .unfit(found: found, needed: needed))
      }
    }
    return nvlink
  }
}
