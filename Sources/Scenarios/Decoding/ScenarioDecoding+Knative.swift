import JSON
import Serving

extension ScenarioDecoding {
  /// A `knative` policy over the files of a cluster that it names, if it names any.
  ///
  /// What it says itself comes first, and what is stored are the options that come of it.
  func withKnativeFiles(_ reader: ObjectReader) -> ObjectReader {
    let named = [reader.has("configMap"), reader.has("service")]
    guard named.contains(true) else { return reader }
    var source = KnativeSource()
    let areSound = [
      readFile("configMap", "a ConfigMap's YAML file", of: reader) { source.read(configMap: $0) },
      readFile("service", "a Service's YAML file", of: reader) { source.read(service: $0) },
    ]
    // What is wrong with a file is told once, and not again as an option.
    let members = (areSound.contains(false) ? [:] : source.values).sorted { $0.key < $1.key }.map {
      key, value in
      JSONMember(
        key: key, origin: reader.origin, value: JSONNode(value: value, origin: reader.origin))
    }
    let layer = ObjectReader.Layer(members: members, origin: reader.origin, path: reader.path)
    let layered = ObjectReader(
      layers: reader.layers + [layer], faults: faults, isPartial: reader.isPartial)
    _ = layered.value("policy")
    _ = layered.value("configMap")
    _ = layered.value("service")
    return layered
  }

  /// The text of a file that a key names, given to `read`, whose faults are told; whether there are none.
  private func readFile(
    _ key: String, _ needed: String, of reader: ObjectReader, _ read: (String) -> [ScenarioFault]
  ) -> Bool {
    guard let located = reader.value(key) else { return true }
    guard case .string(let name) = located.node.value, !name.isEmpty else {
      reader.fault(key, .unfit(found: located.node.found, needed: "the name of \(needed)"))
      return false
    }
    guard let path = files.path(of: name) else {
      let cause = "no such file beside the scenario or in the folders given"
      reader.fault(key, .noSuchFile(name: name, cause: cause))
      return false
    }
    do throws(ScenarioFile.Failure) {
      let base = path.split(separator: "/").last.map(String.init) ?? path
      let found = read(try ScenarioFile.text(at: path))
      faults.add(found, ofFile: base, from: located.node.origin)
      return found.isEmpty
    } catch {
      switch error {
      case .unreadable(_, let cause):
        reader.fault(key, .noSuchFile(name: name, cause: "cannot be read: \(cause)"))
      case .missing: reader.fault(key, .noSuchFile(name: name, cause: "no such file"))
      case .notText: reader.fault(key, .unfit(found: "no UTF-8 text", needed: needed))
      }
      return false
    }
  }
}
