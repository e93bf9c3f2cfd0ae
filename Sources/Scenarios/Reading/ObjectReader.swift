import JSON

/// Reads one object key by key: remembers which keys are known, gathers faults, and keeps the
/// canonical form of what was read, defaults included.
///
/// An object may lie over others, as a scheduler lies over `defaults`: a key is taken from the
/// first layer that has it.
final class ObjectReader {
  /// One object and where it stands.
  struct Layer {
    var members: [JSONMember]
    var origin: ValueOrigin
    var path: JSONPath
  }

  /// A value and the way to it.
  struct Located {
    var node: JSONNode
    var path: JSONPath
  }

  let layers: [Layer]
  let faults: FaultCollector
  /// Whether keys may be missing that a whole object needs, as in `defaults`.
  let isPartial: Bool
  /// What was read, in its one form.
  private(set) var canonical: [String: CanonicalValue] = [:]
  private var known: [String] = []

  init(layers: [Layer], faults: FaultCollector, isPartial: Bool = false) {
    self.layers = layers
    self.faults = faults
    self.isPartial = isPartial
  }

  /// The object's own path.
  var path: JSONPath { layers.first?.path ?? .root }

  /// Where the object stands.
  var origin: ValueOrigin { layers.first?.origin ?? .text(offset: 0) }

  /// The value of a key in every layer that has it; the key counts as known.
  func all(_ key: String) -> [Located] {
    if !known.contains(key) {
      known.append(key)
      faults.note(knownKey: path.key(key))
    }
    return found(key)
  }

  private func found(_ key: String) -> [Located] {
    layers.compactMap { layer in
      layer.members.first { $0.key == key }.map {
        Located(node: $0.value, path: layer.path.key(key))
      }
    }
  }

  /// Takes every key as known: without the word that decides which keys there are, calling them
  /// unknown would only hide the one real fault.
  func skipAll() { known += layers.flatMap { $0.members.map(\.key) } }

  /// The value of a key that counts.
  func value(_ key: String) -> Located? { all(key).first }

  /// Whether a key is there.
  func has(_ key: String) -> Bool { value(key) != nil }

  /// Every key of the object's own layer, in order.
  var ownMembers: [JSONMember] { layers.first?.members ?? [] }

  /// The keys of all layers, each once, in order.
  var memberNames: [String] {
    layers.reduce(into: []) { names, layer in
      for member in layer.members where !names.contains(member.key) { names.append(member.key) }
    }
  }

  /// Remembers the canonical form of a key.
  func keep(_ key: String, _ value: CanonicalValue?) { canonical[key] = value }

  /// Adds a fault at a key: where it stands if it is there, else at the object.
  func fault(_ key: String, _ problem: ScenarioProblem) {
    if let located = value(key) {
      faults.add(problem, at: located.path, from: located.node.origin)
    } else {
      faults.add(problem, at: path.key(key), from: origin)
    }
  }

  /// Adds a fault at the object itself.
  func fault(_ problem: ScenarioProblem) { faults.add(problem, at: path, from: origin) }

  /// Adds a note at a key: where it stands if it is there, else at the object.
  func note(_ key: String, _ sentence: String) {
    let located = value(key)
    faults.add(
      note: sentence, at: located?.path ?? path.key(key), from: located?.node.origin ?? origin)
  }

  /// Says that a key is missing, unless the object is a partial one.
  func missing(_ key: String, needed: String) {
    if !isPartial { fault(key, .missing(needed: needed)) }
  }

  /// Tells the keys that nobody asked for.
  func finish() {
    for layer in layers {
      for member in layer.members where !known.contains(member.key) {
        faults.add(
          .unknownKey(suggestion: suggestion(for: member.key, among: known), known: known),
          at: layer.path.key(member.key), from: member.origin)
      }
    }
  }

  /// The object of a key, laid over the objects of that key in lower layers; nil when the key is
  /// missing or no object.
  func object(_ key: String, _ presence: Presence<Void> = .required) -> ObjectReader? {
    let found = all(key)
    guard let first = found.first else {
      switch presence {
      case .required: missing(key, needed: "an object")
      case .optional: break
      case .standard: return ObjectReader(empty: path.key(key), in: self)
      }
      return nil
    }
    guard case .object = first.node.value else {
      fault(key, .unfit(found: first.node.found, needed: "an object"))
      return nil
    }
    return ObjectReader(found, faults: faults, isPartial: isPartial)
  }

  /// The objects of a list; nil when the key is missing, no list, or a list that is empty.
  func objects(_ key: String, of things: String) -> [ObjectReader]? {
    guard let items = list(key, of: things, atMost: Limit.list) else { return nil }
    return items.compactMap { item in
      guard case .object = item.node.value else {
        faults.add(
          .unfit(found: item.node.found, needed: "an object"), at: item.path, from: item.node.origin
        )
        return nil
      }
      return ObjectReader([item], faults: faults, isPartial: isPartial)
    }
  }

  /// The items of a list that must not be empty.
  func list(
    _ key: String, of things: String, atMost most: Int, _ presence: Presence<Void> = .required
  ) -> [Located]? {
    guard let located = value(key) else {
      if case .required = presence { missing(key, needed: "a list of \(things)") }
      return nil
    }
    guard case .array(let items) = located.node.value, !items.isEmpty, items.count <= most else {
      let limit = "a list of 1 to \(grouped(most)) \(things)"
      fault(key, .unfit(found: located.node.found, needed: limit))
      return nil
    }
    return items.enumerated().map { Located(node: $1, path: located.path.index($0)) }
  }

  /// A reader of the objects among some values, the first one on top.
  convenience init(_ found: [Located], faults: FaultCollector, isPartial: Bool) {
    let layers = found.compactMap { located -> Layer? in
      guard case .object(let members) = located.node.value else { return nil }
      return Layer(members: members, origin: located.node.origin, path: located.path)
    }
    self.init(layers: layers, faults: faults, isPartial: isPartial)
  }

  /// A reader of an object that is not there, for its defaults.
  convenience init(empty path: JSONPath, in parent: ObjectReader) {
    self.init(
      layers: [Layer(members: [], origin: parent.origin, path: path)], faults: parent.faults,
      isPartial: parent.isPartial)
  }
}
