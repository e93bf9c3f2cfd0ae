public import Hardware

/// One measured time of a collective operation.
public struct CollectiveMeasurement: Measurement, Hashable {
  /// The line of its table, counted from 1.
  public var line: Int
  /// What was done.
  public var operation: CollectiveOperation
  /// Who did it.
  public var implementation: AllReduceImplementation
  /// GPUs that took part.
  public var ranks: Int
  /// Nodes over which they were spread.
  public var nodes: Int
  /// Bytes of the message, as `CollectiveLaw` counts them.
  public var bytes: Double
  /// The measured time in nanoseconds.
  public var nanoseconds: Double

  /// Creates a measurement.
  public init(
    line: Int, operation: CollectiveOperation, implementation: AllReduceImplementation,
    ranks: Int, nodes: Int = 1, bytes: Double, nanoseconds: Double
  ) {
    self.line = line
    self.operation = operation
    self.implementation = implementation
    self.ranks = ranks
    self.nodes = nodes
    self.bytes = bytes
    self.nanoseconds = nanoseconds
  }

  /// The bytes: of collectives sizes are held out, because a table holds one curve for each operation.
  public var shape: String { String(Int64(bytes)) }

  /// Classes of message sizes.
  public var sizeClass: String {
    switch bytes {
    case ..<65_536: "below 64 KiB"
    case ..<1_048_576: "64 KiB to 1 MiB"
    case ..<16_777_216: "1 to 16 MiB"
    default: "16 MiB and more"
    }
  }

  /// Every size: decode steps send kilobytes, long prompts gigabytes.
  public var isServingSize: Bool { true }

  /// The row in words.
  public var label: String {
    "\(operation.rawValue) \(implementation.rawValue) of \(Int64(bytes)) bytes over \(ranks) GPUs"
      + (nodes > 1 ? " of \(nodes) nodes" : "")
  }
}

/// Reads measured collectives: tables of ai-dynamo/aiconfigurator, microsoft/vidur and
/// microsoft/apex_plus, what nccl-tests prints, and simpp's own columns.
public enum CollectiveRows {
  /// The most GPUs of a measurement.
  static let mostRanks = 65_536

  /// Reads the measurements of a text.
  ///
  /// Forms are known by their columns: `op_name`, `num_gpus`, `message_bytes`, `latency_ms`
  /// (aiconfigurator, with `backend`); `num_workers`, `devices_per_node`, `bytes`, `median_ms` (Vidur);
  /// `op`, `num_nodes`, `num_gpus_per_node`, `size_kb`, `time_us` (APEX+); `operation`, `ranks`,
  /// `bytes`, `time_us` (simpp, with `implementation` and `nodes`); or the lines of nccl-tests.
  ///
  /// - Parameters:
  ///   - text: the text.
  ///   - file: the file's base name, for faults, and to tell operations that a form does not name.
  ///   - operation: the operation where the text does not say it.
  ///   - ranks: GPUs that took part, where the text does not say it.
  /// - Returns: every row.
  /// - Throws: `TableFault` for missing columns, values that make no sense, repeated rows, and an
  ///   operation or a number of GPUs that nobody tells.
  public static func measurements(
    _ text: String, file: String, operation: CollectiveOperation? = nil, ranks: Int? = nil
  ) throws(TableFault) -> [CollectiveMeasurement] {
    if NCCLTestsText.isIt(text) {
      return try NCCLTestsText(text, file: file)
        .measurements(operation: operation ?? named(in: file), ranks: ranks)
    }
    return try measurements(MeasuredTable(text, file: file), operation: operation)
  }

  /// Whether a table has the columns of one of the forms.
  static func isOne(_ table: MeasuredTable) -> Bool {
    CollectiveForm.all.contains { table.has([$0.marker] + $0.columns) }
  }

  /// Reads the measurements of a table.
  ///
  /// - Parameters:
  ///   - table: the table.
  ///   - operation: the operation where neither a column nor the file's name says it.
  /// - Returns: every row.
  /// - Throws: `TableFault`, as for a text.
  static func measurements(
    _ table: MeasuredTable, operation: CollectiveOperation? = nil
  ) throws(TableFault) -> [CollectiveMeasurement] {
    let form = try form(of: table)
    var rows: [CollectiveMeasurement] = []
    for row in table.rows {
      rows.append(try form.read(row, table, operation ?? named(in: table.file)))
    }
    if !form.repeatsSizes {
      try table.refuseRepeats(
        rows.map { "\($0.operation),\($0.implementation),\($0.ranks),\($0.nodes),\($0.shape)" })
    }
    return rows
  }

  /// The operation that a file is named for.
  private static func named(in file: String) -> CollectiveOperation? {
    let name = String(file.lowercased().map { $0 == "-" ? "_" : $0 })
    let words: [(String, CollectiveOperation)] = [
      ("all_reduce", .allReduce), ("allreduce", .allReduce), ("all_gather", .allGather),
      ("allgather", .allGather), ("reduce_scatter", .reduceScatter), ("alltoall", .allToAll),
      ("all_to_all", .allToAll), ("send_recv", .sendReceive), ("sendrecv", .sendReceive),
    ]
    return words.first { contains(name, $0.0) }?.1
  }

  private static func contains(_ text: String, _ word: String) -> Bool {
    var rest = text[...]
    while !rest.isEmpty {
      if rest.hasPrefix(word) { return true }
      rest.removeFirst()
    }
    return false
  }

  private static func form(of table: MeasuredTable) throws(TableFault) -> CollectiveForm {
    for form in CollectiveForm.all where table.has([form.marker]) {
      for column in form.columns { _ = try table.place(of: column) }
      return form
    }
    throw TableFault(
      file: table.file, line: 1, found: "the columns " + table.columns.joined(separator: ", "),
      needed: "the columns operation, ranks, bytes and time_us, or those of aiconfigurator, "
        + "Vidur or APEX+, or the lines of nccl-tests")
  }

  /// What tables call an operation.
  static func operation(_ text: Substring) -> CollectiveOperation? {
    switch text {
    case "all_reduce", "all-reduce": .allReduce
    case "all_gather", "all-gather": .allGather
    case "reduce_scatter", "reduce-scatter": .reduceScatter
    case "alltoall", "all_to_all", "all-to-all": .allToAll
    case "sendrecv", "send_recv", "send-receive": .sendReceive
    default: nil
    }
  }

  /// What tables call an implementation; all but vLLM's own kernels are the library's.
  static func implementation(_ text: Substring) -> AllReduceImplementation {
    switch text {
    case "vllm_graph", "custom-graph": .customGraph
    case "vllm_eager", "custom-eager": .customEager
    default: .nccl
    }
  }
}
