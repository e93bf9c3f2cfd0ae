extension OperatorLaws {
  /// What the datasheet alone allows: a bound, and what a spreadsheet says.
  ///
  /// Every operator at the peak or at the memory's bandwidth, whichever takes longer, and no time
  /// besides.
  public static let roofline = OperatorLaws(
    gemm: GEMMLaw(
      kernels: .untiled, values: [0, 1, 1, 0, unlimited, 1, sharpRidge, 0, 0, 0]),
    gemmFP8: ScaledGEMMLaw(
      kernels: .untiled, values: [0, 1, 1, 0, unlimited, 1, 0, 0, unlimited, 0]),
    elementwise: ElementwiseLaw(values: [0, 1, 0, unlimited]),
    prefillAttention: PrefillAttentionLaw(
      floor: 0, efficiency: 1, block: 0, trafficEfficiency: unlimited, intake: unlimited,
      throttle: 0),
    decodeAttention: DecodeAttentionLaw(
      floor: 0, combine: 0, token: 0, memoryEfficiency: 1, intake: unlimited, dispatch: 0,
      overlap: 1, packsGroups: true),
    experts: ExpertsLaw(
      floorNanoseconds: 0, expertParallelNanoseconds: 0, streamingShare: 1, computingShare: 1,
      permuteRatio: 0, rereadShare: 0, tileNanoseconds: 0, level2Ratio: unlimited),
    expertsFP8: ExpertsFP8Law(quantiseNanoseconds: 0, streamingShare: 1, computingShare: 1))

  /// A rate that never limits.
  private static let unlimited = 1e12
  /// An exponent that makes a norm the larger of its two times, within 0.1 %.
  private static let sharpRidge = 512.0
}
