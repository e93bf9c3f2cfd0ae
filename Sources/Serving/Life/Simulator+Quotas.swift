/// GPUs that tenants' models hold, where their number is limited.
extension Simulator {
  /// GPUs that a model may still be granted, if the replicas that are `gone` were there no more.
  func quotaLeft(of model: Int, without gone: [Int] = []) -> Int {
    guard !quotaOfModel.isEmpty, quotaOfModel[model] >= 0 else { return .max }
    let quota = quotaOfModel[model]
    var left = scenario.quotas[quota].gpus - heldOfQuota[quota]
    for replica in gone where quotaOfModel[Int(replicas[replica].model)] == quota {
      left += stages[replicas[replica].homes].reduce(0) { $0 + $1.gpus.count }
    }
    return left
  }

  /// Counts GPUs that a model is granted, or gives back.
  mutating func countHeld(by model: Int32, _ change: Int) {
    guard !quotaOfModel.isEmpty, quotaOfModel[Int(model)] >= 0 else { return }
    heldOfQuota[quotaOfModel[Int(model)]] += change
  }
}
