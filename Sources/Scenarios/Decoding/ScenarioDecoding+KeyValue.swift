import Serving

extension ScenarioDecoding {
  /// What engines do with KV blocks beside giving them to sequences; nil when something is unfit.
  func keyValue(_ reader: ObjectReader) -> KeyValueSpecification? {
    var keyValue = KeyValueSpecification()
    let shares = reader.flag("prefixCache", .standard(keyValue.sharesPrefixes))
    guard let shares else { return nil }
    keyValue.sharesPrefixes = shares
    return keyValue
  }
}
