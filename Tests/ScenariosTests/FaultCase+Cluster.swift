/// Faults of the cluster: each case is an edit of the small scenario and the whole of what is said.
extension FaultCase {
  static let cluster: [FaultCase] = [
    FaultCase(
      #""count": 2"#, #""count": 0"#,
      """
      s.json:7:18: cluster.nodes[0].count: found 0, needs a whole number from 1 to 100,000
      """),
    FaultCase(
      #""count": 2"#, #""count": 2.5"#,
      """
      s.json:7:18: cluster.nodes[0].count: found 2.5, needs a whole number from 1 to 100,000
      """),
    FaultCase(
      #""count": 2"#, #""count": "2""#,
      """
      s.json:7:18: cluster.nodes[0].count: found "2", needs a whole number from 1 to 100,000
      """),
    FaultCase(
      #""count": 2"#, #""count": 100001"#,
      """
      s.json:7:18: cluster.nodes[0].count: found 100001, needs a whole number from 1 to 100,000
      """),
    FaultCase(
      #""count": 2"#, #""count": 50000"#,
      """
      s.json:5:14: cluster.fabric: found network cards of 1,250 TB/s below one leaf, needs less \
      than 1,000 TB/s, so a smaller nodesPerLeaf
      """),
    FaultCase(
      #"h100-sxm"#, #"h100-smx"#,
      """
      s.json:7:28: cluster.nodes[0].gpu: found "h100-smx", needs a GPU type; did you mean \
      "h100-sxm"?
      """),
    FaultCase(
      #"h100-sxm"#, #"b200"#,
      """
      s.json:7:28: cluster.nodes[0].gpu: found "b200", needs a GPU type; did you mean \
      "b200-sxm"?
      """),
    FaultCase(
      #""gpu": "h100-sxm", "#, #""#,
      """
      s.json:7:7: cluster.nodes[0].gpu: missing, needs a GPU type, one of \
      gb200-nvl72, b200-sxm, rtx-pro-6000, rtx-5090, h200-sxm, h100-sxm, h100-nvl, h100-pcie, \
      h800-sxm, h20-sxm, l40s, l20, l4, rtx-4090, a100-sxm, a100-40-sxm, a100-pcie, \
      a100-40-pcie, a800-sxm, a10, a10g, rtx-a6000, rtx-a5000, rtx-a4000, rtx-3090, \
      v100-32-sxm, v100-16-sxm, v100-16-pcie, t4, mi300x, epyc-9654, xeon-8480, xeon-8380, \
      raspberry-pi-5
      """),
    FaultCase(
      #""gpu": "h100-sxm""#, #""gpu": "l40s", "nvlink": "switch""#,
      """
      s.json:7:46: cluster.nodes[0].nvlink: found "switch", needs "none": l40s has no NVLink
      """),
    FaultCase(
      #""gpu": "h100-sxm""#, #""gpu": "rtx-a6000", "nvlink": "switch""#,
      """
      s.json:7:51: cluster.nodes[0].nvlink: found "switch", needs "pairs" or "none": bridges join \
      rtx-a6000 in pairs only
      """),
    FaultCase(
      #""gpu": "h100-sxm""#, #""gpu": "h100-sxm", "nvlink": "nvswitch""#,
      """
      s.json:7:50: cluster.nodes[0].nvlink: found "nvswitch", needs an NVLink topology; did you \
      mean "switch"?
      """),
    FaultCase(
      #"200Gbps"#, #"200 gbit"#,
      """
      s.json:8:32: cluster.nodes[0].nics.bandwidth: found "200 gbit", needs a bandwidth with \
      its unit, such as "200Gbps" (B/s, kB/s, MB/s, GB/s, TB/s, MiB/s, GiB/s, kbps, Mbps, Gbps, \
      Tbps); did you mean "200Gbps"?
      """),
    FaultCase(
      #""200Gbps""#, #"200"#,
      """
      s.json:8:32: cluster.nodes[0].nics.bandwidth: found 200, needs a bandwidth with its unit, \
      such as "200Gbps" (B/s, kB/s, MB/s, GB/s, TB/s, MiB/s, GiB/s, kbps, Mbps, Gbps, Tbps)
      """),
    FaultCase(
      #"200Gbps"#, #"0GB/s"#,
      """
      s.json:8:32: cluster.nodes[0].nics.bandwidth: found "0GB/s", needs a bandwidth from 1B/s \
      to 100TB/s
      """),
    FaultCase(
      #"200Gbps"#, #"200GB/S"#,
      """
      s.json:8:32: cluster.nodes[0].nics.bandwidth: found "200GB/S", needs a bandwidth with its \
      unit, such as "200Gbps" (B/s, kB/s, MB/s, GB/s, TB/s, MiB/s, GiB/s, kbps, Mbps, Gbps, \
      Tbps); did you mean "200GB/s"?
      """),
    FaultCase(
      #""nics": {"#, #""nic": {"#,
      """
      s.json:7:7: cluster.nodes[0].nics: missing, needs an object
      s.json:8:9: cluster.nodes[0].nic: unknown key; did you mean "nics"?
      """),
    FaultCase(
      #""gpusPerNode": 8"#, #""gpusPerNode": 128"#,
      """
      s.json:7:55: cluster.nodes[0].gpusPerNode: found 128, needs a whole number from 1 to 72
      """),
    FaultCase(
      #""gpusPerNode": 8,"#, #""gpusPerNode": 8, "price": 2,"#,
      """
      s.json:7:67: cluster.nodes[0].price: found 2, needs an amount of money with its unit, \
      such as "2.5USD" (USD)
      """),
    FaultCase(
      #""gpusPerNode": 8,"#, #""gpusPerNode": 8, "price": "-1USD","#,
      """
      s.json:7:67: cluster.nodes[0].price: found "-1USD", needs an amount of money from 0USD to \
      1,000,000USD
      """),
    FaultCase(
      #""gpusPerNode": 8,"#, #""gpusPerNode": 8, "hostMemory": "80gb","#,
      """
      s.json:7:72: cluster.nodes[0].hostMemory: found "80gb", needs an amount of memory with \
      its unit, such as "80GB" (B, kB, MB, GB, TB, KiB, MiB, GiB, TiB); did you mean "80GB"?
      """),
    FaultCase(
      #""gpusPerNode": 8,"#, #""gpusPerNode": 8, "hostMemory": "1MB","#,
      """
      s.json:7:72: cluster.nodes[0].hostMemory: found "1MB", needs an amount of memory from 1GB \
      to 1,000,000GB
      """),
    FaultCase(
      #""cluster": {"#, #""cluster": { "fabric": { "oversubscription": 0.5, "latency": "4" },"#,
      """
      s.json:5:48: cluster.fabric.oversubscription: found 0.5, needs a ratio from 1 to 1,000
      s.json:5:64: cluster.fabric.latency: found "4", needs a time with its unit, such as "30s" \
      (ns, us, ms, s, m, h, d)
      """),
    FaultCase(
      #""cluster": {"#, #""cluster": { "modelStore": 20,"#,
      """
      s.json:5:30: cluster.modelStore: found 20, needs "none" or a bandwidth with its unit, \
      such as "200Gbps" (B/s, kB/s, MB/s, GB/s, TB/s, MiB/s, GiB/s, kbps, Mbps, Gbps, Tbps)
      """),
    FaultCase(
      #""cluster": {"#,
      #""cluster": { "background": { "occupancy": 1.5, "sizes": { "16": 1 }, "#
        + #""lifetime": { "distribution": "exponential", "mean": "40m" } },"#,
      """
      s.json:5:45: cluster.background.occupancy: found 1.5, needs a share from 0 to 1
      s.json:5:61: cluster.background.sizes.16: found "16", needs a number of GPUs from 1 to 8, \
      all that a node has
      """),
    FaultCase(
      #""cluster": {"#,
      #""cluster": { "background": { "occupancy": 0.5, "sizes": { "1": 0 }, "lifetime": "#
        + #"{ "distribution": "exponential", "mean": "1ms" } },"#,
      """
      s.json:5:59: cluster.background.sizes: found no size with a share, needs at least one \
      above 0
      s.json:5:124: cluster.background.lifetime.mean: found "1ms", needs a time from 1s to 366d
      """),
    FaultCase(
      #""cluster": {"#,
      #""cluster": { "background": { "occupancy": 0.5, "sizes": { "1": 1 }, "lifetime": "#
        + #"{ "distribution": "lognormal", "mean": "300d", "cv": 50 } },"#,
      """
      s.json:5:83: cluster.background.lifetime: found draws of up to 1.569201404025806e+19 s, \
      needs a mean and a cv that keep them below 4,000,000,000 s
      """),
    FaultCase(
      #""cluster": {"#,
      #""cluster": { "background": { "occupancy": 0.5, "arrangement": "renewed" },"#,
      """
      s.json:5:30: cluster.background.sizes: missing, needs an object
      s.json:5:30: cluster.background.lifetime: missing, needs an object
      s.json:5:65: cluster.background.arrangement: found "renewed", needs an arrangement; \
      known: renewing, independent
      """),
  ]
}
