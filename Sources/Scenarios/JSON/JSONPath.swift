/// The way from a scenario's root to a value, such as `schedulers[1].batching.maxSequences`.
struct JSONPath: Sendable, Hashable, CustomStringConvertible {
  /// One step of the way.
  enum Component: Sendable, Hashable {
    case key(String)
    case index(Int)
  }

  /// The steps, from the root.
  var components: [Component] = []

  /// The root itself.
  static let root = JSONPath()

  /// The path of a key of the object here.
  func key(_ key: String) -> JSONPath { JSONPath(components: components + [.key(key)]) }

  /// The path of an item of the list here.
  func index(_ index: Int) -> JSONPath { JSONPath(components: components + [.index(index)]) }

  /// The path as people write it; empty for the root.
  var description: String { text { "[\($0)]" } }

  /// The path with every index left out, as documentation lists keys: `workloads[].name`.
  var pattern: String { text { _ in "[]" } }

  private func text(index format: (Int) -> String) -> String {
    var text = ""
    for component in components {
      switch component {
      case .index(let index): text += format(index)
      case .key(let key) where Self.isPlain(key): text += (text.isEmpty ? "" : ".") + key
      case .key(let key): text += "[\"" + shortened(key) + "\"]"
      }
    }
    return text
  }

  private static func isPlain(_ key: String) -> Bool {
    !key.isEmpty && key.utf8.count <= 60
      && key.utf8.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
          UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"),
          UInt8(ascii: "$"):
          true
        default: false
        }
      }
  }
}
