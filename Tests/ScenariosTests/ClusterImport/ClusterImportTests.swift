import Hardware
import JSON
import Serving
import Testing

@testable import Scenarios

@Suite("Importing a cluster")
struct ClusterImportTests {
  private func imported(
    _ nodes: [String], _ topologies: [ClusterImport.Topology] = [],
    _ choices: ClusterImport.Choices = .init()
  ) throws -> ClusterImport {
    try ClusterImport(
      nodes: (Sample.list(nodes), "dir/nodes.json"), topologies: topologies, choices: choices)
  }

  /// The cluster of a scenario into which the block is pasted.
  private func cluster(_ found: ClusterImport) throws -> ClusterSpecification {
    let start = try #require(Fixture.small.firstRange(of: "  \"cluster\": {"))
    let end = try #require(Fixture.small.firstRange(of: "  \"models\""))
    let text =
      String(Fixture.small[..<start.lowerBound]) + found.text
      + String(Fixture.small[end.lowerBound...])
    return try decode(
      text.replacing("llama-3.1-70b", with: "llama-3.1-8b").replacing("\"tensor\": 4", with: "")
    ).scenario.cluster
  }

  private func fault(_ nodes: [String], _ topologies: [ClusterImport.Topology] = []) -> String {
    do {
      _ = try imported(nodes, topologies)
      return "none"
    } catch {
      return "\(error)"
    }
  }

  private func topology(_ text: String, node: String? = nil) -> ClusterImport.Topology {
    ClusterImport.Topology(node: node, fileName: "dir/topo.txt", text: text)
  }

  @Test("Equal nodes become one entry, whose block is a valid part of a scenario")
  func groups() throws {
    // Machines alike differ by some pages of memory.
    let nodes = (0..<6).map { Sample.node("gpu-\($0)", memory: "\(2_113_436_260 + $0)Ki") }
    let found = try imported(nodes)
    #expect(found.groups.count == 1)
    let cluster = try cluster(found)
    #expect(cluster.nodes.count == 6)
    #expect(Set(cluster.nodes).count == 1)
    let node = try #require(cluster.nodes.first)
    #expect(node.gpu.name == "h100-sxm")
    #expect(node.gpuCount == 8)
    #expect(node.nvlink == .switch)
    // 32 EFA cards of 100 Gb/s: each GPU has the bandwidth of four.
    #expect(node.nicCount == 8)
    #expect(node.nicBandwidthBytesPerSecond == 50e9)
    #expect(node.hasGPUDirect)
    #expect(node.hostMemoryBytes == 2_164_000_000_000)
  }

  @Test("Nodes that cannot be had are left out, each with its reason")
  func leftOut() throws {
    var tainted = ClusterImport.Choices()
    let nodes = [
      Sample.node("good", spec: #""taints": [{"key": "nvidia.com/gpu", "effect": "NoSchedule"}]"#),
      Sample.node("cordoned", spec: #""unschedulable": true"#),
      Sample.node("silent", ready: "Unknown"),
      Sample.node(
        "team", spec: #""taints": [{"key": "team", "value": "x", "effect": "NoExecute"}]"#),
      Sample.node(
        "soft", spec: #""taints": [{"key": "soft", "effect": "PreferNoSchedule"}]"#),
      Sample.node("cut", product: "NVIDIA-H100-80GB-HBM3-MIG-1g.10gb", gpus: 56),
      Sample.node("mixed", resources: ["nvidia.com/mig-1g.10gb": 7]),
      Sample.node("nameless", product: nil, machine: nil),
      Sample.node("cpu", product: nil, gpus: 0, machine: "m5.large"),
    ]
    let found = try imported(nodes)
    #expect(found.groups.map(\.names) == [["good", "soft"]])
    #expect(
      found.remarks == [
        "From nodes.json: 2 of 9 nodes, 16 GPUs",
        "left out cordoned: cordoned (spec.unschedulable)", "left out silent: not ready",
        "left out team: tainted team=x:NoExecute; --tolerate team takes it",
        "left out cut: its GPUs are cut by MIG (NVIDIA-H100-80GB-HBM3-MIG-1g.10gb), and simpp places "
          + "whole GPUs",
        "left out mixed: its GPUs are cut by MIG (nvidia.com/mig-1g.10gb), and simpp places whole "
          + "GPUs",
        "left out nameless: nothing says of what type its 8 GPUs are: no nvidia.com/gpu.product label",
        "1 node without GPUs left out",
      ])
    tainted.tolerated = ["team"]
    #expect(try imported(nodes, [], tainted).groups.map(\.names) == [["good", "soft", "team"]])
  }

  @Test("GPUs shared in time count as whole ones; GPUs that cannot be allocated do not count")
  func counts() throws {
    let found = try imported([
      Sample.node(
        "shared", product: "NVIDIA-L40S-SHARED", gpus: 16, machine: nil,
        labels: ["nvidia.com/gpu.count": "4", "nvidia.com/gpu.replicas": "4"]),
      Sample.node("broken", allocatable: 7),
    ])
    #expect(found.groups.map(\.shape.gpuCount) == [7, 4])
    #expect(
      found.groups.map(\.shape.remarks) == [
        ["1 of its 8 GPUs cannot be allocated"],
        ["shared in time (16 of nvidia.com/gpu): taken as its 4 whole GPUs"],
      ])
  }

  @Test("A matrix wins over assumptions: joins, switches, cards, GPUDirect")
  func withTopology() throws {
    let nodes = [
      Sample.node("a", machine: nil), Sample.node("b", machine: nil),
      Sample.node("l", product: "NVIDIA-L40S", gpus: 4, machine: nil),
    ]
    let found = try imported(
      nodes,
      [topology(Sample.hgx), topology(Sample.workstation, node: "l")])
    let cluster = try cluster(found)
    #expect(cluster.nodes.map(\.gpu.name) == ["h100-sxm", "h100-sxm", "l40s"])
    #expect(cluster.nodes.map(\.nicCount) == [4, 4, 1])
    #expect(cluster.nodes.map(\.nvlink) == [.switch, .switch, .none])
    #expect(cluster.nodes.map(\.pcie.gpusPerSwitch) == [2, 2, 2])
    #expect(cluster.nodes.map(\.pcie.isPeerToPeer) == [false, false, true])
    #expect(cluster.nodes.map(\.hasGPUDirect) == [true, true, false])
    #expect(found.text.contains("not known, a guess: set it"))
  }

  @Test("Bridged cards count as bridged only where the matrix shows it")
  func bridges() throws {
    let node = Sample.node("a", product: "NVIDIA-RTX-A6000", gpus: 2, machine: nil)
    #expect(try cluster(imported([node])).nodes[0].nvlink == .none)
    let pair = Sample.matrix(gpus: 2) { _, _ in "NV4" }
    #expect(try cluster(imported([node], [topology(pair)])).nodes[0].nvlink == .pairs)
    let odd = Sample.node("a", product: "NVIDIA-L40S", gpus: 2, machine: nil)
    let found = try imported([odd], [topology(pair)])
    #expect(found.groups[0].shape.nvlink.value == .none)
    #expect(
      found.groups[0].shape.remarks == [
        "topo.txt shows NVLink, which l40s has not: check the type"
      ])
  }

  @Test("Zones of equal size become leaves; regions become regions with a WAN")
  func places() throws {
    let zones = (0..<6).map { Sample.node("n\($0)", zone: $0 < 3 ? "us-east-1b" : "us-east-1a") }
    let leaves = try cluster(imported(zones))
    #expect(leaves.nodesPerLeaf == 3)
    #expect(leaves.leafOfNode == [0, 0, 0, 1, 1, 1])
    let unequal = try imported(Array(zones.dropLast()))
    #expect(unequal.nodesPerLeaf == nil)
    #expect(unequal.remarks.contains { $0.contains("us-east-1a: 2, us-east-1b: 3") })
    let wide = try cluster(
      imported([Sample.node("a", zone: "eu-west-1a"), Sample.node("b", zone: "us-east-1a")]))
    #expect(wide.regions == ["eu-west-1", "us-east-1"])
    #expect(wide.nodes.map(\.region) == [0, 1])
    #expect(wide.wan != nil)
  }

  @Test("A node without a region is told beside two regions, and stands beside one")
  func unlabelledRegion() throws {
    let label = #""topology.kubernetes.io/region": "us-east-1", "#
    let unlabelled = Sample.node("c").replacing(label, with: "")
    #expect(unlabelled != Sample.node("c"))
    let one = try cluster(imported([Sample.node("a"), unlabelled]))
    #expect(one.regions.count <= 1 && one.nodes.count == 2)
    let told = fault([Sample.node("a"), Sample.node("b", zone: "eu-west-1a"), unlabelled])
    #expect(told.contains("found 2 regions, and c without topology.kubernetes.io/region, needs"))
  }

  @Test("--json gives the same cluster as the text, and the remarks")
  func json() throws {
    let found = try imported(
      [Sample.node("a"), Sample.node("b", product: "NVIDIA-L40S", gpus: 4, machine: nil)],
      [topology(Sample.workstation, node: "b")])
    var parser = JSONParser(found.json)
    let root = try parser.parse()
    let text = Fixture.small.replacing("llama-3.1-70b", with: "llama-3.1-8b")
      .replacing("\"tensor\": 4", with: "")
    let block = try #require(found.json.firstRange(of: "\"remarks\""))
    let cluster = found.json[..<block.lowerBound].dropFirst("{\"cluster\":".count).dropLast()
    #expect(try decode(text, ["cluster=\(cluster)"]).scenario.cluster == self.cluster(found))
    guard case .array(let remarks)? = root["remarks"]?.value else {
      Issue.record("no remarks")
      return
    }
    #expect(remarks.count > 10)
  }

  @Test("Unknown products, files of another kind and misplaced topologies are told")
  func faults() {
    #expect(
      fault([Sample.node("a", product: "NVIDIA-L40")])
        == "nodes.json:2:13: items[0].metadata.labels: found the GPU \"NVIDIA-L40\", which the "
        + "catalogue does not have (nearest: l40s); --gpu NVIDIA-L40=TYPE takes it for a type that "
        + "it has")
    #expect(
      fault([Sample.node("a", product: nil, gpus: 0, machine: nil)])
        == "nodes.json:1:1: found no node with GPUs that can be taken; 1 node without GPUs left out, "
        + "needs at least one")
    #expect(
      fault([#"{ "kind": "Pod" }"#])
        == "nodes.json:2:13: items[0]: found an object of kind Pod, needs a node")
    #expect(fault([]).contains("found a list without items"))
    #expect(
      fault([Sample.node("gpu-1")], [topology(Sample.hgx, node: "gpu-2")])
        .contains(
          "found \"gpu-2\", needs a node of the file, for its topology; did you mean \"gpu-1\"?"))
    #expect(
      fault([Sample.node("gpu-1")], [topology(Sample.bridged)])
        == "topo.txt: found 4 GPUs, needs 8, as gpu-1 has; --topology NODE=FILE tells whose it is")
    #expect(throws: ScenarioFaults.self) {
      try ClusterImport(nodes: ("NAME STATUS\ngpu-1 Ready", "nodes.txt"), topologies: [])
    }
  }

  @Test("A product of the user's naming is taken for what the user says")
  func renamed() throws {
    var choices = ClusterImport.Choices()
    choices.renamed = ["NVIDIA-L40": "l40s"]
    let found = try imported(
      [Sample.node("a", product: "NVIDIA-L40", gpus: 4, machine: nil)], [], choices)
    #expect(found.groups.map(\.shape.gpu.value) == ["l40s"])
  }

  @Test("Products and machine types of the tables stand once and mean known sizes")
  func tables() {
    let products = GPUProducts.names.flatMap(\.products)
    #expect(Set(products).count == products.count)
    #expect(Set(GPUProducts.names.map(\.name)).count == GPUProducts.names.count)
    #expect(Set(InstanceType.all.map(\.name)).count == InstanceType.all.count)
    let names = Set(GPUProducts.names.map(\.name))
    let catalogued = HardwareCatalogue.gpus.filter { $0.kind == .gpu }.map(\.name)
    #expect(names.subtracting(catalogued).sorted() == [])
    #expect(Set(catalogued).subtracting(names).sorted() == [])
    for type in InstanceType.all {
      #expect(names.contains(type.gpu), "\(type.name)")
      #expect((1...16).contains(type.gpuCount) && !type.source.isEmpty)
    }
    for (product, name) in [
      ("NVIDIA-H100-80GB-HBM3", "h100-sxm"), ("NVIDIA-A100-SXM4-80GB", "a100-sxm"),
      ("Tesla-T4", "t4"), ("NVIDIA-L40S", "l40s"), ("NVIDIA-A100-PCIE-40GB", "a100-40-pcie"),
      ("Tesla-V100-SXM2-16GB", "v100-16-sxm"), ("NVIDIA-GeForce-RTX-4090", "rtx-4090"),
      ("AMD_Instinct_MI300X_OAM", "mi300x"), ("nvidia-h100-mega-80gb", "h100-sxm"),
      ("nvidia-tesla-t4", "t4"), ("NVIDIA-H200", "h200-sxm"),
    ] {
      #expect(GPUProducts.catalogueName(of: product) == name)
    }
    #expect(GPUProducts.catalogueName(of: "NVIDIA-H200-NVL") == nil)
  }
}
