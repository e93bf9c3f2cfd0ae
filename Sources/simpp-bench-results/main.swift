// Measures how request rows are written, beside SQLite's C interface alone, and prints one JSON
// object. A program of its own, because Foundation's start-up would blur the counts of simpp-bench.
//
//   simpp-bench-results SCENARIO ROWS         both, in microseconds of CPU time
//   simpp-bench-results SCENARIO ROWS run     the way of a run only, for valgrind
//   simpp-bench-results SCENARIO ROWS raw     the C interface only
//   simpp-bench-results SCENARIO ROWS none    neither: what making the rows takes

import Glibc

let arguments = CommandLine.arguments.dropFirst()
guard let path = arguments.first, let count = arguments.dropFirst().first.flatMap({ Int($0) }),
  count > 0, let part = Part(rawValue: arguments.dropFirst(2).first ?? "both")
else {
  let message = "usage: simpp-bench-results SCENARIO ROWS [both|run|raw|none]\n"
  write(2, message, message.utf8.count)
  exit(64)
}
do {
  print(try part.measured(try WrittenRun(scenario: path, rows: count)))
} catch {
  let message = "simpp-bench-results: \(error)\n"
  write(2, message, message.utf8.count)
  exit(66)
}

/// What is measured.
enum Part: String {
  case both, run, raw, none

  /// Does it and says what it took.
  func measured(_ run: WrittenRun) throws -> String {
    var figures: [(name: String, value: Int64)] = [("rows", Int64(run.rows.count))]
    var ours: Int64 = 0
    var theirs: Int64 = 0
    if self == .both || self == .raw {
      let inOrder = try run.writeRaw(inKeyOrder: true)
      theirs = inOrder.total
      figures += [("rawUser", inOrder.user), ("rawSystem", inOrder.system)]
    }
    if self == .both {
      figures.append(("rawAsRecorded", try run.writeRaw(inKeyOrder: false).total))
    }
    if self == .both || self == .run {
      let (spool, commit) = try run.writeAsRun()
      ours = spool.total + commit.total
      figures += [("spoolUser", spool.user), ("spoolSystem", spool.system)]
      figures += [("commitUser", commit.user), ("commitSystem", commit.system)]
    }
    if self == .both { figures.append(("percentOfRaw", ours * 100 / max(1, theirs))) }
    return "{" + figures.map { "\"\($0.name)\": \($0.value)" }.joined(separator: ", ") + "}"
  }
}
