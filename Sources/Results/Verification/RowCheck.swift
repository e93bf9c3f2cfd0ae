/// A query that counts the rows of a run (`:run`) that contradict others.
struct RowCheck {
  var contradiction: String
  var sql: String

  static let all = [
    RowCheck(
      contradiction: "runs whose requests by status do not sum to all requests",
      sql: """
        SELECT count(*) FROM run_total WHERE run_id = :run
          AND completed + rejected + failed + unfinished <> requests
        """),
    RowCheck(
      contradiction: "statuses whose request rows are not as many as the run counts",
      sql: """
        SELECT count(*) FROM (
          SELECT 'completed' AS status, completed AS total FROM run_total WHERE run_id = :run
          UNION ALL SELECT 'rejected', rejected FROM run_total WHERE run_id = :run
          UNION ALL SELECT 'failed', failed FROM run_total WHERE run_id = :run
          UNION ALL SELECT 'unfinished', unfinished FROM run_total WHERE run_id = :run
        ) AS counted
        LEFT JOIN (
          SELECT status, count(*) AS rows FROM request WHERE run_id = :run GROUP BY status
        ) AS kept USING (status)
        WHERE (SELECT records FROM run_total WHERE run_id = :run) = 'all'
          AND coalesce(rows, 0) <> total
        """),
    RowCheck(
      contradiction: "stages whose states do not sum to the time from grant to release",
      sql: """
        SELECT count(*) FROM stage LEFT JOIN replica USING (run_id, replica_id)
        WHERE run_id = :run AND starting_ns + busy_ns + exposed_communication_ns + bubble_ns
          + starved_ns + draining_ns + failed_ns IS NOT released_ns - granted_ns
        """),
    RowCheck(
      contradiction: "stages whose bubbles by cause do not sum to their bubble",
      sql: """
        SELECT count(*) FROM stage WHERE run_id = :run AND bubble_ns <> bubble_shared_ns
          + bubble_hop_ns + bubble_host_ns + bubble_sampling_ns + bubble_partition_ns
          + bubble_prefill_ns + bubble_cohort_ns + bubble_empty_ns
        """),
    RowCheck(
      contradiction: "stages whose histogram does not hold their steps",
      sql: """
        SELECT count(*) FROM stage JOIN stage_histogram AS spread USING (run_id, replica_id, stage)
        WHERE run_id = :run AND spread.steps <> stage.steps
        """),
    RowCheck(
      contradiction: "GPUs whose states do not sum to the length of the run",
      sql: """
        SELECT count(*) FROM gpu JOIN run_total USING (run_id)
        WHERE run_id = :run AND unallocated_ns + background_ns + starting_ns + busy_ns
          + reserved_idle_ns + sleeping_ns + failed_ns <> simulated_ns
        """),
    RowCheck(
      contradiction: "links whose kinds of bytes do not sum to all bytes",
      sql: """
        SELECT count(*) FROM link
        WHERE run_id = :run AND bulk_bytes + hop_bytes + collective_bytes <> bytes
        """),
    RowCheck(
      contradiction: "allocations that waited otherwise than from demand to grant or giving up",
      sql: """
        SELECT count(*) FROM allocation
        WHERE run_id = :run
          AND waited_ns <> coalesce(granted_ns, abandoned_ns, demanded_ns) - demanded_ns
        """),
  ]
}
