import JSON

/// The settings of a `knative` policy as a cluster has them: its ConfigMap, and over that the annotations of a
/// Service, Configuration or Revision.
struct KnativeSource {
  /// The options that they set.
  private(set) var values: [String: JSONNode.Value] = [:]
  private var limit: Int64 = 0
  private var allowsZeroInitialScale = false

  /// Reads `config-autoscaler`; returns what is wrong with it.
  mutating func read(configMap text: String) -> [ScenarioFault] {
    let file = YAMLFile(text)
    guard let map = file.document(ofKind: ["ConfigMap"]) else { return file.faults }
    // What stands below `_example` explains the keys and sets none.
    let entries = file.entries(map, ["data"]).filter { $0.key != "_example" }
    let read = read(entries, KnativeKey.configMap, at: "data", in: file)
    limit = read.integer("max-scale-limit") ?? 0
    allowsZeroInitialScale = read["allow-zero-initial-scale"]?.value == .boolean(true)
    check(read, named: ("max-scale", "min-scale", "initial-scale"), at: "data", in: file)
    checkTarget(read, in: file)
    return file.faults
  }

  /// Reads a Service or one of its parts; returns what is wrong with it.
  mutating func read(service text: String) -> [ScenarioFault] {
    let file = YAMLFile(text)
    let kinds = ["Service", "Configuration", "Revision"]
    guard let resource = file.document(ofKind: kinds) else { return file.faults }
    let isRevision = resource.kind == "Revision"
    let inner = isRevision ? [] : ["spec", "template"]
    let metadata = inner + ["metadata", "annotations"]
    let domain = "autoscaling.knative.dev/"
    if !isRevision {
      for entry in file.entries(resource, ["metadata", "annotations"])
      where entry.key.hasPrefix(domain) {
        file.fault(
          .unfit(
            found: "the Service's own annotation",
            needed: "it below \(metadata.joined(separator: "."))"),
          "metadata.annotations.\(entry.key)", entry.keyPlace)
      }
    }
    let entries = file.entries(resource, metadata).filter { $0.key.hasPrefix(domain) }.map {
      var entry = $0
      entry.key.removeFirst(domain.count)
      return entry
    }
    let place = metadata.joined(separator: ".") + "." + domain
    let read = read(entries, KnativeKey.annotations, at: place, separator: "", in: file)
    check(
      read, named: ("max-scale", "min-scale", "initial-scale"), at: place, separator: "", in: file)
    let spec =
      isRevision ? ["spec", "containerConcurrency"] : inner + ["spec", "containerConcurrency"]
    if let limit = file.integer(resource, spec, in: 0...1_000) {
      values["containerConcurrency"] = .number("\(limit)")
    }
    return file.faults
  }

  /// Values that are right, with where they stand, by the usual name of their key.
  private typealias Read = [String: (value: JSONNode.Value, entry: YAMLFile.Entry)]

  private mutating func read(
    _ entries: [YAMLFile.Entry], _ keys: [KnativeKey], at place: String, separator: String = ".",
    in file: YAMLFile
  ) -> Read {
    let known = keys.flatMap(\.names)
    var read: Read = [:]
    for entry in entries {
      let path = place + separator + entry.key
      guard let key = keys.first(where: { $0.names.contains(entry.key) }) else {
        file.fault(
          .unknownKey(suggestion: suggestion(for: entry.key, among: known), known: known), path,
          entry.keyPlace)
        continue
      }
      guard let text = entry.text, let value = key.value(of: text) else {
        file.fault(.unfit(found: entry.found, needed: key.needed), path, entry.place)
        continue
      }
      read[key.names[0]] = (value, entry)
      if let option = key.option { values[option] = value }
    }
    return read
  }

  /// Bounds that contradict each other, here or with the ConfigMap.
  private func check(
    _ read: Read, named names: (most: String, least: String, initial: String), at place: String,
    separator: String = ".", in file: YAMLFile
  ) {
    func tell(_ name: String, _ found: String, _ needed: String) {
      file.fault(
        .unfit(found: found, needed: needed), place + separator + name, read[name]?.entry.place)
    }
    let most = number(values["max"])
    if let own = read.integer(names.most), limit > 0, own > limit || own == 0 {
      tell(names.most, "\(own)", "1 to max-scale-limit, \(limit)")
    }
    if let least = read.integer(names.least), most > 0, least > most {
      tell(names.least, "\(least)", "at most max-scale, \(most)")
    } else if read[names.least] == nil, let own = read.integer(names.most), own > 0,
      number(values["min"]) > own
    {
      tell(names.most, "\(own)", "at least min-scale, \(number(values["min"]))")
    }
    if read.integer(names.initial) == 0, !allowsZeroInitialScale {
      tell(names.initial, "0", "at least 1, as allow-zero-initial-scale is not \"true\"")
    }
  }

  /// The default target, after utilization, is at least a hundredth of a request.
  private func checkTarget(_ read: Read, in file: YAMLFile) {
    func figure(_ name: String, _ standard: Double) -> Double {
      guard case .number(let text)? = read[name]?.value else { return standard }
      return Double(text) ?? standard
    }
    let share = figure("container-concurrency-target-percentage", 70) / 100
    let target = figure("container-concurrency-target-default", 100) * share
    if target < 0.01 {
      file.fault(
        .unfit(
          found: "a target of \(plain(target)) after its percentage", needed: "at least 0.01"),
        "data.container-concurrency-target-default",
        read["container-concurrency-target-default"]?.entry.place)
    }
  }

  private func number(_ value: JSONNode.Value?) -> Int64 {
    guard case .number(let text)? = value else { return 0 }
    return Int64(text) ?? 0
  }
}

extension [String: (value: JSONNode.Value, entry: YAMLFile.Entry)] {
  /// A whole number that was read.
  fileprivate func integer(_ name: String) -> Int64? {
    guard case .number(let text)? = self[name]?.value else { return nil }
    return Int64(text)
  }
}
