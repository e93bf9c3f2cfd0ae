extension RowCheck {
  /// Where weights came from, what demands waited for, and how free GPUs lay: told by run, and once more by
  /// replica, by demand, by block.
  static let fleet = [
    RowCheck(
      contradiction: "runs whose weights by source are not the sum of their replicas'",
      sql: """
        SELECT count(*) FROM run_total WHERE run_id = :run AND (\(weights { "coalesce(\($0), 0)" }))
          <> (SELECT \(weights { "coalesce(sum(\($0)), 0)" }) FROM replica WHERE run_id = :run)
        """),
    RowCheck(
      contradiction: "replicas that take over from none of the run's, or from another model's",
      sql: """
        SELECT count(*) FROM replica LEFT JOIN replica AS before
          ON before.run_id = replica.run_id AND before.replica_id = replica.replaces
        WHERE replica.run_id = :run AND replica.replaces IS NOT NULL
          AND before.model IS NOT replica.model
        """),
    RowCheck(
      contradiction: "plans whose waits for GPUs are not those of their demands",
      sql: """
        SELECT count(*) FROM allocation_wait AS told LEFT JOIN (\(demandsByPlan)) AS made USING (plan)
        WHERE told.run_id = :run
          AND (told.granted, told.abandoned, told.capacity_ns, told.contiguity_ns, told.quota_ns,
            told.order_ns) IS NOT (made.granted, made.abandoned, made.capacity, made.contiguity,
            made.quota, made.others)
        """),
    RowCheck(
      contradiction: "plans whose longest or mean wait for GPUs is not that of their demands",
      sql: """
        SELECT count(*) FROM allocation_wait AS told LEFT JOIN (\(demandsByPlan)) AS made USING (plan)
        WHERE told.run_id = :run
          AND (told.max_s IS NOT made.longest / 1e9 OR abs(told.mean_s - made.mean / 1e9) > 1e-6)
        """),
    RowCheck(
      contradiction: "plans with demands whose waits for GPUs are not told",
      sql: """
        SELECT count(*) FROM (\(demandsByPlan)) AS made
          LEFT JOIN allocation_wait AS told ON told.run_id = :run AND told.plan = made.plan
        WHERE told.plan IS NULL
          AND EXISTS (SELECT 1 FROM allocation_wait AS any WHERE any.run_id = :run)
        """),
    RowCheck(
      contradiction: "runs whose free blocks do not sum to their free GPUs",
      sql: """
        SELECT count(*) FROM fragmentation WHERE run_id = :run AND abs(free_gpus
          - (SELECT coalesce(sum(gpus * domains), 0) FROM free_block WHERE run_id = :run))
          > 1e-6 * max(1, free_gpus)
        """),
  ]

  /// The columns of what each source of weights gave.
  private static func weights(_ column: (String) -> String) -> String {
    ["peer", "host", "storage", "store"].flatMap { tier in
      ["lookups", "hits", "bytes"].map { column("weight_\(tier)_\($0)") }
    }.joined(separator: ", ")
  }

  /// Demands by what they came to, in the words of `allocation_wait`.
  private static let demandsByPlan = """
    SELECT CASE
        WHEN kind = 'background' THEN 'background'
        WHEN coalesce(tensor, 0) = 0 THEN 'none'
        WHEN stages = 1 THEN 'TP' || tensor
        WHEN tensor = 1 THEN 'PP' || stages
        ELSE 'TP' || tensor || 'xPP' || stages END AS plan,
      sum(granted_ns IS NOT NULL) AS granted, sum(granted_ns IS NULL) AS abandoned,
      sum(waited_capacity_ns) AS capacity, sum(waited_contiguity_ns) AS contiguity,
      sum(waited_quota_ns) AS quota, sum(waited_order_ns) AS others,
      max(waited_ns) AS longest, avg(waited_ns) AS mean
    FROM allocation WHERE run_id = :run GROUP BY 1
    """
}
