/// What the programs of NVIDIA/nccl-tests print, as a table.
///
///     # nThread 1 nGpus 8 minBytes 1024 maxBytes 536870912 step: 2(factor) … graph: 0
///     #  Rank  0 Group  0 Pid 4711 on node1 device  0 [0x1b] NVIDIA H100 80GB HBM3
///     #       size         count      type   redop    root     time   algbw   busbw #wrong …
///             1024           256     float     sum      -1    11.52    0.09    0.16      0 …
///
/// Times are those out of place, in microseconds. The operation is in newer versions' output, in the
/// command where the shell has written it, or in the file's name.
enum NCCLTestsOutput {
  /// The columns of the table.
  static let columns =
    "op_name,backend,dtype,num_gpus,devices_per_node,message_bytes,latency_ms,device"

  private static let operations = [
    ("all_reduce", "all_reduce"), ("all_gather", "all_gather"),
    ("reduce_scatter", "reduce_scatter"), ("alltoall", "alltoall"), ("sendrecv", "send_recv"),
  ]

  /// Whether a text is such output.
  static func isOne(_ text: String) -> Bool {
    // By what the first lines and the table's head say.
    text.contains("nThread") && text.contains("nGpus") && text.contains("busbw")
  }

  /// The output as a table whose rows keep their lines.
  ///
  /// - Throws: `TableFault` if the operation is not named, or a row is broken.
  static func table(_ text: String, file: String) throws(TableFault) -> MeasuredTable {
    let head = Head(text)
    guard let operation = operation(in: text, file: file) else {
      throw TableFault(
        file: file, line: nil, found: "output of nccl-tests that does not name its operation",
        needed: "a file name with one of " + operations.map(\.0).joined(separator: ", "))
    }
    guard head.ranks >= 2 else {
      throw TableFault(
        file: file, line: nil, found: "output of nccl-tests on one GPU",
        needed: "two GPUs at least")
    }
    var lines = [columns]
    for (index, line) in text.utf8.split(separator: 10, omittingEmptySubsequences: false)
      .enumerated()
    where index > 0 {
      let words = Substring(line).split(whereSeparator: \.isWhitespace)
      guard let first = words.first, let bytes = Int(first), bytes > 0 else {
        lines.append("")
        continue
      }
      guard words.count > head.timePlace, words.count > head.typePlace else {
        throw TableFault(
          file: file, line: index + 1, found: "\(words.count) values",
          needed: "a row of nccl-tests: size, count, type, redop, root, time")
      }
      let time = Double(words[head.timePlace]).map { "\($0 / 1_000)" }
      lines.append(
        [
          operation, head.isInGraph ? "nccl_graph" : "nccl", String(words[head.typePlace]),
          "\(head.ranks)", "\(head.devicesPerNode)", "\(bytes)",
          time ?? String(words[head.timePlace]), head.device,
        ].joined(separator: ","))
    }
    return try MeasuredTable(lines.joined(separator: "\n"), file: file)
  }

  private static func operation(in text: String, file: String) -> String? {
    for line in text.split(whereSeparator: \.isNewline) {
      for (word, name) in operations where line.contains(word + "_perf") { return name }
    }
    let name = file.lowercased()
    return operations.first { name.contains($0.0) || name.contains($0.1) }?.1
  }

  /// What the lines before the table say.
  private struct Head {
    var ranks = 0
    var devicesPerNode = 1
    var device = ""
    var isInGraph = false
    var typePlace = 2
    var timePlace = 5

    init(_ text: String) {
      var hosts: [Substring: Int] = [:]
      for line in text.split(whereSeparator: \.isNewline) where line.hasPrefix("#") {
        let words = line.dropFirst().split(whereSeparator: \.isWhitespace)
        if words.first == "Rank" {
          ranks += 1
          if let place = words.firstIndex(of: "on"), place + 1 < words.count {
            hosts[words[place + 1], default: 0] += 1
          }
          if device.isEmpty, let bracket = line.firstIndex(of: "]") {
            device = line[line.index(after: bracket)...].split(separator: ",")
              .joined(separator: " ")
          }
        } else if words.first == "nThread" {
          isInGraph = (Self.number(after: "graph:", words) ?? 0) > 0
        } else if words.first == "size", let time = words.firstIndex(of: "time") {
          (timePlace, typePlace) = (time, words.firstIndex(of: "type") ?? 2)
        }
      }
      devicesPerNode = max(1, hosts.values.max() ?? ranks)
    }

    private static func number(after word: Substring, _ words: [Substring]) -> Int? {
      words.firstIndex(of: word).flatMap { place in
        place + 1 < words.count ? Int(words[place + 1]) : nil
      }
    }
  }
}
