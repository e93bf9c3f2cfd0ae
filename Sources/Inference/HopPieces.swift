public import Hardware

/// What a hop from one stage to the next crosses.
public enum HopFabric: Sendable, Hashable {
  /// Both stages on the same GPU.
  case sameGPU
  /// NVLink inside a node.
  case nvlink
  /// PCIe inside a node, from GPU to GPU or through host memory.
  case pcie(isPeerToPeer: Bool)
  /// Network cards and what lies between them, with the latency of it all: the fabric's, the WAN's,
  /// and that of host memory where GPUDirect is missing.
  case network(latencyNanoseconds: Int64)
}

/// Bytes of a hop: hidden state and residual in 16 bits, both of which vLLM sends.
public func hopBytes(tokens: Int, model: ModelArchitecture) -> Int64 {
  2 * Int64(tokens) * Int64(model.hiddenSize) * bytesPerActivation
}

/// The terms of a hop's price, without the table that measured hops have.
@frozen
public struct HopTerms: Sendable, Hashable {
  /// Nanoseconds of the smallest message.
  public let latencyNanoseconds: Int64
  /// Bytes that cross per token.
  public let bytesPerToken: Int64
  /// Bytes/s of the path when nothing else uses it, nil over the network, where links decide.
  public let localBandwidthBytesPerSecond: Double?
  /// Measured nanoseconds by tokens, nil if the links decide.
  @usableFromInline var table: StepTable?

  /// Whether times were measured, so that links do not decide.
  public var isMeasured: Bool { table != nil }

  /// Nanoseconds of a hop with `tokens` at a bandwidth, rounded half up.
  @inlinable
  func price(
    tokens: Int, bandwidthBytesPerSecond: Double, in storage: ContiguousArray<Int64>
  ) -> Int64 {
    if let table { return table.value(tokens, in: storage) }
    let bytes = UInt64(Int64(tokens) * bytesPerToken)
    let bandwidth = UInt64(max(1, bandwidthBytesPerSecond.rounded()))
    // A product of 128 bits: long prompts over fast links pass 64.
    let (high, low) = bytes.multipliedFullWidth(by: 1_000_000_000)
    let (sum, carry) = low.addingReportingOverflow(bandwidth / 2)
    let top = high + (carry ? 1 : 0)
    guard top < bandwidth / 4 else { return Self.stalledNanoseconds }
    return latencyNanoseconds + Int64(bandwidth.dividingFullWidth((top, sum)).quotient)
  }

  /// The price of a hop over a link with next to no bandwidth left: 30 years.
  @usableFromInline static var stalledNanoseconds: Int64 {
    @inlinable get { 1_000_000_000_000_000_000 }
  }
}

/// A hop's price, prepared for the path between two stages.
public struct HopPieces: Sendable, Hashable {
  /// Latency, bytes and bandwidth.
  public let terms: HopTerms
  /// Measured nanoseconds by tokens, empty if the links decide.
  let measured: ContiguousArray<Int64>

  /// Nanoseconds of the smallest message.
  public var latencyNanoseconds: Int64 { terms.latencyNanoseconds }

  /// Prepares the hop that leaves `stage` of a plan.
  ///
  /// - Parameters:
  ///   - cost: the cost model; a table with measured hops overrides the links.
  ///   - model: the model's shape.
  ///   - plan: the plan.
  ///   - stage: the sending stage.
  ///   - gpu: the sending GPU's type.
  ///   - fabric: what the hop crosses.
  ///   - maxBatchedTokens: the most tokens of a usual step.
  public init(
    cost: CostModel, model: ModelArchitecture, plan: ParallelPlan, stage: Int,
    gpu: GPUSpecification, fabric: HopFabric, maxBatchedTokens: Int = 2_048
  ) {
    let latencyNanoseconds: Int64
    let localBandwidthBytesPerSecond: Double?
    switch fabric {
    case .sameGPU:
      latencyNanoseconds = 0
      localBandwidthBytesPerSecond = gpu.headline.weightStreamBytesPerSecond
    case .nvlink:
      let link = gpu.nvlink ?? gpu.pcie
      latencyNanoseconds = Int64(link.messageNanoseconds.rounded())
      localBandwidthBytesPerSecond = link.messageBytesPerSecond
    case .pcie(let isPeerToPeer):
      latencyNanoseconds = Int64(gpu.pcie.messageNanoseconds.rounded())
      localBandwidthBytesPerSecond =
        isPeerToPeer
        ? max(gpu.peerBytesPerSecond, gpu.pcie.messageBytesPerSecond)
        : gpu.pcie.messageBytesPerSecond
    case .network(let latency):
      latencyNanoseconds = Int64(gpu.networkMessageNanoseconds.rounded()) + latency
      localBandwidthBytesPerSecond = nil
    }
    var storage: ContiguousArray<Int64> = []
    let points = Self.measuredPoints(cost, plan: plan, stage: stage)
    var table: StepTable?
    if !points.isEmpty {
      let curve = points.curve(.asMeasured)
      let last = min(max(1, maxBatchedTokens), StepPieces.longestTable)
      table = storage.appendTable(upTo: last) {
        Int64(curve.value(at: Double($0)).rounded())
      }
    }
    measured = storage
    terms = HopTerms(
      latencyNanoseconds: latencyNanoseconds, bytesPerToken: hopBytes(tokens: 1, model: model),
      localBandwidthBytesPerSecond: localBandwidthBytesPerSecond, table: table)
  }

  /// Nanoseconds of a hop with `tokens` at a bandwidth, rounded half up.
  public func price(tokens: Int, bandwidthBytesPerSecond: Double) -> Int64 {
    terms.price(
      tokens: tokens, bandwidthBytesPerSecond: bandwidthBytesPerSecond, in: measured)
  }

  private static func measuredPoints(
    _ cost: CostModel, plan: ParallelPlan, stage: Int
  ) -> [TableCost.Point] {
    guard case .table(let table) = cost, plan.layersPerStage.indices.contains(stage) else {
      return []
    }
    return table.stage(tensor: plan.tensor, layers: plan.layersPerStage[stage])?.hop ?? []
  }
}
