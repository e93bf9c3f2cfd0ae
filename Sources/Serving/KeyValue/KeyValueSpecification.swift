/// What an engine does with KV blocks beside giving them to sequences.
public struct KeyValueSpecification: Sendable, Hashable {
  /// Whether whole blocks with the same tokens before and in them are computed and held once.
  ///
  /// vLLM V1 does so unless told; here it is off unless told, because most traffic says nothing about what
  /// its tokens are.
  public var sharesPrefixes = false

  /// The defaults.
  public init() {}
}
