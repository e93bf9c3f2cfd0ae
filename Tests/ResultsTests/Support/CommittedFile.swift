import Foundation
import Results

/// Results files made once and copied per test, since each commit waits for the disk.
enum CommittedFile {
  /// The default example alone.
  static let oneRun = bytes { try ExampleRun().commit(to: $0) }

  /// Two small runs.
  static let twoRuns = bytes {
    try ExampleRun(requests: 20).commit(to: $0)
    try ExampleRun(requests: 10, scheduler: "pp4").commit(to: $0)
  }

  private static func bytes(_ fill: (ResultsStore) throws -> Void) -> Result<Data, any Error> {
    Result {
      let folder = try TemporaryFolder()
      try fill(try ResultsStore(path: folder.file("results.sqlite")))
      return try folder.bytes("results.sqlite")
    }
  }
}
