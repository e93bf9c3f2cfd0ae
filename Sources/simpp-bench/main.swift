// Measures the kernel and the simulator in process and prints one JSON object.
//
//   simpp-bench                     every benchmark
//   simpp-bench NAME [SIZE]         one of them, for valgrind: hold, mm1, a, a-overload, a-open, b,
//                                   e, f
//   simpp-bench trace [REQUESTS]    the requests of a at 8 per second as a trace
//
// Seconds are CPU seconds of the process; events and steps repeat exactly, seconds do not.

import Glibc

let arguments = CommandLine.arguments
if arguments.count > 1, arguments[1] == "trace" {
  PeerRequests.printTrace(requests: arguments.count > 2 ? Int(arguments[2]) ?? 0 : 1_000)
} else if arguments.count > 1 {
  let size = arguments.count > 2 ? Int(arguments[2]) ?? 0 : 0
  guard let benchmark = Benchmark.named(arguments[1], size: size) else {
    let message = "simpp-bench: '\(arguments[1])' is not one of \(Benchmark.names)\n"
    write(2, message, message.utf8.count)
    exit(64)
  }
  print(benchmark.measured().json)
} else {
  let results = Benchmark.standard.map { "  " + $0.measured().json }
  print("[\n" + results.joined(separator: ",\n") + "\n]")
}
