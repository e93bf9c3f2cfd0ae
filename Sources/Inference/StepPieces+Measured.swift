/// Nanoseconds as units of work; 2⁶⁰ stands for more, which only tables far beyond any step hold.
func units(_ nanoseconds: Double) -> Int64 {
  Int64(min(nanoseconds * Double(unitsPerNanosecond), 0x1p60).rounded())
}

extension StepPieces {
  /// Measured step times of this kind of stage.
  static func measured(
    _ cost: TableCost, _ request: StageRequest
  ) throws(StepPiecesFault) -> StepPieces {
    try checkFigure("the host time", cost.hostNanoseconds)
    let (tensor, layers) = (request.plan.tensor, request.layers)
    guard let stage = cost.stage(tensor: tensor, layers: layers) else {
      let known = cost.stages.map { "\($0.layers) layers on \($0.tensor)" }
      throw .notMeasured(tensor: tensor, layers: layers, measured: known)
    }
    for (name, points) in [("decode", stage.decode), ("prefill", stage.prefill)]
    where points.isEmpty {
      throw .emptyCurve(tensor: tensor, layers: layers, curve: name)
    }
    for point in stage.decode + stage.prefill + stage.mixed + stage.allReduce + stage.hop {
      try checkFigure("a measured time", point.nanoseconds)
    }
    let decode = stage.decode.curve(cost.fit)
    let prefill = stage.prefill.curve(cost.fit)
    let mixed = stage.mixed.curveFromZero(cost.fit)
    let allReduce = stage.allReduce.curve(cost.fit)
    let perStep = tensor > 1 ? Double(request.allReduces) : 0
    var storage: ContiguousArray<Int64> = []
    let tokens = request.maxBatchedTokens
    let sequences = request.maxSequences
    let communication = storage.appendTable(upTo: tokens) { count in
      Int64((perStep * allReduce.value(at: Double(count))).rounded())
    }
    let byTokens = storage.appendTable(upTo: tokens) { units(prefill.value(at: Double($0))) }
    let bySequences = storage.appendTable(upTo: sequences) { units(decode.value(at: Double($0))) }
    let byMixed = storage.appendTable(upTo: sequences) { units(mixed.value(at: Double($0))) }
    var rates = StepRates()
    rates.hostPerStep = cost.hostNanoseconds
    try checkFigure("the time per token of context", stage.nanosecondsPerContextToken)
    rates.perContextToken = units(Double(stage.nanosecondsPerContextToken))
    rates.measuredContextTokens = Int64(stage.contextTokens)
    return StepPieces(
      storage: storage,
      terms: StepTerms(
        bytesPerCollectiveToken: request.bytesPerCollectiveToken, kind: .measured,
        denominator: unitsPerNanosecond, communication: communication, byTokens: byTokens,
        bySequences: bySequences, byMixedSequences: byMixed, rates: rates))
  }
}

extension [TableCost.MixedStep] {
  /// What decoding sequences add to a prefill, given the times of whole steps: what a step takes
  /// beyond the straight line through the prefill's points, and never less than nothing.
  ///
  /// - Parameter prefill: Steps that only prefill.
  /// - Returns: Added time by decoding sequences, ascending.
  public func added(to prefill: [TableCost.Point]) -> [TableCost.Point] {
    let curve = prefill.curve(.asMeasured)
    return map { step in
      let alone = Int64(curve.value(at: Double(step.prefillTokens)).rounded())
      return TableCost.Point(step.decodeSequences, Swift.max(0, step.nanoseconds - alone))
    }.sorted { $0.count < $1.count }
  }
}

extension [TableCost.Point] {
  /// The curve through the points, in order of their counts.
  func curve(_ fit: TableCost.Fit) -> PiecewiseLinear {
    let ordered = sorted { ($0.count, $0.nanoseconds) < ($1.count, $1.nanoseconds) }
    let values = ordered.map { Double($0.nanoseconds) }
    return PiecewiseLinear(
      x: ordered.map { Double($0.count) }, y: fit == .monotone ? neverFalling(values) : values)
  }

  /// The curve through zero and the points: nothing adds nothing.
  func curveFromZero(_ fit: TableCost.Fit) -> PiecewiseLinear {
    isEmpty || contains { $0.count == 0 }
      ? curve(fit) : ([TableCost.Point(0, 0)] + self).curve(fit)
  }
}

/// The never-falling values nearest in squares: falling neighbours are pooled to their mean.
private func neverFalling(_ values: [Double]) -> [Double] {
  var pools: [(sum: Double, count: Int)] = []
  for value in values {
    pools.append((value, 1))
    while pools.count > 1 {
      let (before, last) = (pools[pools.count - 2], pools[pools.count - 1])
      guard before.sum * Double(last.count) > last.sum * Double(before.count) else { break }
      pools.removeLast(2)
      pools.append((before.sum + last.sum, before.count + last.count))
    }
  }
  return pools.flatMap { pool in
    [Double](repeating: pool.sum / Double(pool.count), count: pool.count)
  }
}
