/// Faults of PCIe, regions and the lines between them.
extension FaultCase {
  static let links: [FaultCase] = [
    FaultCase(
      #""gpusPerNode": 8,"#,
      #""gpusPerNode": 8, "pcie": { "gpusPerSwitch": 9, "hostBridges": { "count": 2 }, "#
        + #""peerToPeer": "yes" },"#,
      """
      s.json:7:85: cluster.nodes[0].pcie.gpusPerSwitch: found 9, needs a whole number from 1 to 8
      s.json:7:103: cluster.nodes[0].pcie.hostBridges.bandwidth: missing, needs a bandwidth from \
      1B/s to 100TB/s, such as "200Gbps"
      s.json:7:133: cluster.nodes[0].pcie.peerToPeer: found "yes", needs true or false
      """),
    FaultCase(
      #""gpusPerNode": 8,"#, #""gpusPerNode": 8, "pcie": { "uplink": "32GB/s" },"#,
      """
      s.json:7:78: cluster.nodes[0].pcie.uplink: found the uplink of no switch, needs \
      gpusPerSwitch above 1 beside it
      """),
    FaultCase(
      #""gpusPerNode": 8,"#,
      #""gpusPerNode": 8, "pcie": { "gpusPerSwitch": 4, "#
        + #""hostBridges": { "count": 3, "bandwidth": "100GB/s" } },"#,
      """
      s.json:7:114: cluster.nodes[0].pcie.hostBridges.count: found 3, needs a whole number from \
      1 to 2
      """),
    FaultCase(
      #""gpusPerNode": 8,"#, #""gpusPerNode": 8, "gpuDirect": 1, "region": "","#,
      """
      s.json:7:71: cluster.nodes[0].gpuDirect: found 1, needs true or false
      s.json:7:84: cluster.nodes[0].region: found "", needs a name of 1 to 200 characters
      """),
    FaultCase(
      #""cluster": {"#,
      #""cluster": { "wan": { "latency": "1ms", "bandwidth": "1Gbps" }, "modelStoreRegion": "eu","#,
      """
      s.json:5:23: cluster.wan: found lines between regions, needs nodes in two regions or more, \
      or no wan
      s.json:5:87: cluster.modelStoreRegion: found the region of the store, needs nodes with a \
      region, or no modelStoreRegion
      """),
    FaultCase(
      #""nodes": ["#,
      #""nodes": [{ "gpu": "l40s", "gpusPerNode": 4, "region": "eu", "#
        + #""nics": { "bandwidth": "10Gbps" } }, "#,
      """
      s.json:7:7: cluster.nodes[1].region: missing, needs a region, as other nodes have one
      """),
    FaultCase(
      #""nodes": ["#,
      #""modelStoreRegion": "asia", "wan": { "latency": "11s", "pairs": [{ "from": "eu", "#
        + #""to": "uss", "latency": "1ms", "bandwidth": "1Gbps" }, { "from": "eu", "to": "eu", "#
        + #""latency": "1ms", "bandwidth": "1Gbps" }] }, "#
        + #""nodes": [{ "gpu": "l40s", "gpusPerNode": 4, "region": "eu", "#
        + #""nics": { "bandwidth": "10Gbps" } }, { "gpu": "l40s", "gpusPerNode": 4, "#
        + #""region": "us", "nics": { "bandwidth": "10Gbps" } }, "#,
      """
      s.json:6:25: cluster.modelStoreRegion: found "asia", needs a region; known: eu, us
      s.json:6:40: cluster.wan.bandwidth: missing, needs a bandwidth from 1B/s to 100TB/s, such \
      as "200Gbps"
      s.json:6:53: cluster.wan.latency: found "11s", needs a time from 0s to 10s
      s.json:6:92: cluster.wan.pairs[0].to: found "uss", needs a region; did you mean "us"?
      s.json:6:163: cluster.wan.pairs[1].to: found "eu" twice, needs two regions
      s.json:7:7: cluster.nodes[2].region: missing, needs a region, as other nodes have one
      """),
  ]
}
