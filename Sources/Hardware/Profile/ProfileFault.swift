public import JSON

/// What is wrong with the text of a GPU profile.
public struct ProfileFault: Error, Sendable, Hashable {
  /// The way to the value.
  public var path: JSONPath
  /// The byte of the text, counted from 0.
  public var offset: Int
  /// What stands there.
  public var found: String
  /// What would be right.
  public var needed: String

  /// Creates a fault.
  public init(path: JSONPath, offset: Int, found: String, needed: String) {
    self.path = path
    self.offset = offset
    self.found = found
    self.needed = needed
  }

  /// The fault as a sentence without a full stop; the place is the reader's to add.
  public var sentence: String {
    let place = path.description
    return (place.isEmpty ? "" : place + ": ") + "found \(found), needs \(needed)"
  }
}
