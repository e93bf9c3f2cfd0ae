/// A query that counts the rows of a run (`:run`) that contradict others.
struct RowCheck {
  var contradiction: String
  var sql: String

  static let all =
    [
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
      RowCheck(
        contradiction: "allocations whose waits by cause do not sum to their wait",
        sql: """
          SELECT count(*) FROM allocation
          WHERE run_id = :run AND waited_ns <> waited_capacity_ns + waited_contiguity_ns
            + waited_quota_ns + waited_order_ns
          """),
    ] + prefixes + fleet

  /// What prefix caches and tiers gave, told three times: by run, by replica, by request.
  private static let prefixes = [
    RowCheck(
      contradiction: "runs whose lookups in prefix caches are not the sum of their replicas'",
      sql: """
        SELECT count(*) FROM run_total WHERE run_id = :run AND (
          coalesce(prefix_lookups, 0), coalesce(prefix_hits, 0),
          coalesce(prefix_prompt_tokens, 0), coalesce(prefix_cached_tokens, 0)
        ) <> (
          SELECT coalesce(sum(prefix_lookups), 0), coalesce(sum(prefix_hits), 0),
            coalesce(sum(prefix_prompt_tokens), 0), coalesce(sum(prefix_cached_tokens), 0)
          FROM replica WHERE run_id = :run)
        """),
    // Requests are numbered by arrival, so those that count are the last ones.
    RowCheck(
      contradiction: "replicas whose lookups in prefix caches are not those of their requests",
      sql: """
        SELECT count(*) FROM replica LEFT JOIN (
          SELECT replica_id, count(*) AS lookups, sum(cached_tokens > 0) AS hits,
            sum(prompt_tokens) AS prompts, sum(cached_tokens) AS cached
          FROM request WHERE run_id = :run AND attempts > 0 AND request_id >= (
            SELECT run_total.requests - workload.requests
            FROM run_total JOIN workload USING (run_id) WHERE run_id = :run AND position = 0)
          GROUP BY replica_id
        ) AS served USING (replica_id)
        WHERE run_id = :run AND prefix_lookups IS NOT NULL
          AND (SELECT records FROM run_total WHERE run_id = :run) = 'all'
          AND (prefix_lookups, prefix_hits, prefix_prompt_tokens, prefix_cached_tokens)
            <> (coalesce(lookups, 0), coalesce(hits, 0), coalesce(prompts, 0), coalesce(cached, 0))
        """),
    RowCheck(
      contradiction: "hit rates of prefix caches that are not cached over prompt tokens",
      sql: """
        SELECT count(*) FROM (
          SELECT prefix_hit_rate, prefix_cached_tokens, prefix_prompt_tokens FROM run_total
            WHERE run_id = :run
          UNION ALL SELECT prefix_hit_rate, prefix_cached_tokens, prefix_prompt_tokens FROM replica
            WHERE run_id = :run
        ) WHERE prefix_hit_rate
          IS NOT CAST(prefix_cached_tokens AS REAL) / nullif(prefix_prompt_tokens, 0)
        """),
    RowCheck(
      contradiction: "tiers whose fetches, tokens or bytes are not the sum of their replicas'",
      sql: """
        SELECT count(*) FROM tier WHERE run_id = :run
          AND (fetches, tokens, bytes_in, bytes_out) <> (
            SELECT coalesce(sum(part.fetches), 0), coalesce(sum(part.tokens), 0),
              coalesce(sum(part.bytes_in), 0), coalesce(sum(part.bytes_out), 0)
            FROM replica_tier AS part WHERE part.run_id = :run AND part.level = tier.level)
        """),
    RowCheck(
      contradiction: "tiers of replicas that are none of the run's",
      sql: """
        SELECT count(*) FROM replica_tier LEFT JOIN tier USING (run_id, level)
        WHERE run_id = :run AND replica_tier.tier IS NOT tier.tier
        """),
  ]
}
