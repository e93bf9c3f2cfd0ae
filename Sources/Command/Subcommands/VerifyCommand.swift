import ArgumentParser
import Results

/// `simpp verify`: recomputes every digest of a results file from its rows.
struct VerifyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify",
    abstract: "Recomputes every run's digest from its rows and checks what must add up.",
    discussion: "Exit status 65 when a run's rows do not give its digest, or do not add up.")

  @Argument(help: "The results file.", completion: .file(extensions: ["sqlite"]))
  var file: String

  func run() throws {
    try reportingFailures {
      let store = try ResultsStore(path: file, access: .reading)
      var areSound = true
      let verifiedRuns = try store.verify { done, count in
        if Terminal.showsProgress { Terminal.replaceLine("\(done) of \(count) runs verified") }
      }
      if Terminal.showsProgress { Terminal.replaceLine("") }
      for verified in verifiedRuns {
        areSound = areSound && verified.isSound
        let run = verified.run
        let name = "run \(run.id) (\(run.scenario), \(run.key.scheduler))"
        var lines = "\(name): \(verified.isSound ? "sound" : "NOT SOUND")\n"
        for fault in verified.faults { lines += "  \(fault)\n" }
        for note in verified.notes { lines += "  note: \(note)\n" }
        try Terminal.print(lines)
      }
      if !areSound { throw Status.badContent }
    }
  }
}
