import Hardware

extension StepPieces {
  /// Step times from the GPU's figures, operator by operator.
  static func operators(
    _ cost: RooflineCost, _ request: StageRequest
  ) throws(StepPiecesFault) -> StepPieces {
    try checkFigure("the host time per step", cost.hostNanosecondsPerStep)
    try checkFigure("the host time per sampling", cost.hostNanosecondsPerSampling)
    try checkFigure("the host time per sequence", cost.hostNanosecondsPerSequence)
    try checkFactor("the compute factor", cost.computeFactor, above: 0)
    try checkFactor("the communication factor", cost.communicationFactor, above: 0)
    let stage = StageOperators(request, smallKernelsPerLayer: cost.smallKernelsPerLayer)
    let law = AllReduceLaw(
      ranks: request.plan.tensor, fabric: request.fabric, gpu: request.gpu,
      implementation: request.allReduce)
    let allReduces = 2 * Double(request.layers) * cost.communicationFactor
    var storage: ContiguousArray<Int64> = []
    let communication = storage.appendTable(upTo: request.maxBatchedTokens) { tokens in
      let bytes = Double(Int64(tokens) * request.bytesPerToken)
      return Int64((allReduces * law.nanoseconds(bytes: bytes)).rounded())
    }
    let byTokens = storage.appendTable(upTo: request.maxBatchedTokens) { tokens in
      units(cost.computeFactor * stage.layerNanoseconds(tokens: tokens))
    }
    let bySequences = storage.appendTable(upTo: request.maxSequences) { sequences in
      units(cost.computeFactor * stage.samplingNanoseconds(sequences: sequences))
    }
    return StepPieces(
      bytesPerCollectiveToken: request.bytesPerCollectiveToken, kind: .operators,
      storage: storage, denominator: unitsPerNanosecond, communication: communication,
      byTokens: byTokens, bySequences: bySequences, byMixedSequences: bySequences,
      rates: rates(cost, stage, request))
  }

  private static func rates(
    _ cost: RooflineCost, _ stage: StageOperators, _ request: StageRequest
  ) -> StepRates {
    let attention = request.gpu.attention
    var rates = StepRates()
    rates.perContextToken = units(cost.computeFactor * stage.nanosecondsPerContextToken)
    rates.perPair = units(cost.computeFactor * stage.nanosecondsPerPair)
    rates.perPrefillToken = units(
      cost.computeFactor * stage.nanosecondsPerPair * attention.prefillPaddingPairsPerToken)
    if request.model.attentionHeads == request.model.keyValueHeads {
      rates.perUnsplitToken = units(
        cost.computeFactor * Double(request.layers) * attention.unsplitNanosecondsPerToken)
    }
    rates.samples = request.isLast
    rates.hostPerStep = cost.hostNanosecondsPerStep
    rates.hostPerSampling = cost.hostNanosecondsPerSampling
    rates.hostPerSequence = cost.hostNanosecondsPerSequence
    return rates
  }
}
