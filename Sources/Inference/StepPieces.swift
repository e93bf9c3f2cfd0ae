/// A stage's step times, prepared as integers for one plan, so that a step costs a few loads.
///
/// All work except communication and host is summed in fractions of a nanosecond, 2⁻²⁰ or the
/// exact share, and rounded half up once.
@frozen
public struct StepPieces: Sendable {
  @usableFromInline let storage: ContiguousArray<Int64>
  @usableFromInline let terms: StepTerms

  /// Bytes each GPU sends for one token through the all-reduces of the stage's layers.
  public var bytesPerCollectiveToken: Int64 { terms.bytesPerCollectiveToken }

  /// The cost of a step; nothing for a step without tokens.
  ///
  /// Monotone in tokens, pairs, prefixes, the context and the number of sequences of one length, but for
  /// the last nanoseconds, since slopes between knots are rounded down. Sequences count by their mean
  /// length: one short sequence more can make a step shorter, by less than 1 %.
  @inlinable
  public func cost(_ shape: BatchShape) -> StepCost { terms.cost(shape, in: storage) }
}

/// The prepared times of many stages and hops in one storage, so that a price copies no references.
@frozen
public struct StepPiecesList: Sendable {
  @usableFromInline var storage: ContiguousArray<Int64> = []
  @usableFromInline var terms: ContiguousArray<StepTerms> = []
  /// Measured hops and their terms here.
  @usableFromInline var hops: [(hop: HopPieces, terms: HopTerms)] = []

  /// An empty list.
  public init() {}

  /// Adds a stage's step times.
  ///
  /// - Returns: Their index; equal ones share it.
  public mutating func append(_ pieces: StepPieces) -> Int {
    for index in terms.indices where isEqual(index, pieces) { return index }
    terms.append(pieces.terms.moved(by: storage.count))
    storage.append(contentsOf: pieces.storage)
    return terms.count - 1
  }

  private func isEqual(_ index: Int, _ pieces: StepPieces) -> Bool {
    let start = terms[index].communication.start - pieces.terms.communication.start
    guard start >= 0, start + pieces.storage.count <= storage.count,
      terms[index] == pieces.terms.moved(by: start)
    else { return false }
    return storage[start..<start + pieces.storage.count].elementsEqual(pieces.storage)
  }

  /// Adds a hop.
  ///
  /// - Returns: Its terms, which only this list can price; equal hops share them.
  public mutating func append(_ hop: HopPieces) -> HopTerms {
    var terms = hop.terms
    guard terms.table != nil else { return terms }
    if let known = hops.first(where: { $0.hop == hop }) { return known.terms }
    terms.table?.start += storage.count
    storage.append(contentsOf: hop.measured)
    hops.append((hop, terms))
    return terms
  }

  /// Nanoseconds of a hop of this list with `tokens` at a bandwidth, rounded half up.
  @inlinable
  public func price(_ hop: HopTerms, tokens: Int, bandwidthBytesPerSecond: Double) -> Int64 {
    hop.price(tokens: tokens, bandwidthBytesPerSecond: bandwidthBytesPerSecond, in: storage)
  }

  /// The cost of a step at a stage, by the index of its step times.
  @inlinable
  @inline(__always)
  public func cost(_ shape: BatchShape, at index: Int) -> StepCost {
    terms[index].cost(shape, in: storage)
  }

  /// The cost of steps without prefill at a stage, of as many sequences as in a shape.
  @inlinable
  public func decodeLine(_ shape: BatchShape, at index: Int) -> DecodeLine {
    terms[index].decodeLine(shape, in: storage)
  }

  /// What LM head and sampler take of a step at a stage, the host's part of sampling among it, in
  /// nanoseconds; 0 on a stage that does not sample and where step times are given or measured whole.
  @inlinable
  public func samplingNanoseconds(_ shape: BatchShape, at index: Int) -> Int64 {
    terms[index].samplingNanoseconds(shape, in: storage)
  }

  /// Bytes each GPU of a stage sends for one token through its all-reduces.
  public func bytesPerCollectiveToken(at index: Int) -> Int64 {
    terms[index].bytesPerCollectiveToken
  }
}

/// The terms of a stage's step times; their tables lie in a storage beside them.
@frozen
@usableFromInline
struct StepTerms: Sendable, Hashable {
  /// Which terms a step sums.
  @usableFromInline
  enum Kind: UInt8, Sendable {
    /// Given or drawn times, shared out.
    case shared
    /// Measured step times.
    case measured
    /// Operators of a layer.
    case operators
  }

  @usableFromInline let bytesPerCollectiveToken: Int64
  @usableFromInline let kind: Kind
  /// Units of a nanosecond where times are shared out exactly; else `unitsPerNanosecond`.
  @usableFromInline let denominator: Int64
  /// Nanoseconds of communication by tokens.
  @usableFromInline var communication: StepTable
  /// Work by tokens (operators) or by prompt tokens (measured).
  @usableFromInline var byTokens: StepTable
  /// Work by sampled sequences (operators) or by sequences that only decode (measured).
  @usableFromInline var bySequences: StepTable
  /// Work that decoding sequences add to a prefill (measured).
  @usableFromInline var byMixedSequences: StepTable
  /// Decode attention of all layers that see the whole context, and of those with a window.
  @usableFromInline var decode: StepRows
  @usableFromInline var windowDecode: StepRows
  /// Prefill attention of those layers, by pairs with their padding.
  @usableFromInline var prefill: StepRows
  @usableFromInline var windowPrefill: StepRows
  /// What their own queries, keys and values cost prompt tokens.
  @usableFromInline var prefillTraffic: StepRows
  @usableFromInline let rates: StepRates

  /// The same terms with their tables further on in the storage.
  func moved(by offset: Int) -> StepTerms {
    var moved = self
    moved.communication.start += offset
    moved.byTokens.start += offset
    moved.bySequences.start += offset
    moved.byMixedSequences.start += offset
    moved.decode.start += offset
    moved.windowDecode.start += offset
    moved.prefill.start += offset
    moved.windowPrefill.start += offset
    moved.prefillTraffic.start += offset
    return moved
  }

  @usableFromInline
  init(
    bytesPerCollectiveToken: Int64, kind: Kind, denominator: Int64, communication: StepTable,
    byTokens: StepTable, bySequences: StepTable, byMixedSequences: StepTable,
    decode: StepRows = .none,
    windowDecode: StepRows = .none, prefill: StepRows = .none, windowPrefill: StepRows = .none,
    prefillTraffic: StepRows = .none, rates: StepRates
  ) {
    self.bytesPerCollectiveToken = bytesPerCollectiveToken
    self.kind = kind
    self.denominator = denominator
    self.communication = communication
    self.byTokens = byTokens
    self.bySequences = bySequences
    self.byMixedSequences = byMixedSequences
    self.decode = decode
    self.windowDecode = windowDecode
    self.prefill = prefill
    self.windowPrefill = windowPrefill
    self.prefillTraffic = prefillTraffic
    self.rates = rates
  }

  @inlinable
  @inline(__always)
  func cost(_ shape: BatchShape, in storage: ContiguousArray<Int64>) -> StepCost {
    guard shape.tokens > 0 else { return .zero }
    if shape.prefillTokens == 0 {
      return decodeLine(shape, in: storage).cost(
        contextTokens: shape.contextTokens, windowContextTokens: shape.windowContextTokens)
    }
    let communication = communication.value(shape.tokens, in: storage)
    let host = hostNanoseconds(shape, communication: communication, in: storage)
    switch kind {
    case .shared:
      return StepCost(
        total: shared(shape) + communication + host, tensorCommunication: communication,
        host: host)
    case .measured:
      // Measured step times hold their communication already.
      let work = rounded(measuredWork(shape, in: storage))
      return StepCost(
        total: work + host, tensorCommunication: min(communication, work), host: host)
    case .operators:
      let work = rounded(operatorWork(shape, in: storage))
      return StepCost(
        total: work + communication + host, tensorCommunication: communication, host: host)
    }
  }

  /// The cost of steps without prefill of as many sequences as in this shape, around its context.
  @inlinable
  @inline(__always)
  func decodeLine(_ shape: BatchShape, in storage: ContiguousArray<Int64>) -> DecodeLine {
    let sequences = shape.decodeSequences
    var base: Int64 = 0
    var given: Int64 = 0
    var context = StepLine(base: 0, slope: rates.perContextToken, limit: .max)
    var window = StepLine.none
    switch kind {
    case .shared: given = shared(shape)
    case .measured:
      base =
        bySequences.value(sequences, in: storage)
        - Int64(sequences) * rates.measuredContextTokens * rates.perContextToken
    case .operators:
      base =
        byTokens.value(shape.tokens, in: storage)
        + bySequences.value(shape.sampledSequences, in: storage)
      context = decode.line(sequences: sequences, tokens: shape.contextTokens, in: storage)
      window = windowDecode.line(
        sequences: sequences, tokens: shape.windowContextTokens, in: storage)
    }
    let communication = communication.value(shape.tokens, in: storage)
    return DecodeLine(
      base: base, context: context, window: window, communication: communication,
      holdsCommunication: kind == .measured,
      host: hostNanoseconds(shape, communication: communication, in: storage), given: given)
  }

  /// What the host adds to a step: its own time, or what of it the GPU does not hide, and what the
  /// GPU waits for launches.
  ///
  /// What hides them is the step's work without its context, so that longer contexts leave it alone.
  @inlinable
  @inline(__always)
  func hostNanoseconds(
    _ shape: BatchShape, communication: Int64, in storage: ContiguousArray<Int64>
  ) -> Int64 {
    var host = rates.hostPerStep
    if rates.samples, shape.sampledSequences > 0 {
      host += rates.hostPerSampling + Int64(shape.sampledSequences) * rates.hostPerSequence
    }
    guard rates.hidesHost || rates.launching > 0 else { return host }
    let hiding = communication + rounded(byTokens.value(shape.tokens, in: storage))
    if rates.hidesHost { host = max(0, host - hiding) }
    return host + max(0, rates.launching - hiding)
  }

  /// What a step would be shorter without LM head and sampler.
  @inlinable
  @inline(__always)
  func samplingNanoseconds(_ shape: BatchShape, in storage: ContiguousArray<Int64>) -> Int64 {
    guard kind == .operators, rates.samples, shape.sampledSequences > 0 else { return 0 }
    let communication = communication.value(shape.tokens, in: storage)
    var without = shape
    without.sampledSequences = 0
    return rounded(bySequences.value(shape.sampledSequences, in: storage))
      + hostNanoseconds(shape, communication: communication, in: storage)
      - hostNanoseconds(without, communication: communication, in: storage)
  }

  @inlinable
  @inline(__always)
  func rounded(_ work: Int64) -> Int64 { (work + unitsPerNanosecond / 2) >> unitShift }

  @inlinable
  @inline(__always)
  func operatorWork(_ shape: BatchShape, in storage: ContiguousArray<Int64>) -> Int64 {
    var work =
      byTokens.value(shape.tokens, in: storage)
      + bySequences.value(shape.sampledSequences, in: storage)
    if shape.decodeSequences > 0 {
      work += decode.line(
        sequences: shape.decodeSequences, tokens: shape.contextTokens, in: storage
      ).value(shape.contextTokens)
      work += windowDecode.line(
        sequences: shape.decodeSequences, tokens: shape.windowContextTokens, in: storage
      ).value(shape.windowContextTokens)
    }
    return work + prefillWork(shape, in: storage)
  }

  @inlinable
  @inline(__always)
  func prefillWork(_ shape: BatchShape, in storage: ContiguousArray<Int64>) -> Int64 {
    guard shape.prefillTokens > 0 else { return 0 }
    let padding = shape.prefillTokens * paddingPairsPerToken
    let pairs = shape.attentionPairs + padding
    let windowPairs = shape.windowPairs + padding
    var work =
      prefill.line(sequences: 1, tokens: pairs, in: storage).value(pairs)
      + windowPrefill.line(sequences: 1, tokens: windowPairs, in: storage).value(windowPairs)
    work += prefillTraffic.line(sequences: 1, tokens: shape.prefillTokens, in: storage)
      .value(shape.prefillTokens)
    return work
      + Int64(shape.prefixTokens) * (rates.perPrefixToken + rates.perExpandedToken)
      + Int64(shape.windowPrefixTokens) * rates.perWindowPrefixToken
  }

  @inlinable
  @inline(__always)
  func measuredWork(_ shape: BatchShape, in storage: ContiguousArray<Int64>) -> Int64 {
    let beyond =
      (Int64(shape.contextTokens) - Int64(shape.decodeSequences) * rates.measuredContextTokens)
      * rates.perContextToken
    let decoding =
      shape.decodeSequences > 0
      ? max(0, bySequences.value(shape.decodeSequences, in: storage) + beyond) : 0
    let prefill = byTokens.value(shape.prefillTokens, in: storage)
    let added = byMixedSequences.value(shape.decodeSequences, in: storage)
    return max(decoding, prefill + max(0, added + beyond))
  }

  /// Nanoseconds of a given or drawn time, shared out.
  @inlinable
  @inline(__always)
  func shared(_ shape: BatchShape) -> Int64 {
    let work =
      rates.perStep
      + Int64(shape.prefillTokens) * rates.perPrefillToken
      + Int64(shape.decodeSequences) * rates.perDecodeSequence
      + shape.drawnNanoseconds * rates.perDrawnNanosecond
    return (work + denominator / 2) / denominator
  }
}

/// Binary digits of a unit of work below the nanosecond: fine enough for rates per token.
@inlinable var unitShift: Int64 { 20 }

/// Query–key pairs by which each prompt token costs more than it uses, as in `PrefillAttentionLaw`.
@inlinable var paddingPairsPerToken: Int { 64 }

/// Units of work of a nanosecond.
@inlinable var unitsPerNanosecond: Int64 { 1 << unitShift }

/// The straight-line terms of a step: work in the pieces' units, host in nanoseconds.
@frozen
@usableFromInline
struct StepRates: Sendable, Hashable {
  @usableFromInline var perStep: Int64 = 0
  @usableFromInline var perPrefillToken: Int64 = 0
  @usableFromInline var perDecodeSequence: Int64 = 0
  @usableFromInline var perDrawnNanosecond: Int64 = 0
  /// Context at which measured decode steps were taken.
  @usableFromInline var measuredContextTokens: Int64 = 0
  /// What a KV token beyond it adds to a measured decode step.
  @usableFromInline var perContextToken: Int64 = 0
  /// A KV token before a chunk: read, and with latent attention expanded once more.
  @usableFromInline var perPrefixToken: Int64 = 0
  @usableFromInline var perWindowPrefixToken: Int64 = 0
  @usableFromInline var perExpandedToken: Int64 = 0
  /// Whether the stage samples tokens.
  @usableFromInline var samples = false
  @usableFromInline var hostPerStep: Int64 = 0
  @usableFromInline var hostPerSampling: Int64 = 0
  @usableFromInline var hostPerSequence: Int64 = 0
  /// Whether the host prepares a step while the GPU computes the one before.
  @usableFromInline var hidesHost = false
  /// Nanoseconds that launching all kernels of a step takes, 0 where a graph launches them at once.
  @usableFromInline var launching: Int64 = 0

  @usableFromInline
  init() {}
}
