import Hardware

/// Limits of what an attention table can hold.
private enum Allowed {
  static let heads = 1...65_536
  static let dimension = 1...65_536
  static let sequences = 1...1_048_576
  static let tokens = 0...1_073_741_824
  static let workers = 1...65_536
}

extension MeasuredTable {
  /// Where the first of some names stands.
  fileprivate func place(ofOneOf names: [String]) throws(TableFault) -> Int {
    for name in names {
      if let place = columns.firstIndex(of: name) { return place }
    }
    return try place(of: names[0])
  }

  /// A row's measurement, checked as a whole.
  fileprivate func measurement(
    _ row: Row, _ phase: AttentionMeasurement.Phase, heads: AttentionShape, sequences: Int,
    newTokens: Int, cachedTokens: Int, nanoseconds: Double
  ) throws(TableFault) -> AttentionMeasurement {
    guard heads.heads.isMultiple(of: heads.keyValueHeads) else {
      throw TableFault(
        file: file, line: row.line,
        found: "\(heads.heads) heads over \(heads.keyValueHeads) key–value heads",
        needed: "as many heads as key–value heads, or a multiple")
    }
    guard phase == .prefill ? newTokens >= 1 : cachedTokens >= 1 else {
      throw TableFault(
        file: file, line: row.line, found: "a \(phase.rawValue) of no tokens",
        needed: phase == .prefill ? "new tokens" : "tokens in the cache, the new one among them")
    }
    return AttentionMeasurement(
      line: row.line, phase: phase, heads: heads, sequences: sequences, newTokens: newTokens,
      cachedTokens: cachedTokens, nanoseconds: nanoseconds)
  }
}

/// Our own columns.
enum OwnAttentionColumns {
  static func read(_ table: MeasuredTable) throws(TableFault) -> [AttentionMeasurement] {
    let phase = try table.place(of: "phase")
    let heads = try table.place(of: "heads")
    let keyValueHeads = try table.place(of: "key_value_heads")
    let dimension = try table.place(of: "head_dimension")
    let bytes = try table.place(of: "key_value_bytes")
    let sequences = try table.place(of: "sequences")
    let newTokens = try table.place(of: "new_tokens")
    let cachedTokens = try table.place(of: "cached_tokens")
    let time = try table.place(of: "time_us")
    var measurements: [AttentionMeasurement] = []
    for row in table.rows {
      guard let kind = AttentionMeasurement.Phase(rawValue: String(row.values[phase])) else {
        throw table.fault(row, phase, needed: "prefill or decode")
      }
      let width = try table.whole(row, dimension, in: Allowed.dimension)
      let shape = AttentionShape(
        heads: try table.whole(row, heads, in: Allowed.heads),
        keyValueHeads: try table.whole(row, keyValueHeads, in: Allowed.heads),
        keyDimension: width, valueDimension: width,
        keyValueBytesPerElement: Double(try table.whole(row, bytes, in: 1...2)))
      measurements.append(
        try table.measurement(
          row, kind, heads: shape,
          sequences: try table.whole(row, sequences, in: Allowed.sequences),
          newTokens: try table.whole(row, newTokens, in: Allowed.tokens),
          cachedTokens: try table.whole(row, cachedTokens, in: Allowed.tokens),
          nanoseconds: try table.nanoseconds(row, time, unit: 1e3)))
    }
    return measurements
  }
}

/// The columns of aiconfigurator's context and generation tables.
enum AIConfiguratorColumns {
  static func read(_ table: MeasuredTable) throws(TableFault) -> [AttentionMeasurement] {
    let heads = try table.place(ofOneOf: ["heads", "num_heads"])
    let keyValueHeads = try table.place(ofOneOf: ["kv_heads", "num_key_value_heads"])
    let dimension = try table.place(of: "head_dim")
    let format = try table.place(of: "kv_cache_dtype")
    let sequences = try table.place(of: "batch_size")
    let input = table.columns.firstIndex(of: "isl")
    let step = table.columns.firstIndex(of: "step")
    let time = try table.place(ofOneOf: ["latency_ms", "latency"])
    var measurements: [AttentionMeasurement] = []
    for row in table.rows {
      let width = try table.whole(row, dimension, in: Allowed.dimension)
      let shape = AttentionShape(
        heads: try table.whole(row, heads, in: Allowed.heads),
        keyValueHeads: try table.whole(row, keyValueHeads, in: Allowed.heads),
        keyDimension: width, valueDimension: width,
        keyValueBytesPerElement: try bytes(table, row, format))
      var new = 1
      if let input { new = try table.whole(row, input, in: Allowed.tokens) }
      var before = 0
      if let step { before = try table.whole(row, step, in: Allowed.tokens) }
      // The prefill table has a row of one token each, without steps.
      let isDecode = step != nil && new == 1
      measurements.append(
        try table.measurement(
          row, isDecode ? .decode : .prefill, heads: shape,
          sequences: try table.whole(row, sequences, in: Allowed.sequences), newTokens: new,
          cachedTokens: isDecode ? before + 1 : before,
          nanoseconds: try table.nanoseconds(row, time, unit: 1e6)))
    }
    return measurements
  }

  private static func bytes(
    _ table: MeasuredTable, _ row: MeasuredTable.Row, _ place: Int
  ) throws(TableFault) -> Double {
    switch row.values[place] {
    case "bfloat16", "float16", "bf16", "fp16": 2
    case "fp8", "fp8_e4m3", "int8": 1
    default: throw table.fault(row, place, needed: "bfloat16, float16, fp8 or int8")
    }
  }
}

/// The columns of Vidur's and Frontier's profiles of attention.
enum VidurAttentionColumns {
  static func read(_ table: MeasuredTable) throws(TableFault) -> [AttentionMeasurement] {
    let heads = try table.place(of: "n_q_head")
    let keyValueHeads = try table.place(of: "n_kv_head")
    let width = try table.place(of: "n_embd")
    let workers = try table.place(of: "num_tensor_parallel_workers")
    let sequences = try table.place(of: "batch_size")
    let chunk = try table.place(of: "prefill_chunk_size")
    let cached = try table.place(of: "kv_cache_size")
    let isPrefill = try table.place(of: "is_prefill")
    let prefill = try table.place(ofOneOf: ["attn_prefill_ms", "time_stats.attn_prefill.median"])
    let decode = try table.place(ofOneOf: ["attn_decode_ms", "time_stats.attn_decode.median"])
    var measurements: [AttentionMeasurement] = []
    for row in table.rows {
      let all = try table.whole(row, heads, in: Allowed.heads)
      let degree = try table.whole(row, workers, in: Allowed.workers)
      let dimension = try table.whole(row, width, in: 1...16_777_216) / all
      guard all.isMultiple(of: degree), dimension >= 1 else {
        throw table.fault(row, workers, needed: "a divisor of the \(all) heads")
      }
      let shape = AttentionShape(
        heads: all / degree,
        keyValueHeads: max(1, try table.whole(row, keyValueHeads, in: Allowed.heads) / degree),
        keyDimension: dimension, valueDimension: dimension)
      let phase = try phase(table, row, isPrefill)
      let chunkTokens = try table.whole(row, chunk, in: Allowed.tokens)
      let cachedTokens = try table.whole(row, cached, in: Allowed.tokens)
      measurements.append(
        try table.measurement(
          row, phase, heads: shape,
          sequences: try table.whole(row, sequences, in: Allowed.sequences),
          newTokens: phase == .prefill ? chunkTokens : 1, cachedTokens: cachedTokens,
          nanoseconds: try table.nanoseconds(
            row, phase == .prefill ? prefill : decode, unit: 1e6)))
    }
    return measurements
  }

  private static func phase(
    _ table: MeasuredTable, _ row: MeasuredTable.Row, _ place: Int
  ) throws(TableFault) -> AttentionMeasurement.Phase {
    switch row.values[place] {
    case "1", "True", "true": .prefill
    case "0", "False", "false": .decode
    default: throw table.fault(row, place, needed: "1 for a prefill, 0 for a decode")
    }
  }
}
