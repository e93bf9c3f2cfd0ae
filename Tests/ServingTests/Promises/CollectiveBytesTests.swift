import Hardware
import Serving
import Support
import Testing
import Workload

/// What the all-reduces of 100 prompt tokens leave in the ledgers of the links.
///
/// The small model reduces 2 all-reduces × 8 layers × 250 × 2 bytes = 8,000 bytes a token. A ring of n
/// sends 2 (n − 1) / n of them from each member; across nodes a card sends them for the last member of
/// its node.
@Suite("Bytes of collectives")
struct CollectiveBytesTests {
  private func links(
    _ cluster: ClusterSpecification, tensor: Int, domainRequired: Bool = true
  ) -> [LinkRecord] {
    let request = ArrivingRequest(arrival: 0, workload: 0, promptTokens: 100, outputTokens: 1)
    let scheduler = Schedulers.make(
      tensor: tensor, domainRequired: domainRequired, scaling: Schedulers.fixed())
    return Scenario.small(cluster: cluster, requests: [request], schedulers: [scheduler])
      .outcome().records.links
  }

  private func carried(_ links: [LinkRecord], _ kind: ClusterLinkKind) -> [Int64] {
    links.filter { $0.kind == kind }.map(\.collectiveBytes)
  }

  @Test("Inside an NVLink domain every port carries a flat ring's share, and nothing else does")
  func insideDomain() {
    let links = links(Machines.cluster(gpus: 4), tensor: 4)
    #expect(carried(links, .nvlink) == Array(repeating: 1_200_000, count: 4))
    #expect(links.filter { $0.kind != .nvlink }.allSatisfy { $0.collectiveBytes == 0 })
  }

  @Test("Without NVLink it is PCIe, in both directions")
  func overPCIe() {
    let links = links(
      Machines.cluster(gpus: 2, nvlink: .none), tensor: 2, domainRequired: false)
    #expect(carried(links, .pcie) == [800_000, 800_000])
    #expect(carried(links, .pcieUp) == [800_000, 800_000])
    #expect(carried(links, .nicUp) == [0])
  }

  @Test("Over two nodes of two GPUs one ring of four runs over ports and cards")
  func overNodes() {
    let links = links(
      Machines.cluster(nodes: 2, gpus: 2), tensor: 4, domainRequired: false)
    // 1,200,000 from each member; inside, one of two members at a time sends to the other node.
    #expect(carried(links, .nvlink) == Array(repeating: 600_000, count: 4))
    #expect(carried(links, .nicUp) == [1_200_000, 1_200_000])
    #expect(carried(links, .nicDown) == [1_200_000, 1_200_000])
    #expect(carried(links, .leafUp) == [0])
  }

  @Test("Under two leaves the ring crosses both, in both directions")
  func overLeaves() {
    let links = links(
      Machines.cluster(nodes: 2, gpus: 2, nodesPerLeaf: 1), tensor: 4, domainRequired: false)
    #expect(carried(links, .leafUp) == [1_200_000, 1_200_000])
    #expect(carried(links, .leafDown) == [1_200_000, 1_200_000])
    #expect(carried(links, .nicUp) == [1_200_000, 1_200_000])
  }

  @Test(
    "Below PCIe switches a ring of peers crosses each uplink once each way, else every GPU does")
  func overSwitches() {
    func uplinks(_ isPeerToPeer: Bool) -> [Int64] {
      var cluster = Machines.cluster(gpus: 4, nvlink: .none)
      cluster.nodes[0].pcie = PCIeTopology(
        gpusPerSwitch: 2, uplinkBytesPerSecond: 1e9, hostBridgeCount: 1,
        hostBridgeBytesPerSecond: 4e9, isPeerToPeer: isPeerToPeer)
      let links = links(cluster, tensor: 4, domainRequired: false)
      #expect(carried(links, .pcie) == Array(repeating: 1_200_000, count: 4))
      return carried(links, .switchUp) + carried(links, .switchDown) + carried(links, .bridgeUp)
    }
    #expect(uplinks(true) == [1_200_000, 1_200_000, 1_200_000, 1_200_000, 2_400_000])
    #expect(uplinks(false) == [2_400_000, 2_400_000, 2_400_000, 2_400_000, 4_800_000])
  }
}
