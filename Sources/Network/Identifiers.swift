/// A link of a `FlowNetwork`, numbered from 0 in the order of `addLink`.
public struct LinkID: Hashable, Sendable {
  /// Position among the links.
  public let index: Int32

  @usableFromInline
  init(_ index: Int) { self.index = Int32(truncatingIfNeeded: index) }
}

/// A running flow of a `FlowNetwork`; its number is reused after the flow has ended.
public struct FlowID: Hashable, Sendable {
  /// Slot of the flow; nothing in the results depends on which slot a flow has.
  public let index: Int32

  @usableFromInline
  init(_ index: Int32) { self.index = index }
}
