public import Hardware

/// A measured attention kernel: some sequences of one length each.
public struct AttentionMeasurement: Measurement, Hashable {
  /// What the sequences do.
  public enum Phase: String, Sendable, Hashable {
    /// Each adds many tokens.
    case prefill
    /// Each adds one token.
    case decode
  }

  /// The line of its table, counted from 1; the first of a shape that was measured several times.
  public var line: Int
  /// What the sequences do.
  public var phase: Phase
  /// The heads.
  public var heads: AttentionShape
  /// How many sequences.
  public var sequences: Int
  /// Tokens that each adds.
  public var newTokens: Int
  /// Tokens of each in the cache: before a prefill those of its prefix, in decoding all that are read.
  public var cachedTokens: Int
  /// The measured time in nanoseconds; the mean where a shape was measured several times.
  public var nanoseconds: Double

  /// Creates a measurement.
  public init(
    line: Int, phase: Phase, heads: AttentionShape, sequences: Int, newTokens: Int,
    cachedTokens: Int, nanoseconds: Double
  ) {
    self.line = line
    self.phase = phase
    self.heads = heads
    self.sequences = sequences
    self.newTokens = newTokens
    self.cachedTokens = cachedTokens
    self.nanoseconds = nanoseconds
  }

  /// Sequences, heads and key–value heads, by which halves are chosen.
  public var shape: String { "\(sequences),\(heads.heads),\(heads.keyValueHeads)" }

  /// Whether lengths are those of language models: decoding over 256 tokens and more, prefill of 512
  /// and more.
  public var isServingSize: Bool { phase == .decode ? cachedTokens >= 256 : newTokens >= 512 }

  /// The class of lengths.
  public var sizeClass: String {
    switch phase {
    case .decode:
      cachedTokens < 256
        ? "context below 256" : cachedTokens < 4_096 ? "context 256–4,095" : "context from 4,096"
    case .prefill:
      newTokens < 512
        ? "input below 512" : newTokens < 2_048 ? "input 512–2,047" : "input from 2,048"
    }
  }

  /// The measurement in words, such as `decode, 32/8 heads, 16 × 4096 tokens`.
  public var label: String {
    let kind = "\(phase.rawValue), \(heads.heads)/\(heads.keyValueHeads) heads"
    let lengths =
      phase == .decode
      ? "\(cachedTokens) tokens"
      : cachedTokens == 0 ? "\(newTokens) tokens" : "\(newTokens) after \(cachedTokens) tokens"
    return "\(kind), \(sequences) × \(lengths)"
  }

  /// What a prefill computes.
  public var work: PrefillWork {
    PrefillWork(sequences: sequences, newTokens: newTokens, prefixTokens: cachedTokens)
  }
}

/// Tables of attention kernels, in four layouts that their columns tell apart.
///
/// - aiconfigurator, prefill: `batch_size`, `isl` (new tokens), `heads`, `kv_heads`, `head_dim`,
///   `kv_cache_dtype`, `latency_ms`; decode: `step` (tokens in the cache, less the new one) in place
///   of `isl`. The names `num_heads`, `num_key_value_heads` and `latency` of its own files are known
///   too; with both `isl` and `step` a row of one new token decodes, another has `step` tokens before
///   it.
/// - Vidur and Frontier: `n_q_head`, `n_kv_head`, `n_embd`, `num_tensor_parallel_workers`,
///   `batch_size`, `prefill_chunk_size`, `kv_cache_size`, `is_prefill`, `attn_prefill_ms`,
///   `attn_decode_ms`.
/// - Our own: `phase` (`prefill` or `decode`), `heads`, `key_value_heads`, `head_dimension`,
///   `key_value_bytes` (of one number: 1 or 2), `sequences`, `new_tokens` (each), `cached_tokens`
///   (each: the prefix of a prefill, all that a decode reads), `time_us`.
public struct AttentionTable: Sendable {
  /// The file's base name.
  public var file: String
  /// The rows, in the table's order; a shape that was measured several times once, by its mean.
  public var measurements: [AttentionMeasurement]

  /// Whether the columns are those of one of the layouts.
  public static func isOne(_ table: MeasuredTable) -> Bool {
    AttentionLayout(table) != nil
  }

  /// Reads a table.
  ///
  /// - Throws: `TableFault` for missing columns, values that are none, and a shape that stands several
  ///   times with times more than `mostSpread` apart.
  public init(_ table: MeasuredTable) throws(TableFault) {
    file = table.file
    guard let layout = AttentionLayout(table) else {
      throw TableFault(
        file: table.file, line: 1, found: "the columns " + table.columns.joined(separator: ", "),
        needed: "those of an attention table, such as phase, heads, key_value_heads, "
          + "head_dimension, key_value_bytes, sequences, new_tokens, cached_tokens, time_us")
    }
    let rows =
      switch layout {
      case .own: try OwnAttentionColumns.read(table)
      case .aiconfigurator: try AIConfiguratorColumns.read(table)
      case .vidur: try VidurAttentionColumns.read(table)
      }
    measurements = try Self.merging(rows, file: table.file)
  }

  /// Times of one shape that are further apart than this contradict each other.
  public static let mostSpread = 1.5

  private static func merging(
    _ rows: [AttentionMeasurement], file: String
  ) throws(TableFault) -> [AttentionMeasurement] {
    var places: [AttentionMeasurement: Int] = [:]
    var merged: [(measurement: AttentionMeasurement, times: [Double])] = []
    for row in rows {
      var key = row
      (key.line, key.nanoseconds) = (0, 0)
      guard let place = places[key] else {
        places[key] = merged.count
        merged.append((row, [row.nanoseconds]))
        continue
      }
      let first = merged[place].measurement
      let ratio = row.nanoseconds / first.nanoseconds
      guard max(ratio, 1 / ratio) <= mostSpread else {
        throw TableFault(
          file: file, line: row.line,
          found: "the measurement of line \(first.line) again, with a time \(tenths(ratio)) times "
            + "as long",
          needed: "each shape once, or times that agree within a factor of \(mostSpread)")
      }
      merged[place].times.append(row.nanoseconds)
    }
    return merged.map { measurement, times in
      var measurement = measurement
      measurement.nanoseconds = times.reduce(0, +) / Double(times.count)
      return measurement
    }
  }
}

private func tenths(_ value: Double) -> Double { (value * 10).rounded() / 10 }

/// Which columns a table has.
private enum AttentionLayout {
  case own, aiconfigurator, vidur

  init?(_ table: MeasuredTable) {
    if table.has(["phase", "key_value_heads"]) {
      self = .own
    } else if table.has(["is_prefill", "n_q_head"]) {
      self = .vidur
    } else if table.has(["kv_cache_dtype", "batch_size"]), table.has(["isl"]) || table.has(["step"])
    {
      self = .aiconfigurator
    } else {
      return nil
    }
  }
}
