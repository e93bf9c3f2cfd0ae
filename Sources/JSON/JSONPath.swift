/// The way from a text's root to a value, such as `schedulers[1].batching.maxSequences`.
public struct JSONPath: Sendable, Hashable, CustomStringConvertible {
  /// One step of the way.
  public enum Component: Sendable, Hashable {
    /// A key of an object.
    case key(String)
    /// An item of a list, counted from 0.
    case index(Int)
  }

  /// The steps, from the root.
  public var components: [Component]

  /// Creates a path; by default the root's.
  public init(components: [Component] = []) { self.components = components }

  /// The root itself.
  public static let root = JSONPath()

  /// The path of a key of the object here.
  public func key(_ key: String) -> JSONPath { JSONPath(components: components + [.key(key)]) }

  /// The path of an item of the list here.
  public func index(_ index: Int) -> JSONPath { JSONPath(components: components + [.index(index)]) }

  /// The path as people write it; empty for the root.
  public var description: String { text { "[\($0)]" } }

  /// The path with every index left out, as documentation lists keys: `workloads[].name`.
  public var pattern: String { text { _ in "[]" } }

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
