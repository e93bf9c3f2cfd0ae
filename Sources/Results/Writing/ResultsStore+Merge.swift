import GRDB

extension ResultsStore {
  /// What merging another file did.
  public struct Merged: Sendable, Hashable {
    /// Runs copied.
    public var copied = 0
    /// Runs that were there already, with the same digest and the same records.
    public var alreadyThere = 0
  }

  /// Copies the runs of another results file into this one, one transaction per run.
  ///
  /// Merging twice does nothing more. A run with the same key and another digest is a contradiction
  /// and ends the merge with an error; the runs before it stay.
  ///
  /// - Parameter other: Path of the other file; it is only read.
  /// - Returns: How many runs were copied, and how many were there already.
  /// - Throws: A file that cannot be read or written, or a contradiction.
  public func merge(from other: String) throws(ResultsError) -> Merged {
    let source = try ResultsStore(path: other, access: .reading)
    let runs = try source.runs()
    do {
      try queue.writeWithoutTransaction {
        try $0.execute(sql: "ATTACH DATABASE ? AS source", arguments: [other])
      }
    } catch {
      throw ResultsError(error, path: other, opening: .unreadable)
    }
    defer { try? queue.writeWithoutTransaction { try $0.execute(sql: "DETACH DATABASE source") } }
    var merged = Merged()
    for run in runs {
      let isNew = try write { db in try copy(run, from: other, db) }
      if isNew { merged.copied += 1 } else { merged.alreadyThere += 1 }
    }
    return merged
  }

  private func copy(_ run: StoredRun, from other: String, _ db: Database) throws -> Bool {
    let previous = try Self.id(of: run.key, db)
    if let previous {
      let ours = try self.run(previous, db)
      guard ours.digest == run.digest else {
        throw ResultsError(
          .badContent, path: other,
          found: "run \(run.id) (\(run.key.scheduler)) with digest \(run.digest)",
          expected: "\(ours.digest), as the same run has in \(baseName(of: path))")
      }
      if ours.records == run.records { return false }
      try Self.deleteRows(ofRun: previous, db)
    }
    let id: Int64
    if let previous {
      id = previous
    } else {
      id = try Int64.fetchOne(db, sql: "SELECT coalesce(max(id), 0) + 1 FROM main.run") ?? 1
    }
    for table in ResultsTable.allCases where !table.isView {
      let others = try db.columns(in: table.rawValue).map(\.name).filter { $0 != table.runColumn }
      let names = others.joined(separator: ", ")
      try db.execute(
        sql: """
          INSERT INTO main.\(table.rawValue) (\(table.runColumn), \(names))
          SELECT ?, \(names) FROM source.\(table.rawValue)
          WHERE \(table.runColumn) = ? ORDER BY \(table.ordering)
          """, arguments: [id, run.id])
    }
    return true
  }
}
