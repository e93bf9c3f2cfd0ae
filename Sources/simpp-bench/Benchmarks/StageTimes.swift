import Inference

/// The stage times that Vidur (commit 7d47513) predicts on A100, in milliseconds.
struct StageTimes {
  var tensor: Int
  var stages: Int
  var layersPerStage: Int
  /// Steps that prefill 64 and 512 tokens.
  var prefill: [Double]
  /// Steps that decode 1, 8, 16, 32, 64 and 128 sequences at 544 tokens of context.
  var decode: [Double]
  /// 496 prompt tokens beside 16 decodes, 448 beside 64.
  var mixed: [Double]
  /// One all-reduce of 16 and of 512 tokens.
  var allReduce: [Double] = []
  /// A send to the next stage of 16 and of 512 tokens.
  var hop: [Double] = []
  /// A sequence's keys and values of one token over 1,504 GB/s.
  var nanosecondsPerContextToken: Int64

  /// Llama-3-8B on one A100.
  static let a = StageTimes(
    tensor: 1, stages: 1, layersPerStage: 32,
    prefill: [11.73, 37.35], decode: [11.01, 11.66, 12.64, 13.50, 16.47, 21.78],
    mixed: [39.88, 42.27], nanosecondsPerContextToken: 87)
  /// Llama-2-70B on four, TP2 × PP2.
  static let b = StageTimes(
    tensor: 2, stages: 2, layersPerStage: 40,
    prefill: [31.52, 99.44], decode: [29.45, 29.86, 29.38, 31.68, 34.18, 42.57],
    mixed: [101.01, 102.32], allReduce: [0.057, 0.115], hop: [0.017, 0.037],
    nanosecondsPerContextToken: 54)
  /// Llama-2-70B on eight, TP4 × PP2.
  static let e = StageTimes(
    tensor: 4, stages: 2, layersPerStage: 40,
    prefill: [20.59, 58.62], decode: [19.48, 19.68, 20.33, 17.43, 21.92, 25.18],
    mixed: [59.41, 60.07], allReduce: [0.082, 0.147], hop: [0.017, 0.036],
    nanosecondsPerContextToken: 27)
  /// Llama-2-70B on eight, TP8.
  static let f = StageTimes(
    tensor: 8, stages: 1, layersPerStage: 80,
    prefill: [28.65, 81.26], decode: [23.60, 23.75, 25.12, 24.01, 29.98, 35.95],
    mixed: [82.04, 82.70], allReduce: [0.061, 0.175], nanosecondsPerContextToken: 27)

  /// The same as the simulator takes them.
  var cost: CostModel {
    let prefill = points([64, 512], prefill)
    let steps = [
      TableCost.MixedStep(prefillTokens: 496, decodeSequences: 16, nanoseconds: time(mixed[0])),
      TableCost.MixedStep(prefillTokens: 448, decodeSequences: 64, nanoseconds: time(mixed[1])),
    ]
    return .table(
      TableCost(stages: [
        TableCost.Stage(
          tensor: tensor, layers: layersPerStage,
          decode: points([1, 8, 16, 32, 64, 128], decode), prefill: prefill,
          mixed: steps.added(to: prefill), contextTokens: 544,
          nanosecondsPerContextToken: nanosecondsPerContextToken,
          allReduce: points([16, 512], allReduce), hop: points([16, 512], hop))
      ]))
  }

  private func points(_ counts: [Int], _ milliseconds: [Double]) -> [TableCost.Point] {
    zip(counts, milliseconds).map { TableCost.Point($0, time($1)) }
  }

  private func time(_ milliseconds: Double) -> Int64 {
    Int64((milliseconds * 1e6).rounded())
  }
}
