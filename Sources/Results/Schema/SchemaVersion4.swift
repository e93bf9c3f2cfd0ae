/// What the fourth schema adds: rejected requests by reason.
///
/// Rows of older files have NULL there.
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
  """
