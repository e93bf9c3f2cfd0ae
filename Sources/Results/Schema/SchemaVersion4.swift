/// What the fourth schema adds: rejected requests by reason, and what prefix caches and tiers gave.
///
/// Rows of older files have NULL there, and no rows in the new tables; so have runs without a prefix cache
/// in the columns that begin with `prefix_`.
let schemaVersion4 =
  """
  ALTER TABLE run_total ADD COLUMN rejected_context INTEGER;
  ALTER TABLE run_total ADD COLUMN rejected_pool INTEGER;
  ALTER TABLE run_total ADD COLUMN rejected_rate INTEGER;
  ALTER TABLE run_total ADD COLUMN rejected_prediction INTEGER;
  ALTER TABLE workload ADD COLUMN rejected_context INTEGER;
  ALTER TABLE workload ADD COLUMN rejected_pool INTEGER;
  ALTER TABLE workload ADD COLUMN rejected_rate INTEGER;
  ALTER TABLE workload ADD COLUMN rejected_prediction INTEGER;
  ALTER TABLE run_total ADD COLUMN prefix_lookups INTEGER;
  ALTER TABLE run_total ADD COLUMN prefix_hits INTEGER;
  ALTER TABLE run_total ADD COLUMN prefix_prompt_tokens INTEGER;
  ALTER TABLE run_total ADD COLUMN prefix_cached_tokens INTEGER;
  ALTER TABLE run_total ADD COLUMN prefix_hit_rate REAL;
  ALTER TABLE replica ADD COLUMN prefix_lookups INTEGER;
  ALTER TABLE replica ADD COLUMN prefix_hits INTEGER;
  ALTER TABLE replica ADD COLUMN prefix_prompt_tokens INTEGER;
  ALTER TABLE replica ADD COLUMN prefix_cached_tokens INTEGER;
  ALTER TABLE replica ADD COLUMN prefix_hit_rate REAL;
  CREATE TABLE tier (
    run_id INTEGER NOT NULL REFERENCES run (id),
    level INTEGER NOT NULL,
    tier TEXT NOT NULL,
    fetches INTEGER NOT NULL,
    tokens INTEGER NOT NULL,
    bytes_in INTEGER NOT NULL,
    bytes_out INTEGER NOT NULL,
    PRIMARY KEY (run_id, level)
  ) WITHOUT ROWID;
  CREATE TABLE replica_tier (
    run_id INTEGER NOT NULL REFERENCES run (id),
    replica_id INTEGER NOT NULL,
    level INTEGER NOT NULL,
    tier TEXT NOT NULL,
    fetches INTEGER NOT NULL,
    tokens INTEGER NOT NULL,
    bytes_in INTEGER NOT NULL,
    bytes_out INTEGER NOT NULL,
    PRIMARY KEY (run_id, replica_id, level)
  ) WITHOUT ROWID;
  """
