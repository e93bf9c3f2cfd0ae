/// What a benchmark of a size costs when nothing disturbs it.
struct Count: Equatable {
  var instructions: Int64 = 0
  /// Calls of malloc and its kin.
  var allocations: Int64 = 0
}

/// The counts that a change may exceed by three percent and no more, by benchmark and size.
struct Thresholds {
  struct Key: Hashable {
    var name: String
    var size: Int
  }

  var counts: [Key: Count] = [:]

  /// Reads a file.
  init(path: String) throws {
    guard let text = readFile(path) else { throw Failure("\(path) cannot be read", status: 66) }
    try self.init(text, from: path)
  }

  /// Reads lines of name, size, instructions and allocations; `#` begins a comment.
  init(_ text: String, from path: String) throws {
    for (number, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated()
    where !line.isEmpty && !line.hasPrefix("#") {
      let words = line.split(separator: "\t")
      guard words.count == 4, let size = Int(words[1]), let instructions = Int64(words[2]),
        let allocations = Int64(words[3])
      else {
        throw Failure(
          "\(path):\(number + 1): '\(line)' is not a name, a size, instructions and allocations",
          status: 65)
      }
      counts[Key(name: String(words[0]), size: size)] = Count(
        instructions: instructions, allocations: allocations)
    }
  }

  /// Writes a file.
  func write(to path: String) throws { try writeFile(path, text) }

  /// All counts of the benchmarks that there are, in their order.
  var text: String {
    var text = """
      # Instructions and allocations of each benchmark and size, as valgrind counts them.
      # `make bench-check` compares, `simpp-bench check --update` writes this file.
      # name\tsize\tinstructions\tallocations

      """
    for benchmark in Benchmark.all {
      for size in benchmark.allSizes {
        guard let count = counts[Key(name: benchmark.name, size: size)] else { continue }
        text += "\(benchmark.name)\t\(size)\t\(count.instructions)\t\(count.allocations)\n"
      }
    }
    return text
  }
}

extension Benchmark {
  /// Sizes of the table and of the check, ascending.
  var allSizes: [Int] { Set(tableSizes + checkSizes).sorted() }
}
