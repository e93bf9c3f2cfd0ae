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
    let allReduces = Double(request.allReduces) * cost.communicationFactor
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
      storage: storage,
      terms: StepTerms(
        bytesPerCollectiveToken: request.bytesPerCollectiveToken, kind: .operators,
        denominator: unitsPerNanosecond, communication: communication, byTokens: byTokens,
        bySequences: bySequences, byMixedSequences: bySequences, rates: rates(cost, stage, request))
    )
  }

  private static func rates(
    _ cost: RooflineCost, _ stage: StageOperators, _ request: StageRequest
  ) -> StepRates {
    let attention = request.gpu.attention
    var rates = StepRates()
    let factor = cost.computeFactor
    rates.reading.perContextToken = units(factor * stage.decodeNanosecondsPerToken(windowed: false))
    rates.reading.perWindowToken = units(factor * stage.decodeNanosecondsPerToken(windowed: true))
    rates.perPrefixToken = units(factor * stage.readNanosecondsPerToken(windowed: false))
    rates.perWindowPrefixToken = units(factor * stage.readNanosecondsPerToken(windowed: true))
    rates.perExpandedToken = units(factor * stage.expansionNanosecondsPerPrefixToken)
    let pair = stage.nanosecondsPerPair(windowed: false)
    let windowPair = stage.nanosecondsPerPair(windowed: true)
    rates.perPair = units(factor * pair)
    rates.perWindowPair = units(factor * windowPair)
    rates.perPrefillToken = units(
      factor * (pair + windowPair) * attention.prefillPaddingPairsPerToken)
    rates.reading.perUnsplitToken = units(
      factor * stage.unsplitLayers(windowed: false) * attention.unsplitNanosecondsPerToken)
    rates.reading.perUnsplitWindowToken = units(
      factor * stage.unsplitLayers(windowed: true) * attention.unsplitNanosecondsPerToken)
    rates.reading.isUnsplit =
      rates.reading.perUnsplitToken > 0 || rates.reading.perUnsplitWindowToken > 0
    rates.samples = request.isLast
    rates.hostPerStep = cost.hostNanosecondsPerStep
    rates.hostPerSampling = cost.hostNanosecondsPerSampling
    rates.hostPerSequence = cost.hostNanosecondsPerSequence
    return rates
  }
}
