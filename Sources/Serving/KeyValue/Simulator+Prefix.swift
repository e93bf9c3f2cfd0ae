import EventKernel
import Workload

/// What requests have in common, where engines share prefixes.
extension Simulator {
  /// Keeps what the tokens of the request that arrives are.
  mutating func keepContent(of slot: Int32) {
    while contents.count <= Int(slot) { contents.append(.unknown) }
    var content = stream.contentBlocks
    let salt = contentSalts[Int(requests[Int(slot)].record.workload)]
    for index in content.hashes.indices { content.hashes[index] ^= salt }
    contents[Int(slot)] = content
  }

  /// Counts what a request that leaves has found.
  mutating func countPrefix(_ record: RequestRecord) {
    guard record.attempts > 0, metrics.counts(record.arrival) else { return }
    replicas[Int(record.replicaID)].record.prefixCache?.add(record)
  }

  /// Notes what requests found in the cache when they were admitted first.
  mutating func settleCached(_ replica: Int, _ engine: Int) {
    for admission in engines[engine].admitted where admission.tokens > 0 {
      let slot = Int(engines[engine].sequences[Int(admission.sequence)].request)
      log?.log(
        LoggedEvent(
          now, .cached, requests[slot].record.requestID, Int64(replica), Int64(admission.tokens)))
      if requests[slot].hasBegun { continue }
      requests[slot].record.cachedTokens = min(
        admission.tokens, requests[slot].record.promptTokens)
    }
    engines[engine].admitted.removeAll(keepingCapacity: true)
  }
}
