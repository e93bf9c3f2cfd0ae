/// Options that several batching policies take.
extension OptionDescription {
  static var batchedTokens: OptionDescription {
    OptionDescription(
      "maxBatchedTokens", .integer(1...1_048_576), default: .integer(2048), "tokens of one step")
  }

  static var runningSequences: OptionDescription {
    OptionDescription(
      "maxSequences", .integer(1...65_536), default: .integer(256), "requests running at once")
  }

  static var depth: OptionDescription {
    OptionDescription(
      "depth", .integer(1...1024), "micro-batches in flight (default: one per stage)")
  }

  static var overlapsChunks: OptionDescription {
    OptionDescription(
      "overlapsChunks", .flag, default: .flag(true),
      "whether a prompt's next chunk may set out while the one before is on its way")
  }

  static var waitsForOldest: OptionDescription {
    OptionDescription(
      "waitsForOldest", .flag, default: .flag(true),
      "whether an arrival waits for the oldest micro-batch in flight, as in vLLM's engine core")
  }
}

extension BatchingPolicy {
  /// A `cap` on micro-batches that no more sequences than run at once can reach.
  static func faultsOfCap(in values: OptionValues) -> [OptionFault] {
    let most = values.integer("maxSequences")
    guard let cap = values.optionalInteger("cap"), cap > most else { return [] }
    return [
      OptionFault(
        key: "cap", found: "\(cap)", expected: "a whole number from 1 to maxSequences, \(most)")
    ]
  }
}
