/// What the second schema adds: work held against what the machines can do.
///
/// Rows of older files have NULL there.
let schemaVersion2 =
  """
  ALTER TABLE run_total ADD COLUMN mfu REAL;
  ALTER TABLE run_total ADD COLUMN mbu REAL;
  ALTER TABLE run_total ADD COLUMN link_share REAL;
  ALTER TABLE stage ADD COLUMN model_flops REAL;
  ALTER TABLE stage ADD COLUMN least_bytes REAL;
  ALTER TABLE stage ADD COLUMN mfu REAL;
  ALTER TABLE stage ADD COLUMN mbu REAL;
  ALTER TABLE gpu ADD COLUMN mfu REAL;
  ALTER TABLE gpu ADD COLUMN mbu REAL;
  ALTER TABLE link ADD COLUMN share REAL;
  """
