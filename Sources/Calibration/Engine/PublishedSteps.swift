import Inference

/// Steps that others published as figures.
enum PublishedSteps {
  /// Decode and prefill of Yi-34B on two A100 PCIe: the OSDI artifact of microsoft/sarathi-serve.
  static func yi34B() throws -> [EngineTable] {
    var setup = EngineSetup(model: "yi-34b", gpu: "a100-pcie", tensor: 2)
    setup.nvlink = "pairs"
    setup.allReduce = "custom-eager"
    setup.cost = #"{ "engine": "vllm-v0", "launchPerKernel": "30us" }"#
    setup.maxBatchedTokens = 16_384
    let prices = try StepPrices(setup)
    let decode = zip([1, 2, 4, 8, 16, 32, 64], [46.8, 47.5, 48.8, 69.7, 77.3, 87.9, 127.8]).map {
      sequences, measured in
      EngineQuantity.Row(
        "\(sequences) decoding", measured: measured,
        simulated: prices.milliseconds(
          .decode(sequences: sequences, contextTokens: sequences * decodeContext)))
    }
    let batches: [(prefill: Int, decode: Int, measured: Double)] = [
      (0, 4, 68.1), (1_024, 0, 217.2), (1_021, 3, 217.6),
    ]
    let mixed = batches.map { batch in
      var shape = BatchShape.decode(
        sequences: batch.decode, contextTokens: batch.decode * decodeContext)
      if batch.prefill > 0 { shape.addPrefill(chunk: batch.prefill, prefix: 0, isLastChunk: true) }
      return EngineQuantity.Row(
        "\(batch.prefill) prompt tokens, \(batch.decode) decoding", measured: batch.measured,
        simulated: prices.milliseconds(shape))
    }
    var chunked: [EngineQuantity.Row] = []
    for (tokens, totals) in chunkTotals {
      for (chunk, measured) in zip([512, 1_024, 2_048, tokens], totals) {
        chunked.append(
          EngineQuantity.Row(
            "\(tokens) tokens in chunks of \(chunk)", measured: measured,
            simulated: total(tokens, chunk: chunk, prices)))
      }
    }
    return [
      EngineTable(
        name: setup.name, source: "microsoft/sarathi-serve, OSDI artifact",
        quantities: [
          EngineQuantity("decode step", unit: "ms", rows: decode),
          EngineQuantity("mixed step", unit: "ms", rows: mixed),
          EngineQuantity("chunked prefill", unit: "ms", rows: chunked),
        ],
        assumption: "\(decodeContext) tokens of context, NVLink bridges, an eager engine of 2024")
    ]
  }

  /// Steps of Llama-13B on one L20 by tokens: the profile of MLSysU/TD-Pipe.
  static func llama13B() throws -> [EngineTable] {
    var setup = EngineSetup(model: "llama-13b", gpu: "l20")
    setup.maxBatchedTokens = 2_048
    let prices = try StepPrices(setup)
    let times = zip(
      [1, 32, 64, 128, 256, 512, 1_024, 2_048],
      [35.3, 45.1, 43.9, 47.8, 70.0, 131.7, 258.5, 508.7])
    let rows = times.map { tokens, measured in
      EngineQuantity.Row(
        "\(tokens) tokens", measured: measured,
        simulated: prices.milliseconds(.prefill(chunk: tokens)))
    }
    return [
      EngineTable(
        name: setup.name, source: "MLSysU/TD-Pipe, profile",
        quantities: [EngineQuantity("step by tokens", unit: "ms", rows: rows)],
        assumption: "all tokens are those of one prompt")
    ]
  }

  /// The context that the decode steps are taken to have: the source does not say it.
  private static let decodeContext = 1_024

  /// Milliseconds of whole prompts in chunks of 512, 1,024 and 2,048 tokens, and in one.
  private static let chunkTotals: [(Int, [Double])] = [
    (2_047, [435.7, 444.2, 377.7, 378.1]), (8_191, [1_958.5, 1_946.2, 1_643.4, 1_754.2]),
    (16_383, [4_512.8, 4_357.6, 3_651.6, 4_535.0]),
  ]

  private static func total(_ tokens: Int, chunk: Int, _ prices: StepPrices) -> Double {
    var sum = 0.0
    var done = 0
    while done < tokens {
      let size = min(chunk, tokens - done)
      sum += prices.milliseconds(
        .prefill(chunk: size, prefix: done, isLastChunk: done + size == tokens))
      done += size
    }
    return sum
  }
}
