/// What the third schema adds: bubbles by cause, and how the step times of stages are spread.
///
/// Rows of older files have NULL there, and no rows in the new table.
let schemaVersion3 =
  """
  ALTER TABLE run_total ADD COLUMN bubble_shared_ns INTEGER;
  ALTER TABLE run_total ADD COLUMN bubble_hop_ns INTEGER;
  ALTER TABLE run_total ADD COLUMN bubble_host_ns INTEGER;
  ALTER TABLE run_total ADD COLUMN bubble_sampling_ns INTEGER;
  ALTER TABLE run_total ADD COLUMN bubble_partition_ns INTEGER;
  ALTER TABLE run_total ADD COLUMN bubble_prefill_ns INTEGER;
  ALTER TABLE run_total ADD COLUMN bubble_cohort_ns INTEGER;
  ALTER TABLE run_total ADD COLUMN bubble_empty_ns INTEGER;
  ALTER TABLE run_total ADD COLUMN straggler_replica_id INTEGER;
  ALTER TABLE run_total ADD COLUMN straggler_stage INTEGER;
  ALTER TABLE run_total ADD COLUMN straggler_ratio REAL;
  ALTER TABLE run_total ADD COLUMN straggler_cause TEXT;
  ALTER TABLE stage ADD COLUMN bubble_shared_ns INTEGER;
  ALTER TABLE stage ADD COLUMN bubble_hop_ns INTEGER;
  ALTER TABLE stage ADD COLUMN bubble_host_ns INTEGER;
  ALTER TABLE stage ADD COLUMN bubble_sampling_ns INTEGER;
  ALTER TABLE stage ADD COLUMN bubble_partition_ns INTEGER;
  ALTER TABLE stage ADD COLUMN bubble_prefill_ns INTEGER;
  ALTER TABLE stage ADD COLUMN bubble_cohort_ns INTEGER;
  ALTER TABLE stage ADD COLUMN bubble_empty_ns INTEGER;
  ALTER TABLE stage ADD COLUMN step_ns INTEGER;
  ALTER TABLE stage ADD COLUMN sampling_ns INTEGER;
  CREATE TABLE stage_histogram (
    run_id INTEGER NOT NULL REFERENCES run (id),
    replica_id INTEGER NOT NULL,
    stage INTEGER NOT NULL,
    steps INTEGER NOT NULL,
    mean_s REAL,
    p50_s REAL,
    p90_s REAL,
    p99_s REAL,
    straggler INTEGER NOT NULL,
    straggler_ratio REAL,
    straggler_cause TEXT,
    histogram BLOB NOT NULL,
    PRIMARY KEY (run_id, replica_id, stage)
  ) WITHOUT ROWID;
  """
