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
    try checkFigure("the host time per step of several GPUs", cost.hostNanosecondsPerTensorStep)
    try checkFigure("the launch time per kernel", cost.launchNanosecondsPerKernel)
    try checkFactor("the communication factor", cost.communicationFactor, above: 0)
    try checkFactor("the overlap of kernels", cost.kernelOverlap, above: 0)
    // Steps count pairs in whole numbers.
    precondition(Double(paddingPairsPerToken) == PrefillAttentionLaw.paddingPairsPerToken)
    let stage = StageOperators(request, cost)
    let law = AllReduceLaw(
      ranks: request.plan.tensor, fabric: request.fabric, gpu: request.gpu,
      implementation: request.allReduce)
    let allReduces = Double(request.allReduces) * cost.communicationFactor
    var storage: ContiguousArray<Int64> = []
    let communication = storage.appendTable(upTo: request.maxBatchedTokens) { tokens in
      let bytes = Double(Int64(tokens) * request.bytesPerToken)
      return Int64((allReduces * law.nanoseconds(bytes: bytes)).rounded())
    }
    let byTokens = storage.appendSampledTable(upTo: request.maxBatchedTokens) { tokens in
      units(cost.computeFactor * stage.layerNanoseconds(tokens: tokens))
    }
    let bySequences = storage.appendSampledTable(upTo: request.maxSequences) { sequences in
      units(cost.computeFactor * stage.samplingNanoseconds(sequences: sequences))
    }
    let rows = [false, true].map { windowed -> StepRows in
      guard stage.seeing(windowed) > 0 else { return .none }
      return storage.appendRows(
        sequences: request.maxSequences, context: request.model.maxContextTokens
      ) {
        units(
          cost.computeFactor
            * stage.decodeNanoseconds(sequences: $0, tokens: $1, windowed: windowed))
      }
    }
    let pairs = request.maxBatchedTokens * request.model.maxContextTokens
    let curves = [false, true].map { windowed -> StepRows in
      guard stage.seeing(windowed) > 0 else { return .none }
      return storage.appendCurve(upTo: pairs) {
        units(
          cost.computeFactor * stage.prefillNanoseconds(effectivePairs: $0, windowed: windowed))
      }
    }
    let traffic = storage.appendCurve(upTo: request.maxBatchedTokens) {
      units(cost.computeFactor * stage.prefillTrafficNanoseconds(tokens: $0))
    }
    return StepPieces(
      storage: storage,
      terms: StepTerms(
        bytesPerCollectiveToken: request.bytesPerCollectiveToken, kind: .operators,
        denominator: unitsPerNanosecond, communication: communication, byTokens: byTokens,
        bySequences: bySequences, byMixedSequences: bySequences, decode: rows[0],
        windowDecode: rows[1], prefill: curves[0], windowPrefill: curves[1],
        prefillTraffic: traffic,
        rates: rates(cost, stage, request)))
  }

  private static func rates(
    _ cost: RooflineCost, _ stage: StageOperators, _ request: StageRequest
  ) -> StepRates {
    var rates = StepRates()
    let factor = cost.computeFactor
    rates.perPrefixToken = units(factor * stage.prefixNanosecondsPerToken(windowed: false))
    rates.perWindowPrefixToken = units(factor * stage.prefixNanosecondsPerToken(windowed: true))
    rates.perExpandedToken = units(factor * stage.expansionNanosecondsPerPrefixToken)
    rates.samples = request.isLast
    rates.hostPerStep =
      cost.hostNanosecondsPerStep
      + (request.plan.tensor > 1 ? cost.hostNanosecondsPerTensorStep : 0)
    rates.hidesHost = cost.hidesHost
    rates.launching = Int64(stage.kernels) * cost.launchNanosecondsPerKernel
    rates.hostPerSampling = cost.hostNanosecondsPerSampling
    rates.hostPerSequence = cost.hostNanosecondsPerSequence
    return rates
  }
}
