import Hardware
import JSON

extension ScenarioDecoding {
  /// Replaces the catalogue's laws of a node group's GPU by those of a profile, which is named or given
  /// whole; what is stored is the profile itself.
  ///
  /// - Returns: False if there is a profile that cannot be used.
  func applyProfile(_ reader: ObjectReader, to gpu: inout GPUSpecification?) -> Bool {
    guard let located = reader.value("profile") else { return true }
    switch located.node.value {
    case .object:
      do throws(ProfileFault) {
        try apply(GPUProfile(located.node), reader, to: &gpu)
        return true
      } catch {
        let path = JSONPath(components: located.path.components + error.path.components)
        faults.add(
          .unfit(found: error.found, needed: error.needed), at: path, from: located.node.origin)
        return false
      }
    case .string(let file) where !file.isEmpty:
      return applyProfileFile(file, reader, to: &gpu)
    default:
      reader.fault(
        "profile",
        .unfit(found: located.node.found, needed: "the name of a GPU profile, or the object in it"))
      return false
    }
  }

  private func apply(
    _ profile: GPUProfile, _ reader: ObjectReader, to gpu: inout GPUSpecification?
  ) throws(ProfileFault) {
    gpu = try gpu?.applying(profile)
    // In one order, so that the places of sources are the same however often it is stored.
    var ordered = profile
    ordered.numbers.sort { $0.path.utf8.lexicographicallyPrecedes($1.path.utf8) }
    var parser = JSONParser(ordered.json)
    if let tree = try? parser.parse() { reader.keep("profile", CanonicalValue(tree)) }
  }

  private func applyProfileFile(
    _ file: String, _ reader: ObjectReader, to gpu: inout GPUSpecification?
  ) -> Bool {
    guard let path = files.path(of: file) else {
      let cause = "no such file beside the scenario or in the folders given"
      reader.fault("profile", .noSuchFile(name: file, cause: cause))
      return false
    }
    let text: String
    do throws(ScenarioFile.Failure) {
      text = try ScenarioFile.text(at: path)
    } catch {
      switch error {
      case .unreadable(_, let cause):
        reader.fault("profile", .noSuchFile(name: file, cause: "cannot be read: \(cause)"))
      case .missing: reader.fault("profile", .noSuchFile(name: file, cause: "no such file"))
      case .notText:
        reader.fault("profile", .unfit(found: "no UTF-8 text", needed: "a GPU profile"))
      }
      return false
    }
    do throws(ProfileFault) {
      try apply(GPUProfile(json: text), reader, to: &gpu)
      return true
    } catch {
      let base = path.split(separator: "/").last.map(String.init) ?? path
      let inner = FaultCollector(lines: LineIndex(text), overrides: [])
      inner.add(
        .unfit(found: error.found, needed: error.needed), at: error.path,
        from: .text(offset: error.offset))
      faults.add(
        inner.faults, ofFile: base, from: reader.value("profile")?.node.origin ?? reader.origin)
      return false
    }
  }
}

extension CanonicalValue {
  /// A tree's value, numbers in their one fixed form.
  init(_ node: JSONNode) {
    switch node.value {
    case .null: self = .string("null")
    case .boolean(let flag): self = .boolean(flag)
    case .number(let text): self = .real(Double(text) ?? 0)
    case .string(let text): self = .string(text)
    case .array(let items): self = .array(items.map { CanonicalValue($0) })
    case .object(let members):
      self = .object(
        Dictionary(uniqueKeysWithValues: members.map { ($0.key, CanonicalValue($0.value)) }))
    }
  }
}
