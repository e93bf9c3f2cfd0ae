/// What the fifth schema adds; rows of older files have NULL or 0 there, and no rows in the new tables.
let schemaVersion5 = [
  scalingFigures, coldStartPhases, weightSources(of: "replica"), weightSources(of: "run_total"),
  placementFigures, succession,
].joined(separator: "\n")

/// What autoscalers measured; NULL for policies that only count, and of figures that a policy has not.
private let scalingFigures =
  """
  ALTER TABLE scaling_decision ADD COLUMN draining INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE scaling_decision ADD COLUMN long_window REAL;
  ALTER TABLE scaling_decision ADD COLUMN short_window REAL;
  ALTER TABLE scaling_decision ADD COLUMN target REAL;
  ALTER TABLE scaling_decision ADD COLUMN unlimited INTEGER;
  ALTER TABLE scaling_decision ADD COLUMN excess_burst_capacity INTEGER;
  """

/// When those phases of a cold start ended that not every one has.
private let coldStartPhases =
  """
  ALTER TABLE replica ADD COLUMN node_provision_end_ns INTEGER;
  ALTER TABLE replica ADD COLUMN image_end_ns INTEGER;
  ALTER TABLE replica ADD COLUMN process_group_end_ns INTEGER;
  ALTER TABLE replica ADD COLUMN engine_init_end_ns INTEGER;
  ALTER TABLE replica ADD COLUMN compile_end_ns INTEGER;
  ALTER TABLE replica ADD COLUMN capture_end_ns INTEGER;
  ALTER TABLE replica ADD COLUMN warm_up_end_ns INTEGER;
  """

/// What each tier that weights can come from was asked for and gave, in the order of `WeightTier`.
private func weightSources(of table: String) -> String {
  ["peer", "host", "storage", "store"].flatMap { tier in
    ["lookups", "hits", "bytes"].map { figure in
      "ALTER TABLE \(table) ADD COLUMN weight_\(tier)_\(figure) INTEGER;"
    }
  }.joined(separator: "\n")
}

/// The replica that another one was started to take over from.
private let succession = "ALTER TABLE replica ADD COLUMN replaces INTEGER;"

/// How free GPUs lay, and what demands for GPUs waited for.
private let placementFigures =
  """
  ALTER TABLE allocation ADD COLUMN waited_capacity_ns INTEGER;
  ALTER TABLE allocation ADD COLUMN waited_contiguity_ns INTEGER;
  ALTER TABLE allocation ADD COLUMN waited_quota_ns INTEGER;
  ALTER TABLE allocation ADD COLUMN waited_order_ns INTEGER;
  ALTER TABLE allocation ADD COLUMN tensor INTEGER;
  ALTER TABLE allocation ADD COLUMN stages INTEGER;
  ALTER TABLE sample ADD COLUMN fragmented_gpus REAL;
  ALTER TABLE sample ADD COLUMN largest_block INTEGER;
  ALTER TABLE sample ADD COLUMN waiting_demands INTEGER;
  CREATE TABLE fragmentation (
    run_id INTEGER NOT NULL PRIMARY KEY REFERENCES run (id),
    free_gpus REAL NOT NULL,
    stranded_tp2 REAL NOT NULL,
    stranded_tp4 REAL NOT NULL,
    stranded_tp8 REAL NOT NULL,
    fragmented_gpus REAL NOT NULL,
    largest_block REAL NOT NULL,
    free_while_waiting REAL NOT NULL,
    waiting_share REAL NOT NULL
  );
  CREATE TABLE free_block (
    run_id INTEGER NOT NULL REFERENCES run (id),
    gpus INTEGER NOT NULL,
    domains REAL NOT NULL,
    PRIMARY KEY (run_id, gpus)
  ) WITHOUT ROWID;
  CREATE TABLE allocation_wait (
    run_id INTEGER NOT NULL REFERENCES run (id),
    position INTEGER NOT NULL,
    plan TEXT NOT NULL,
    granted INTEGER NOT NULL,
    abandoned INTEGER NOT NULL,
    mean_s REAL,
    p50_s REAL,
    p90_s REAL,
    p95_s REAL,
    p99_s REAL,
    max_s REAL,
    capacity_ns INTEGER NOT NULL,
    contiguity_ns INTEGER NOT NULL,
    quota_ns INTEGER NOT NULL,
    order_ns INTEGER NOT NULL,
    PRIMARY KEY (run_id, position)
  ) WITHOUT ROWID;
  """
