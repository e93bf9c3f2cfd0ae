extension StepPieces {
  /// Given times: the stage's share of layers, divided by t · efficiency.
  static func sharing(
    _ cost: ConstantCost, _ request: StageRequest
  ) throws(StepPiecesFault) -> StepPieces {
    try checkFigure("the base time", cost.baseNanoseconds)
    try checkFigure("the time per prefill token", cost.nanosecondsPerPrefillToken)
    try checkFigure("the time per decoding sequence", cost.nanosecondsPerDecodeSequence)
    try checkFigure("the communication time", cost.communicationNanoseconds)
    let share = try StageShare(request, efficiency: cost.tensorEfficiency)
    var rates = StepRates()
    rates.perStep = cost.baseNanoseconds * share.numerator
    rates.perPrefillToken = cost.nanosecondsPerPrefillToken * share.numerator
    rates.perDecodeSequence = cost.nanosecondsPerDecodeSequence * share.numerator
    rates.hostPerStep = cost.hostNanoseconds
    let layers = Int64(request.plan.layers)
    let exposed =
      request.plan.tensor > 1
      ? (cost.communicationNanoseconds * Int64(request.layers) + layers / 2) / layers : 0
    return try shared(rates, communication: exposed, share, request)
  }

  /// A drawn time: the stage's share of layers, divided by t · efficiency.
  static func sharing(
    _ cost: StochasticCost, _ request: StageRequest
  ) throws(StepPiecesFault) -> StepPieces {
    let share = try StageShare(request, efficiency: cost.tensorEfficiency)
    var rates = StepRates()
    rates.perDrawnNanosecond = share.numerator
    rates.hostPerStep = cost.hostNanoseconds
    return try shared(rates, communication: 0, share, request)
  }

  private static func shared(
    _ rates: StepRates, communication exposed: Int64, _ share: StageShare, _ request: StageRequest
  ) throws(StepPiecesFault) -> StepPieces {
    try checkFigure("the host time", rates.hostPerStep)
    var storage: ContiguousArray<Int64> = []
    let flat = storage.appendTable(upTo: 1) { _ in exposed }
    return StepPieces(
      storage: storage,
      terms: StepTerms(
        bytesPerCollectiveToken: request.bytesPerCollectiveToken, kind: .shared,
        denominator: share.denominator, communication: flat, byTokens: flat, bySequences: flat,
        byMixedSequences: flat, rates: rates))
  }
}

/// A stage's exact part of a whole model's time: layers / (all layers · t · efficiency).
private struct StageShare {
  let numerator: Int64
  let denominator: Int64

  init(_ request: StageRequest, efficiency: Double) throws(StepPiecesFault) {
    try checkFactor("the tensor efficiency", efficiency, above: 0.0001)
    let tenThousandths = Int64((efficiency * 10_000).rounded())
    let split = request.plan.tensor > 1 ? tenThousandths : 10_000
    let part = Int64(request.layers) * 10_000
    let whole = Int64(request.plan.layers) * Int64(request.plan.tensor) * split
    let divisor = greatestCommonDivisor(part, whole)
    numerator = part / divisor
    denominator = whole / divisor
  }
}

private func greatestCommonDivisor(_ first: Int64, _ second: Int64) -> Int64 {
  var (larger, smaller) = (first, second)
  while smaller != 0 { (larger, smaller) = (smaller, larger % smaller) }
  return max(1, larger)
}
