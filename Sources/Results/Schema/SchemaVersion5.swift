/// What the fifth schema adds; rows of older files have NULL or 0 there, and no rows in the new tables.
let schemaVersion5 = [
  scalingFigures, coldStartPhases, weightSources(of: "replica"), weightSources(of: "run_total"),
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
