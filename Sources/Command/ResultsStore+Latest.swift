import Results
import Serving

extension ResultsStore {
  /// The runs that belong together with the one that was made last: the same scenario, seed and
  /// version, in order of id.
  ///
  /// A run that replaced another keeps that one's id, so the last made is told by its clock.
  func latestRuns() throws -> [StoredRun] {
    let runs = try runs()
    var latest: (finished: String, run: StoredRun)?
    for run in runs {
      let finished = try provenance(ofRun: run.id).finishedAt
      if latest.map({ finished >= $0.finished }) ?? true { latest = (finished, run) }
    }
    guard let key = latest?.run.key else {
      Terminal.say("\(baseName(path)): holds no run; 'simpp run' writes some")
      throw Status.badContent
    }
    return runs.filter {
      $0.key.scenarioDigest == key.scenarioDigest && $0.key.seed == key.seed
        && $0.key.version == key.version
    }
  }
}
