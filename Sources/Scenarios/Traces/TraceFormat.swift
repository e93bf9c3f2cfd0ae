/// The formats of traces, by the words that scenarios and commands use.
public enum TraceFormat: String, Sendable, Hashable, CaseIterable {
  /// simpp's own CSV: `arrival_s,prompt_tokens,output_tokens[,session,turn][,blocks_512]`.
  case simpp
  /// Azure LLM inference traces of 2023 and 2024: `TIMESTAMP,ContextTokens,GeneratedTokens`.
  case azure
  /// BurstGPT: `Timestamp,Model,Request tokens,Response tokens,Total tokens,Log Type`.
  case burstgpt
  /// Vidur: `arrived_at,num_prefill_tokens,num_decode_tokens`, or the lengths alone.
  case vidur
  /// Mooncake: JSON lines with `timestamp`, `input_length`, `output_length`, `hash_ids`.
  case mooncake
  /// ShareGPT: a JSON list of conversations; no times, lengths estimated from characters.
  case sharegpt
  /// A vLLM benchmark's result saved in detail, or its own data in JSON lines.
  case vllm
  /// ServeGen client data: a folder of statistics, from which requests are drawn.
  case servegen

  /// One line on what the format is.
  public var summary: String {
    switch self {
    case .simpp: "simpp's own CSV: arrival_s, prompt_tokens, output_tokens and more"
    case .azure: "Azure LLM inference traces of 2023 and 2024, CSV"
    case .burstgpt: "BurstGPT, CSV"
    case .vidur: "Vidur's processed traces, CSV; with or without arrival times"
    case .mooncake: "Mooncake, JSON lines; keeps block hashes"
    case .sharegpt: "ShareGPT conversations, JSON; no times, tokens estimated"
    case .vllm: "vLLM benchmark results (--save-detailed) and custom data, JSON"
    case .servegen: "ServeGen client data, a folder of chunk-N-trace.csv; requests are drawn"
    }
  }

  /// The columns of a format that is CSV with a header, nil for the others.
  var layout: CSVLayout? {
    switch self {
    case .simpp: .simpp
    case .azure: .azure
    case .burstgpt: .burstgpt
    case .vidur: .vidur
    case .mooncake, .sharegpt, .vllm, .servegen: nil
    }
  }

  /// The format whose columns a header has, nil when there is none.
  static func of(header columns: [String]) -> TraceFormat? {
    allCases.first { $0.layout?.missing(from: columns).isEmpty == true }
  }
}
