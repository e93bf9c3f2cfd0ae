extension FaultCase {
  /// Wrong settings of the KV cache.
  static let keyValue = [
    FaultCase(
      #""parallelism": { "tensor": 4 }"#,
      #""parallelism": { "tensor": 4 }, "engine": { "watermark": 1, "preemption": "swop" }"#,
      """
      s.json:21:79: schedulers[0].engine.watermark: found 1, needs a share from 0 to 0.99
      s.json:21:96: schedulers[0].engine.preemption: found "swop", needs a kind of preemption; did \
      you mean "swap"?
      """),
    FaultCase(
      #""parallelism": { "tensor": 4 }"#,
      #""parallelism": { "tensor": 4 }, "engine": { "swapSpace": "8GB" }"#,
      """
      s.json:21:79: schedulers[0].engine.swapSpace: found room for what nobody swaps, needs \
      "preemption": "swap" beside it
      """),
    FaultCase(
      #""parallelism": { "tensor": 4 }"#,
      #""parallelism": { "tensor": 4 }, "engine": { "preemption": "swap", "swapSpace": "300GB" }"#,
      """
      s.json:21:101: schedulers[0].engine.swapSpace: found 300GB of host memory a GPU, needs at \
      most 250GB, the node's over its GPUs
      """),
    FaultCase(
      #""parallelism": { "tensor": 4 }"#,
      """
      "parallelism": { "tensor": 4 }, "engine": { "tiers": [
        { "name": "host", "capacity": "200GB", "bandwidth": "50GB/s" }] }
      """,
      """
      s.json:21:75: schedulers[0].engine.tiers: found tiers for blocks of which nobody knows the \
      content, needs "prefixCache": true beside them
      """),
    FaultCase(
      #""parallelism": { "tensor": 4 }"#,
      """
      "parallelism": { "tensor": 4 }, "engine": { "prefixCache": true, "tiers": [
        { "name": "host", "capacity": "0GB", "bandwidth": "50GB/s", "shared": true },
        { "name": "host", "capacity": "200GB", "bandwith": "50GB/s" }] }
      """,
      """
      s.json:22:33: schedulers[0].engine.tiers[0].capacity: found "0GB", needs an amount of memory \
      from 1GB to 1,000,000GB
      s.json:22:73: schedulers[0].engine.tiers[0].shared: found a shared tier above others, needs \
      false, or no tier behind this one
      s.json:23:3: schedulers[0].engine.tiers[1].bandwidth: missing, needs a bandwidth from 1B/s \
      to 100TB/s, such as "200Gbps"
      s.json:23:13: schedulers[0].engine.tiers[1].name: found "host" again, needs a name of its \
      own; the first is schedulers[0].engine.tiers[0]
      s.json:23:42: schedulers[0].engine.tiers[1].bandwith: unknown key; did you mean "bandwidth"?
      """),
  ]
}
