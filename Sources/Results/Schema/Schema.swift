internal import GRDB

/// How a results file is told from others, and how an older one is carried forward.
struct Schema: Sendable {
  /// One step from a version to the next; never edited once released.
  struct Step: Sendable {
    var version: Int32
    var script: String
  }

  /// "simp" in ASCII, in the header of every results file.
  static let applicationID: Int32 = 0x7369_6d70

  /// Bytes of a page: in a million request rows of scattered order, 4096 costs 3.1 s of CPU, 8192
  /// 2.4 s, 16384 2.2 s, and an empty file has about thirty pages.
  static let pageBytes = 8192

  /// The schema of this version of simpp.
  static let current = Schema(steps: [
    Step(version: 1, script: schemaVersion1), Step(version: 2, script: schemaVersion2),
    Step(version: 3, script: schemaVersion3), Step(version: 4, script: schemaVersion4),
    Step(version: 5, script: schemaVersion5),
  ])

  /// All steps, from an empty file on.
  var steps: [Step]

  /// The version that the last step leads to.
  var version: Int32 { steps.last?.version ?? 0 }

  /// Takes a blank or older file to the newest version, one transaction per step.
  func migrate(_ queue: DatabaseQueue) throws {
    var migrator = DatabaseMigrator()
    for step in steps {
      migrator.registerMigration("version \(step.version)", foreignKeyChecks: .immediate) { db in
        try db.execute(sql: step.script)
        try db.execute(sql: "PRAGMA application_id = \(Self.applicationID)")
        try db.execute(sql: "PRAGMA user_version = \(step.version)")
      }
    }
    try migrator.migrate(queue)
  }
}
