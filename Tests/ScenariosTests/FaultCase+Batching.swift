/// Faults of batching policies' options.
extension FaultCase {
  static let batching: [FaultCase] = [
    FaultCase(
      #""parallelism": { "tensor": 4 }"#,
      #""parallelism": { "tensor": 4 }, "#
        + #""batching": { "policy": "sarathi", "tokenBudget": 8 }"#,
      """
      s.json:21:104: schedulers[0].batching.tokenBudget: found 8, needs at least the tokens of \
      one KV block, 16 (engine.blockTokens)
      """),
    FaultCase(
      #""parallelism": { "tensor": 4 }"#,
      #""parallelism": { "tensor": 4 }, "batching": { "policy": "vllm-v1", "maxBatchedTokens": 8 }"#,
      """
      s.json:21:109: schedulers[0].batching.maxBatchedTokens: found 8, needs at least the \
      tokens of one KV block, 16 (engine.blockTokens)
      """),
    FaultCase(
      #""parallelism": { "tensor": 4 }"#,
      #""parallelism": { "tensor": 4 }, "#
        + #""batching": { "policy": "dynamic-chunk", "chunkTokens": 15, "pageTokens": 5 }"#,
      """
      s.json:21:110: schedulers[0].batching.chunkTokens: found 15, needs at least the tokens \
      of one KV block, 16 (engine.blockTokens)
      """),
    FaultCase(
      #""parallelism": { "tensor": 4 }"#,
      #""parallelism": { "tensor": 4 }, "#
        + #""batching": { "policy": "dynamic-chunk", "chunkTokens": 64, "pageTokens": 65 }"#,
      """
      s.json:21:128: schedulers[0].batching.pageTokens: found 65, needs a whole number from 1 \
      to chunkTokens, 64
      """),
    FaultCase(
      #""parallelism": { "tensor": 4 }"#,
      #""parallelism": { "tensor": 4 }, "#
        + #""batching": { "policy": "decode-cap", "cap": 0 }"#,
      """
      s.json:21:99: schedulers[0].batching.cap: found 0, needs a whole number from 1 to 65,536
      """),
    FaultCase(
      #""parallelism": { "tensor": 4 }"#,
      #""parallelism": { "tensor": 4 }, "#
        + #""batching": { "policy": "global-cap", "cap": 0 }"#,
      """
      s.json:21:99: schedulers[0].batching.cap: found 0, needs a whole number from 1 to 65,536
      """),
    FaultCase(
      #""parallelism": { "tensor": 4 }"#,
      #""parallelism": { "tensor": 4 }, "batching": { "policy": "decode-cap", "cap": 300 }"#,
      """
      s.json:21:99: schedulers[0].batching.cap: found 300, needs a whole number from 1 to \
      maxSequences, 256
      """),
    FaultCase(
      #""parallelism": { "tensor": 4 }"#,
      #""parallelism": { "tensor": 4 }, "#
        + #""batching": { "policy": "gllm-throttle", "minPrefillTokens": 9000 }"#,
      """
      s.json:21:115: schedulers[0].batching.minPrefillTokens: found 9000, needs a whole number \
      from 1 to maxPrefillTokens, 8192
      """),
    FaultCase(
      #""parallelism": { "tensor": 4 }"#,
      #""parallelism": { "tensor": 4 }, "#
        + #""batching": { "policy": "gllm-throttle", "maxPrefillTokens": 8, "minPrefillTokens": 8 }"#,
      """
      s.json:21:115: schedulers[0].batching.maxPrefillTokens: found 8, needs at least the \
      tokens of one KV block, 16 (engine.blockTokens)
      """),
    FaultCase(
      #""parallelism": { "tensor": 4 }"#,
      #""parallelism": { "tensor": 4 }, "#
        + #""batching": { "policy": "td-pipe", "predictor": "bert" }"#,
      """
      s.json:21:102: schedulers[0].batching.predictor: found "bert", needs a value of \
      "predictor"; known: oracle, constant
      """),
    FaultCase(
      #""parallelism": { "tensor": 4 }"#,
      #""parallelism": { "tensor": 4 }, "#
        + #""batching": { "policy": "vllm-v0", "watermark": 2 }"#,
      """
      s.json:21:102: schedulers[0].batching.watermark: found 2, needs a number from 0 to 0.5
      """),
  ]
}
