import Hardware

/// The operators of one transformer layer as Vidur measured them.
struct VidurLayer {
  /// A matrix product of the layer.
  struct Product {
    var name: String
    var outputs: Int
    var inputs: Int
    var nanoseconds: Double
  }

  /// The line of the table.
  var line: Int
  var tokens: Int
  var products: [Product]
  var passes: [ElementwiseMeasurement]

  private static let sizes = [
    "n_head", "n_kv_head", "n_embd", "n_expanded_embd", "num_tokens", "num_tensor_parallel_workers",
  ]

  /// Whether a table has the columns of one.
  static func isOne(_ table: MeasuredTable) -> Bool {
    table.has(sizes) && table.has(["mlp_up_proj_ms"])
  }

  /// The layers of a table, in its order.
  static func all(in table: MeasuredTable) throws(TableFault) -> [VidurLayer] {
    let columns = try sizes.map { name throws(TableFault) in try table.place(of: name) }
    let gated = try table.place(of: "use_gated_mlp")
    let reader = try VidurTimes(table)
    var layers: [VidurLayer] = []
    for row in table.rows {
      let values = try columns.map { place throws(TableFault) in
        try table.whole(row, place, in: 1...4_194_304)
      }
      let shard = VidurShard(values, isGated: row.values[gated] == "True")
      layers.append(
        VidurLayer(
          line: row.line, tokens: values[4], products: try reader.products(row, shard),
          passes: try reader.passes(row, shard, tokens: values[4])))
    }
    return layers
  }
}

/// One GPU's part of a layer.
struct VidurShard {
  var hidden: Int
  var queries: Int
  var keyValues: Int
  var expanded: Int
  var isGated: Bool

  /// `values`: heads, key and value heads, hidden size, expanded size, tokens, tensor-parallel degree.
  init(_ values: [Int], isGated: Bool) {
    let (heads, keyValueHeads, degree) = (values[0], values[1], values[5])
    hidden = values[2]
    let headSize = hidden / heads
    queries = heads / degree * headSize
    keyValues = max(1, keyValueHeads / degree) * headSize
    expanded = values[3] / degree
    self.isGated = isGated
  }
}

/// Where the times of a table stand.
private struct VidurTimes {
  let table: MeasuredTable
  let products: [Int]
  let passes: [Int]

  init(_ table: MeasuredTable) throws(TableFault) {
    self.table = table
    products = try ["attn_pre_proj", "attn_post_proj", "mlp_up_proj", "mlp_down_proj"].map {
      name throws(TableFault) in try table.place(of: name + "_ms")
    }
    passes = try ["input_layernorm", "attn_rope", "mlp_act", "add"].map {
      name throws(TableFault) in try table.place(of: name + "_ms")
    }
  }

  func products(
    _ row: MeasuredTable.Row, _ shard: VidurShard
  ) throws(TableFault) -> [VidurLayer.Product] {
    let times = try products.map { place throws(TableFault) in
      try table.nanoseconds(row, place, unit: 1e6)
    }
    return [
      VidurLayer.Product(
        name: "query, key, value", outputs: shard.queries + 2 * shard.keyValues,
        inputs: shard.hidden, nanoseconds: times[0]),
      VidurLayer.Product(
        name: "attention output", outputs: shard.hidden, inputs: shard.queries,
        nanoseconds: times[1]),
      VidurLayer.Product(
        name: "up", outputs: shard.expanded * (shard.isGated ? 2 : 1), inputs: shard.hidden,
        nanoseconds: times[2]),
      VidurLayer.Product(
        name: "down", outputs: shard.hidden, inputs: shard.expanded, nanoseconds: times[3]),
    ]
  }

  func passes(
    _ row: MeasuredTable.Row, _ shard: VidurShard, tokens: Int
  ) throws(TableFault) -> [ElementwiseMeasurement] {
    let kinds: [ElementwiseMeasurement.Pass] = [
      (.norm, shard.hidden), (.rotary, shard.queries + shard.keyValues),
      (shard.isGated ? .gatedActivation : .activation, shard.expanded),
      (.residual, shard.hidden),
    ]
    var measured: [ElementwiseMeasurement] = []
    for (place, pass) in zip(passes, kinds) {
      measured.append(
        ElementwiseMeasurement(
          line: row.line, nanoseconds: try table.nanoseconds(row, place, unit: 1e6),
          kernel: pass.kernel, rows: tokens, width: pass.width))
    }
    return measured
  }
}
