// Measures the kernel and the simulator; `usage` below says how it is asked.
//
// Seconds are CPU-seconds of the process while it simulates. Events, steps, instructions and
// allocations repeat exactly, seconds do not.

import Glibc

let thresholdsPath = "Tests/BenchTests/thresholds.tsv"

/// What the words of the command line ask for.
struct Request {
  var words: [String] = []
  var printsJSON = false
  var updates = false
  var wantsHelp = false
  var times = 1
  var sizes: [Int]?
  var thresholds = thresholdsPath

  init(_ arguments: [String]) throws {
    var left = arguments[...]
    while let word = left.popFirst() {
      switch word {
      case "--json": printsJSON = true
      case "--update": updates = true
      case "--times": times = try Self.number(left.popFirst() ?? "")
      case "--sizes":
        sizes = try (left.popFirst() ?? "").split(
          separator: ",", omittingEmptySubsequences: false
        ).map { try Self.number($0) }
      case "--thresholds": thresholds = left.popFirst() ?? thresholds
      case "--help", "-h": wantsHelp = true
      default:
        guard !word.hasPrefix("-") || Int(word) != nil else {
          throw Failure("'\(word)' is no option", status: 64)
        }
        words.append(word)
      }
    }
  }

  static func number(_ word: some StringProtocol) throws -> Int {
    guard let number = Int(word), number > 0 else {
      throw Failure("'\(word)' is not a positive whole number", status: 64)
    }
    return number
  }

  /// The benchmarks of the words from one on; all when there are none.
  func benchmarks(from first: Int) throws -> [Benchmark] {
    let named = try words.dropFirst(first).map { word in
      guard let benchmark = Benchmark.named(word) else {
        let names = Benchmark.all.map(\.name).joined(separator: ", ")
        throw Failure("'\(word)' is not one of \(names)", status: 64)
      }
      return benchmark
    }
    return named.isEmpty ? Benchmark.all : named
  }
}

let usage = """
  simpp-bench [NAME…] [--json]           the table: CPU-seconds here beside other simulators'
      --sizes 1000,10000                   at these sizes instead of the table's own
  simpp-bench NAME SIZE [--times N]      one benchmark in this process, as one JSON object
  simpp-bench check [NAME…] [--update]   instructions and allocations against their thresholds
  simpp-bench list                       the benchmarks
  simpp-bench trace [REQUESTS]           the requests of a at 8 per second as a trace
  """

func answer(_ request: Request) throws -> Int32 {
  if request.wantsHelp {
    print(usage)
    return 0
  }
  switch request.words.first {
  case "list":
    for benchmark in Benchmark.all { print(padded(benchmark.name, to: 12) + benchmark.summary) }
  case "trace":
    PeerRequests.printTrace(
      requests: request.words.count > 1 ? try Request.number(request.words[1]) : 1_000)
  case "check":
    var check = try Check(
      path: request.thresholds, benchmarks: request.benchmarks(from: 1), updates: request.updates)
    return try check.run() ? 0 : 1
  default:
    if request.words.count == 2, Benchmark.named(request.words[1]) == nil,
      let benchmark = Benchmark.named(request.words[0])
    {
      let size = try Request.number(request.words[1])
      print(benchmark.measured(size: size, times: request.times).json)
      return 0
    }
    var benchmarks = try request.benchmarks(from: 0)
    if let sizes = request.sizes {
      for index in benchmarks.indices { benchmarks[index].tableSizes = sizes }
    }
    // Outside the repository there are none, and the table has dashes instead.
    let text = readFile(request.thresholds)
    let thresholds = try text.map { try Thresholds($0, from: request.thresholds) }
    let rows = try Table.measure(benchmarks, thresholds: thresholds)
    if request.printsJSON {
      print("[\n" + rows.map { "  " + $0.json }.joined(separator: ",\n") + "\n]")
    } else {
      print(Table.text(rows), terminator: "")
    }
  }
  return 0
}

do {
  exit(try answer(Request(Array(CommandLine.arguments.dropFirst()))))
} catch let failure as Failure {
  let message = "simpp-bench: \(failure.message)\n"
  write(2, message, message.utf8.count)
  exit(failure.status)
}
