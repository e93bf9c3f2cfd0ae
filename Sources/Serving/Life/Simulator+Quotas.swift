/// GPUs that tenants' models hold, where their number is limited.
extension Simulator {
  /// GPUs that a model may still be granted.
  func quotaLeft(of model: Int) -> Int {
    guard !quotaOfModel.isEmpty, quotaOfModel[model] >= 0 else { return .max }
    return scenario.quotas[quotaOfModel[model]].gpus - heldOfQuota[quotaOfModel[model]]
  }

  /// Counts GPUs that a model is granted, or gives back.
  mutating func countHeld(by model: Int32, _ change: Int) {
    guard !quotaOfModel.isEmpty, quotaOfModel[Int(model)] >= 0 else { return }
    heldOfQuota[quotaOfModel[Int(model)]] += change
  }
}
