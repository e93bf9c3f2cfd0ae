import Serving

extension JournalledRun {
  /// The first difference of this run, which leapt, from one that went step by step; nil when they
  /// are equal in everything but the number of events.
  public func difference(from stepping: JournalledRun) -> String? {
    for (position, pair) in zip(entries, stepping.entries).enumerated()
    where pair.0 != pair.1 {
      return "record \(position), " + pair.0.difference(from: pair.1)
    }
    if entries.count != stepping.entries.count {
      let common = min(entries.count, stepping.entries.count)
      let further = (entries.count > common ? entries : stepping.entries)[common].title
      let owner = entries.count > common ? "with leaps" : "without"
      return "record \(common): \(further) is there only \(owner)"
    }
    var (own, other) = (summary, stepping.summary)
    own.events = 0
    other.events = 0
    if own == other { return nil }
    return "summary: "
      + (firstDifference(own, other)?.text ?? "unequal, and no field says why")
  }
}

extension Journal.Entry {
  /// The kind and number of the record.
  var title: String {
    switch self {
    case .request(let record): "request \(record.requestID)"
    case .replica(let record): "replica \(record.replicaID)"
    case .stage(let record): "stage \(record.stage) of replica \(record.replicaID)"
    case .gpu(let record): "GPU \(record.gpu)"
    case .link(let record): "link \(record.link)"
    case .allocation(let record): "allocation of \(record.kind.name) \(record.subject)"
    case .scaling(let record): "scaling decision at \(record.time)"
    case .sample(let record): "sample at \(record.time)"
    }
  }

  /// Another record at the same place: the order differs; the same one: the first unlike field.
  fileprivate func difference(from stepping: Journal.Entry) -> String {
    guard title == stepping.title else {
      return "in order: \(title) with leaps, \(stepping.title) without"
    }
    return "\(title): "
      + (firstDifference(self, stepping)?.text ?? "unequal, and no field says why")
  }
}

/// Two values that differ, and the way of names to them.
private struct Difference {
  var path: [String]
  var leaping: String
  var stepping: String

  var text: String {
    "\(path.joined(separator: ".")) is \(leaping) with leaps, \(stepping) without"
  }
}

/// The first stored field, in order of declaration, in which two values of one type differ.
private func firstDifference(_ leaping: Any, _ stepping: Any) -> Difference? {
  let (own, other) = (Mirror(reflecting: leaping), Mirror(reflecting: stepping))
  if own.children.isEmpty || own.children.count != other.children.count {
    // Lists of unlike lengths would fill the line.
    let isList = own.displayStyle == .collection
    let texts =
      isList
      ? ["\(own.children.count) elements", "\(other.children.count) elements"]
      : [String(reflecting: leaping), String(reflecting: stepping)]
    return texts[0] == texts[1] ? nil : Difference(path: [], leaping: texts[0], stepping: texts[1])
  }
  for (position, pair) in zip(own.children, other.children).enumerated() {
    guard var found = firstDifference(pair.0.value, pair.1.value) else { continue }
    switch own.displayStyle {
    // The case of an entry is its record's kind, which the title tells.
    case .optional, .enum: break
    case .collection: found.path.insert("\(position)", at: 0)
    default: found.path.insert(pair.0.label ?? "\(position)", at: 0)
    }
    return found
  }
  return nil
}
