import JSON

/// The measured collectives of one GPU, as a JSON file beside its profile holds them.
public struct CollectiveTables: Sendable, Hashable {
  /// The version of the text's form.
  private static let version = 1.0
  private static let frame = ["collectives", "gpu", "source", "tables"]
  private static let keys = [
    "link", "operation", "implementation", "ranks", "bytes", "microseconds",
  ]

  /// The device: a name of the catalogue.
  public var gpu: String
  /// Who measured them.
  public var source: String
  /// The tables.
  public var tables: [CollectiveTable]

  /// Creates a set of tables.
  public init(gpu: String, source: String, tables: [CollectiveTable]) {
    self.gpu = gpu
    self.source = source
    self.tables = tables
  }

  /// Reads tables from JSON text, as `json` writes it.
  ///
  /// - Throws: `ProfileFault` for broken text, unknown keys, missing values, sizes that do not ascend,
  ///   times that are not above 0, and a table that stands twice.
  public init(json text: String) throws(ProfileFault) {
    var parser = JSONParser(text)
    let root: JSONNode
    do throws(JSONParser.SyntaxFault) {
      root = try parser.parse()
    } catch {
      throw ProfileFault(
        path: error.path, offset: error.offset, found: error.found, needed: error.needed)
    }
    if let repeated = parser.duplicates.first {
      throw ProfileFault(
        path: repeated.path, offset: repeated.offset, found: "the key a second time",
        needed: "each key once")
    }
    let top = Place(node: root, path: .root)
    try top.allow(Self.frame)
    let form = try top.value("collectives")
    guard try form.number() == Self.version else { throw form.fault("1") }
    gpu = try top.value("gpu").text()
    source = try top.value("source").text()
    tables = []
    for place in try top.value("tables").items() {
      let table = try Self.table(place)
      let isThere = tables.contains {
        $0.link == table.link && $0.operation == table.operation && $0.ranks == table.ranks
          && $0.implementation == table.implementation
      }
      if isThere { throw place.fault("each link, operation, implementation and ranks once") }
      tables.append(table)
    }
  }

  private static func table(_ place: Place) throws(ProfileFault) -> CollectiveTable {
    try place.allow(keys)
    let ranks = try place.value("ranks")
    guard let count = Int(exactly: try ranks.number()), (2...1_024).contains(count) else {
      throw ranks.fault("a whole number from 2 to 1,024")
    }
    let sizes = try place.value("bytes")
    let bytes = try sizes.numbers()
    guard !bytes.isEmpty, bytes[0] > 0, zip(bytes, bytes.dropFirst()).allSatisfy({ $0 < $1 })
    else { throw sizes.fault("ascending sizes above 0") }
    let times = try place.value("microseconds")
    let microseconds = try times.numbers()
    guard microseconds.count == bytes.count, microseconds.allSatisfy({ $0 > 0 }) else {
      throw times.fault("\(bytes.count) times above 0, one for each size")
    }
    return CollectiveTable(
      link: try place.value("link").word(), operation: try place.value("operation").word(),
      implementation: try place.value("implementation").word(), ranks: count, bytes: bytes,
      nanoseconds: microseconds.map { $0 * 1_000 })
  }

  /// The tables as JSON text, the same bytes for the same tables.
  public var json: String {
    let blocks = tables.map { table in
      let sizes = table.bytes.map(plain).joined(separator: ", ")
      // Whole nanoseconds: a thousandth of what a table's digits are worth.
      let times = table.nanoseconds.map { plain($0.rounded() / 1_000) }.joined(separator: ", ")
      return "    {\n      \"link\": \"\(table.link.rawValue)\","
        + " \"operation\": \"\(table.operation.rawValue)\","
        + " \"implementation\": \"\(table.implementation.rawValue)\","
        + " \"ranks\": \(table.ranks),\n      \"bytes\": [\(sizes)],\n"
        + "      \"microseconds\": [\(times)]\n    }"
    }
    return
      "{\n  \"collectives\": 1,\n  \"gpu\": \(quoted(gpu)),\n  \"source\": \(quoted(source)),\n"
      + "  \"tables\": [\n" + blocks.joined(separator: ",\n") + "\n  ]\n}\n"
  }
}

/// A value of the text and the way to it.
private struct Place {
  let node: JSONNode
  let path: JSONPath

  func fault(_ needed: String) -> ProfileFault {
    var offset = 0
    if case .text(let start) = node.origin { offset = start }
    return ProfileFault(path: path, offset: offset, found: node.found, needed: needed)
  }

  func allow(_ keys: [String]) throws(ProfileFault) {
    guard case .object(let members) = node.value else { throw fault("an object") }
    for member in members where !keys.contains(member.key) {
      throw Place(node: member.value, path: path.key(member.key))
        .fault("one of the keys " + keys.joined(separator: ", "))
    }
  }

  func value(_ key: String) throws(ProfileFault) -> Place {
    guard let value = node[key] else { throw fault("a key \(key)") }
    return Place(node: value, path: path.key(key))
  }

  func items() throws(ProfileFault) -> [Place] {
    guard case .array(let items) = node.value else { throw fault("a list") }
    return items.enumerated().map { Place(node: $1, path: path.index($0)) }
  }

  func number() throws(ProfileFault) -> Double {
    guard case .number(let text) = node.value, let value = Double(text), value.isFinite else {
      throw fault("a number")
    }
    return value
  }

  func numbers() throws(ProfileFault) -> [Double] {
    var numbers: [Double] = []
    for item in try items() { numbers.append(try item.number()) }
    return numbers
  }

  func text() throws(ProfileFault) -> String {
    guard case .string(let text) = node.value else { throw fault("a text") }
    return text
  }

  func word<Word: RawRepresentable<String> & CaseIterable>() throws(ProfileFault) -> Word {
    guard case .string(let text) = node.value, let word = Word(rawValue: text) else {
      throw fault("one of " + Word.allCases.map(\.rawValue).joined(separator: ", "))
    }
    return word
  }
}
