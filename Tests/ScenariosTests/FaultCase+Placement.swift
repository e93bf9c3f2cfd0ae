/// Faults of demands for GPUs: plans that no placement can host, quotas, tenants beyond the cluster.
extension FaultCase {
  static let placement: [FaultCase] = [
    FaultCase(
      #""gpusPerNode": 8,"#,
      #""gpusPerNode": 8, "nvlink": "pairs","#,
      """
      s.json:21:37: schedulers[0].parallelism: found a stage of 4 GPUs, needs at most 2, the \
      largest NVLink domain here, or "domain": "preferred"
      """),
    FaultCase(
      #"{ "tensor": 4 }"#,
      #"{ "tensor": 8, "stages": 3 }"#,
      """
      s.json:21:37: schedulers[0].parallelism: found a replica of 24 GPUs, needs at most 16, \
      all that the cluster has
      """),
    FaultCase(
      #"{ "tensor": 4 }"#,
      #"{ "tensor": 1 }"#,
      """
      s.json:21:37: schedulers[0].parallelism: TP1 of llama-3.1-70b fits on no GPU type here: \
      stage 0 needs 141.1 GB of weights and 1.4 GB of working memory a GPU, 77.0 GB usable of \
      h100-sxm
      """),
    FaultCase(
      #"{ "tensor": 4 }"#,
      #"{ "tensor": 4 }, "placement": { "policy": "bets-fit" }"#,
      """
      s.json:21:79: schedulers[0].placement.policy: found "bets-fit", needs a policy; did you \
      mean "best-fit"?
      """),
    FaultCase(
      #"{ "tensor": 4 }"#,
      #"{ "tensor": 4 }, "placement": { "policy": "fgd", "mix": [0] }"#,
      """
      s.json:21:94: schedulers[0].placement.mix[0]: found 0, needs a whole number from 1 to 72
      """),
    FaultCase(
      #"{ "tensor": 4 }"#,
      #"{ "tensor": 4 }, "placement": { "policy": "fgd", "mix": [1, 9, 8] }"#,
      """
      s.json:21:97: schedulers[0].placement.mix[1]: found a group of 9 GPUs, needs at most 8, \
      the largest NVLink domain here
      """),
    FaultCase(
      #""cluster": {"#,
      #"""
      "cluster": { "background": { "occupancy": 0.5, "arrangement": "independent", \#
      "placement": { "policy": "fgd", "mix": [16] } },
      """#,
      """
      s.json:5:120: cluster.background.placement.mix[0]: found a group of 16 GPUs, needs at \
      most 8, the largest NVLink domain here
      """),
    FaultCase(
      #"{ "tensor": 4 }"#,
      #"{ "tensor": 4 }, "allocation": { "order": "fair", "patience": 5 }"#,
      """
      s.json:21:79: schedulers[0].allocation.order: found "fair", needs an order of demands; \
      known: backfill, in-order
      s.json:21:99: schedulers[0].allocation.patience: found 5, needs a time with its unit, \
      such as "30s" (ns, us, ms, s, m, h, d)
      """),
    FaultCase(
      #"{ "tensor": 4 }"#,
      #"{ "tensor": 4 }, "allocation": { "order": "in-order", "patience": "5m", "x": 1 }"#,
      """
      s.json:21:103: schedulers[0].allocation.patience: found a patience with "order": \
      "in-order", needs "order": "backfill", or to be left out: nobody passes anyway
      s.json:21:109: schedulers[0].allocation.x: unknown key; known: order, patience
      """),
    FaultCase(
      #""cluster": {"#,
      #""cluster": { "quotas": { "acme": 8, "b": 99 },"#,
      """
      s.json:5:44: cluster.quotas.b: found 99, needs a whole number from 1 to 16
      """),
    FaultCase(
      #""cluster": {"#,
      #""cluster": { "quotas": { "acme": 8 },"#,
      """
      s.json:5:36: cluster.quotas.acme: found "acme", needs a tenant of the models; there is \
      none
      """),
    FaultCase(
      #""llama-3.1-70b" }"#,
      #""llama-3.1-70b", "tenant": "" }"#,
      """
      s.json:12:42: models[0].tenant: found "", needs a name of 1 to 200 characters
      """),
    FaultCase(
      #""cluster": {"#,
      #"""
      "cluster": { "background": { "occupancy": 0.9, "sizes": { "5": 1 }, "lifetime": { \#
      "distribution": "constant", "value": "1m" } },
      """#,
      """
      s.json:5:59: cluster.background.sizes: found tenants of at least 5 GPUs for 14 of 16 \
      GPUs, needs sizes that come within 2 points of the occupancy, such as "1" besides
      """),
    FaultCase(
      #""cluster": {"#,
      #"""
      "cluster": { "background": { "occupancy": 1.1, "sizes": { "9": 1 }, "lifetime": { \#
      "distribution": "constant", "value": "1m" } },
      """#,
      """
      s.json:5:45: cluster.background.occupancy: found 1.1, needs a share from 0 to 1
      s.json:5:61: cluster.background.sizes.9: found "9", needs a number of GPUs from 1 to 8, \
      all that a node has
      """),
    FaultCase(
      #""cluster": {"#,
      #"""
      "cluster": { "background": { "occupancy": 0.5, "sizes": { "1": 1 }, "lifetime": { \#
      "distribution": "constant", "value": "1m" }, "schedule": [{ "at": "2m", "occupancy": \#
      2 }, { "at": "1m", "occupancy": 0.5 }, { "at": "1m", "occupancy": 0.5 }] },
      """#,
      """
      s.json:5:170: cluster.background.schedule[0].occupancy: found 2, needs a share from 0 to \
      1
      s.json:5:217: cluster.background.schedule[2].at: found 1m, needs a time after the step \
      before, 1m
      """),
    FaultCase(
      #""cluster": {"#,
      #"""
      "cluster": { "background": { "occupancy": 0.5, "arrangement": "independent", \#
      "schedule": [{ "at": "2m", "occupancy": 1 }], "placement": { "policy": "fdg" } },
      """#,
      """
      s.json:5:92: cluster.background.schedule: independent tenants hold their GPUs for the \
      whole run; leave it out, or "arrangement": "renewing"
      s.json:5:151: cluster.background.placement.policy: found "fdg", needs a policy; did you \
      mean "fgd"?
      """),
    FaultCase(
      #""cluster": {"#,
      #"""
      "cluster": { "background": { "occupancy": 0.2, "sizes": { "1": 9 }, "lifetime": { \#
      "distribution": "constant", "value": "1s" }, "schedule": [{ "at": "300d", \#
      "occupancy": 0.9 }] },
      """#,
      """
      s.json:5:142: cluster.background.schedule: found about 373,248,014 demands of tenants in \
      duration and schedule, needs at most 5,000,000, so longer lifetimes or a shorter run
      """),
    FaultCase(
      #""cluster": {"#,
      #"""
      "cluster": { "background": { "occupancy": 0.2, "sizes": { "5": 10, "1": 1 }, \#
      "lifetime": { "distribution": "constant", "value": "1m" }, "schedule": [{ "at": \#
      "2m", "occupancy": 0.9 }] },
      """#,
      """
      s.json:5:59: cluster.background.sizes: found tenants of at least 5 GPUs for about 14 GPUs, \
      needs at most 10, all that the nodes have room for in such sizes
      """),
  ]
}
