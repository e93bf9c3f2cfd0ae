import Results
import Serving

extension ResultsStore {
  /// The runs that belong together with a run: the same scenario, seed and version, in order of id.
  func runs(with id: Int64) throws -> [StoredRun] {
    let key = try run(id).key
    return try runs().filter {
      $0.key.scenarioDigest == key.scenarioDigest && $0.key.seed == key.seed
        && $0.key.version == key.version
    }
  }

  /// The runs that belong together with the one that was made last, in order of id.
  ///
  /// A run that replaced another keeps that one's id, so the last made is told by its clock.
  func latestRuns() throws -> [StoredRun] {
    let runs = try runs()
    var latest: (finished: String, id: Int64)?
    for run in runs {
      let finished = try provenance(ofRun: run.id).finishedAt
      if latest.map({ finished >= $0.finished }) ?? true { latest = (finished, run.id) }
    }
    guard let latest else {
      Terminal.say("\(baseName(path)): holds no run; 'simpp run' writes some")
      throw Status.badContent
    }
    return try self.runs(with: latest.id)
  }
}
