import Hardware

/// The columns of one project's tables of collectives.
struct CollectiveForm: Sendable {
  /// A column that only this form has.
  let marker: String
  /// The columns that it needs.
  let columns: [String]
  private let ranks: [String]
  private let nodes: String?
  private let ranksPerNode: String?
  private let operation: String?
  private let implementation: String?
  private let bytes: String
  private let bytesUnit: Double
  private let time: String
  private let timeUnit: Double
  /// Whether a size may stand several times.
  let repeatsSizes: Bool

  /// Every form that is known.
  static let all = [
    CollectiveForm(
      marker: "message_bytes", columns: ["op_name", "num_gpus", "message_bytes", "latency_ms"],
      ranks: ["num_gpus"], nodes: nil, ranksPerNode: nil, operation: "op_name",
      implementation: "backend", bytes: "message_bytes", bytesUnit: 1, time: "latency_ms",
      timeUnit: 1e6, repeatsSizes: false),
    CollectiveForm(
      marker: "devices_per_node",
      columns: ["num_workers", "devices_per_node", "bytes", "median_ms"], ranks: ["num_workers"],
      nodes: nil, ranksPerNode: "devices_per_node", operation: nil, implementation: nil,
      bytes: "bytes", bytesUnit: 1, time: "median_ms", timeUnit: 1e6, repeatsSizes: true),
    CollectiveForm(
      marker: "size_kb", columns: ["op", "num_nodes", "num_gpus_per_node", "size_kb", "time_us"],
      ranks: ["num_nodes", "num_gpus_per_node"], nodes: "num_nodes", ranksPerNode: nil,
      operation: "op", implementation: nil, bytes: "size_kb", bytesUnit: 1_024, time: "time_us",
      timeUnit: 1e3, repeatsSizes: false),
    CollectiveForm(
      marker: "operation", columns: ["operation", "ranks", "bytes", "time_us"], ranks: ["ranks"],
      nodes: "nodes", ranksPerNode: nil, operation: "operation", implementation: "implementation",
      bytes: "bytes", bytesUnit: 1, time: "time_us", timeUnit: 1e3, repeatsSizes: false),
  ]

  /// Reads one row.
  func read(
    _ row: MeasuredTable.Row, _ table: MeasuredTable, _ told: CollectiveOperation?
  ) throws(TableFault) -> CollectiveMeasurement {
    var count = 1
    for column in ranks {
      count *= try table.whole(
        row, try table.place(of: column), in: 1...CollectiveRows.mostRanks)
    }
    guard count >= 2 else {
      throw table.fault(row, try table.place(of: ranks[0]), needed: "at least 2 GPUs")
    }
    var nodeCount = 1
    if let nodes, table.has([nodes]) {
      nodeCount = try table.whole(row, try table.place(of: nodes), in: 1...count)
    } else if let ranksPerNode {
      let perNode = try table.whole(row, try table.place(of: ranksPerNode), in: 1...count)
      nodeCount = (count + perNode - 1) / perNode
    }
    let size = try table.whole(row, try table.place(of: bytes), in: 1...(1 << 50))
    return CollectiveMeasurement(
      line: row.line, operation: try operation(row, table, told),
      implementation: implementation.flatMap { column in
        table.columns.firstIndex(of: column).map {
          CollectiveRows.implementation(row.values[$0])
        }
      } ?? .nccl, ranks: count, nodes: nodeCount, bytes: Double(size) * bytesUnit,
      nanoseconds: try table.nanoseconds(row, try table.place(of: time), unit: timeUnit))
  }

  private func operation(
    _ row: MeasuredTable.Row, _ table: MeasuredTable, _ told: CollectiveOperation?
  ) throws(TableFault) -> CollectiveOperation {
    guard let operation else {
      if let told { return told }
      throw TableFault(
        file: table.file, line: 1, found: "no column that names the operation",
        needed: "a file name with all_reduce, all_gather, reduce_scatter, alltoall or send_recv")
    }
    let place = try table.place(of: operation)
    if let found = CollectiveRows.operation(row.values[place]) { return found }
    throw table.fault(
      row, place,
      needed: "all_reduce, all_gather, reduce_scatter, alltoall or sendrecv")
  }
}
