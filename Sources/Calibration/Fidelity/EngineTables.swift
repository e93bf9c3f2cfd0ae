/// Tables of whole engines and of what is no operator, by the columns that tell them.
///
/// What an engine does with operators is compared by `EngineFidelity` where its set-up is known.
enum EngineTables {
  private static let kinds: [(columns: [String], meaning: String)] = [
    (["silicon_ttft_ms", "silicon_tpot_ms"], "latencies of an engine"),
    (["step_id", "step_spacing_ms"], "steps of an engine"),
    (["arrival_s", "prompt_tokens"], "requests of an engine"),
    (["steady_decode_tok_s"], "runs of an engine"),
    (["init_engine_s"], "starts of an engine"),
    (["max_num_tokens"], "an engine's room for the KV cache"),
    (["machine", "ms_per_layer"], "layers of an engine, as sums of operators"),
    (["Input Output Length", "Throughput"], "batches of an engine"),
    (["schedule_mean", "sampler_e2e_mean"], "the host's part of an engine's steps"),
  ]
  private static let others: [(columns: [String], meaning: String)] = [
    (["loading_time_s"], "load times of checkpoints, no operators"),
    (["bf16_dense_tflops"], "figures of datasheets, nothing measured"),
  ]

  /// Why a table holds no operators; nil for one that nobody knows.
  static func reason(_ table: MeasuredTable) -> String? {
    for kind in kinds where table.has(kind.columns) {
      return "\(kind.meaning): no set-up to simulate"
    }
    return others.first { table.has($0.columns) }?.meaning
  }
}
