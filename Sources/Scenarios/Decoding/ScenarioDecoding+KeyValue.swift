import Hardware
import JSON
import Serving

extension ScenarioDecoding {
  /// What engines do with KV blocks beside giving them to sequences; nil when something is unfit.
  func keyValue(_ reader: ObjectReader) -> KeyValueSpecification? {
    var keyValue = KeyValueSpecification()
    let shares = reader.flag("prefixCache", .standard(keyValue.sharesPrefixes))
    let watermark = reader.number(
      "watermark", in: .from(0, to: 0.99), .standard(keyValue.watermark), of: "a share")
    let preemption: KeyValueSpecification.Preemption? = reader.choice(
      "preemption", .standard(keyValue.preemption), kind: "a kind of preemption")
    let swap = swapSpace(reader, preemption, standard: keyValue.swapBytesPerGPU)
    let tiers = tiers(reader, sharesPrefixes: shares)
    guard let shares, let watermark, let preemption, let swap, let tiers else { return nil }
    keyValue.sharesPrefixes = shares
    keyValue.watermark = watermark
    keyValue.preemption = preemption
    keyValue.swapBytesPerGPU = swap
    keyValue.tiers = tiers
    return keyValue
  }

  /// The swap space; kept in the canonical form only where there is swapping.
  private func swapSpace(
    _ reader: ObjectReader, _ preemption: KeyValueSpecification.Preemption?, standard: Int64
  ) -> Int64? {
    let bytes = reader.bytes(
      "swapSpace", in: 1_000_000_000...Limit.bytes, .standard(standard))
    guard preemption == .recompute else { return bytes }
    if reader.has("swapSpace"), !reader.isPartial {
      reader.fault(
        "swapSpace",
        .unfit(
          found: "room for what nobody swaps", needed: "\"preemption\": \"swap\" beside it"))
    }
    reader.keep("swapSpace", nil)
    return bytes
  }

  private func tiers(_ reader: ObjectReader, sharesPrefixes: Bool?) -> [CacheTier]? {
    guard reader.has("tiers") else { return [] }
    guard let readers = reader.objects("tiers", of: "tiers") else { return nil }
    let tiers = readers.enumerated().map { tier($1, isLast: $0 == readers.count - 1) }
    checkNames(readers)
    if sharesPrefixes == false, !reader.isPartial {
      reader.fault(
        "tiers",
        .unfit(
          found: "tiers for blocks of which nobody knows the content",
          needed: "\"prefixCache\": true beside them"))
    }
    reader.keep("tiers", .array(readers.map { .object($0.canonical) }))
    let whole = tiers.compactMap { $0 }
    return whole.count == tiers.count ? whole : nil
  }

  private func tier(_ reader: ObjectReader, isLast: Bool) -> CacheTier? {
    let name = reader.name("name")
    let capacity = reader.bytes("capacity", in: 1_000_000_000...Limit.bytes)
    let bandwidth = reader.bandwidth("bandwidth")
    let latency = reader.time("latency", in: 0...10_000_000_000, .standard(0))
    let shared = reader.flag("shared", .standard(false))
    reader.finish()
    if shared == true, !isLast {
      reader.fault(
        "shared",
        .unfit(found: "a shared tier above others", needed: "false, or no tier behind this one"))
    }
    guard let name, let capacity, let bandwidth, let latency, let shared else { return nil }
    return CacheTier(
      name: name, capacityBytes: capacity, bandwidthBytesPerSecond: bandwidth, latency: latency,
      isShared: shared)
  }

  /// Tells swap space for which a node's host memory is too small.
  func checkSwapSpace(of schedulers: [Scheduler], on nodes: [NodeSpecification]) {
    for scheduler in schedulers {
      guard let keyValue = scheduler.engine?.keyValue, keyValue.preemption == .swap,
        let reader = scheduler.engineReader,
        let least = nodes.map({ $0.hostMemoryBytes / Int64($0.gpuCount) }).min(),
        keyValue.swapBytesPerGPU > least
      else { continue }
      reader.fault(
        reader.has("swapSpace") ? "swapSpace" : "preemption",
        .unfit(
          found: "\(readable(Double(keyValue.swapBytesPerGPU) / 1e9))GB of host memory a GPU",
          needed: "at most \(readable(Double(least) / 1e9))GB, the node's over its GPUs"))
    }
  }
}
