import EventKernel
import Inference

/// Tiers below the GPUs' memory: evicted blocks go down, and come back where that is faster than to
/// compute them.
extension Simulator {
  /// The stores of an engine, of which a replica has so many.
  mutating func addTiers(_ engine: Int, of count: Int) {
    let tiers = scheduler.engine.keyValue.tiers
    engines[engine].cache?.keepsEvicted = true
    if tierStores.isEmpty, let shared = tiers.last, shared.isShared {
      tierStores.append(TierStore(capacityBytes: shared.capacityBytes))
    }
    while storesOfEngine.count < engine * tiers.count { storesOfEngine.append(-1) }
    for tier in tiers {
      if tier.isShared {
        storesOfEngine.append(0)
      } else {
        storesOfEngine.append(Int32(tierStores.count))
        tierStores.append(TierStore(capacityBytes: tier.capacityBytes / Int64(count)))
      }
    }
  }

  /// An engine is gone, and with it what its own tiers kept.
  mutating func forgetTiers(_ engine: Int) {
    for (level, tier) in scheduler.engine.keyValue.tiers.enumerated() where !tier.isShared {
      tierStores[store(engine, level)] = TierStore(capacityBytes: 0)
    }
  }

  private func store(_ engine: Int, _ level: Int) -> Int {
    Int(storesOfEngine[engine * scheduler.engine.keyValue.tiers.count + level])
  }

  /// What an engine has evicted goes to its first tier, what has to go there to the next, and so on.
  ///
  /// Called where a request is admitted, preempted or done, never between: then it happens at the same
  /// instants whether or not the engine's replica has dozed.
  mutating func passEvictedOn(_ replica: Int, _ engine: Int) {
    guard var links = engines[engine].cache?.evicted, !links.isEmpty else { return }
    engines[engine].cache?.evicted.removeAll(keepingCapacity: true)
    let bytesPerBlock = replicas[replica].bytesPerBlock
    for level in scheduler.engine.keyValue.tiers.indices {
      let index = store(engine, level)
      var next: [CachedLink] = []
      for link in links {
        let bytes = Int64(link.blocks) * bytesPerBlock
        if tierStores[index].insert(link, bytes: bytes, evicting: &next) {
          replicas[replica].record.prefixCache?.tiers[level].bytesIn += bytes
        }
      }
      links = next
      if links.isEmpty { return }
    }
  }

  /// Lets those who have just been admitted fetch what tiers have of their prompts.
  ///
  /// - Returns: Whether somebody has left the draft for that.
  mutating func fetchFromTiers(_ replica: Int, _ engine: Int) -> Bool {
    passEvictedOn(replica, engine)
    var leavesDraft = false
    for index in engines[engine].admitted.indices {
      let place = engines[engine].admitted[index].sequence
      guard let fetch = planFetch(place, replica, engine), fetch.tokens > 0 else { continue }
      engines[engine].admitted[index].tokens = 0
      begin(fetch, place, replica, engine)
      leavesDraft = true
    }
    return leavesDraft
  }

  /// What a sequence fetches.
  private struct Fetch {
    /// Tokens that it has then.
    var tokens = 0
    var bytes: Int64 = 0
    var links: [CachedLink] = []
    var parts: [Part] = []
  }

  /// What it fetches from one tier, one link after the other.
  private struct Part {
    var level: Int
    var links: Int
    var blocks: Int64
    var begins: Nanoseconds = 0
    var ends: Nanoseconds = 0
  }

  /// The longest beginning of what follows a sequence's own blocks that is faster to fetch than to
  /// compute, tier by tier, and for which there are blocks.
  private func planFetch(_ place: Int32, _ replica: Int, _ engine: Int) -> Fetch? {
    let sequence = engines[engine].sequences[Int(place)]
    let target = Int(sequence.target)
    guard let cache = engines[engine].cache else { return nil }
    let size = engines[engine].blockTokens
    let most = (target - 1) / size * size
    var blocks = cache.blocks(heldBy: place)
    let room = Int(sequence.blocks) + engines[engine].freeBlocks
    var fetch = Fetch()
    for part in parts(cache.following(place, target: target), room - blocks, engine) {
      let before = min(blocks * size, most)
      let after = min((blocks + Int(part.blocks)) * size, most)
      var priced = part
      price(&priced, replica)
      guard priced.ends - now < prefillTime(replica, tokens: after - before, prefix: before)
      else { break }
      blocks += Int(part.blocks)
      fetch.tokens = after
      fetch.bytes += part.blocks * replicas[replica].bytesPerBlock
      fetch.parts.append(priced)
    }
    let count = fetch.parts.reduce(0) { $0 + $1.links }
    fetch.links = Array(cache.following(place, target: target).prefix(count))
    return fetch
  }

  /// Links one behind the other that tiers have, by the fastest tier that has them.
  private func parts(_ links: [CachedLink], _ room: Int, _ engine: Int) -> [Part] {
    var parts: [Part] = []
    var left = room
    for link in links {
      left -= Int(link.blocks)
      let level = scheduler.engine.keyValue.tiers.indices.first {
        tierStores[store(engine, $0)].contains(link.hash)
      }
      guard let level, left >= 0 else { break }
      if parts.last?.level != level { parts.append(Part(level: level, links: 0, blocks: 0)) }
      parts[parts.count - 1].links += 1
      parts[parts.count - 1].blocks += Int64(link.blocks)
    }
    return parts
  }

  /// When a part would begin and end.
  private func price(_ part: inout Part, _ replica: Int) {
    let tier = scheduler.engine.keyValue.tiers[part.level]
    let bytes = Double(part.blocks * replicas[replica].bytesPerBlock)
    part.begins = max(now, replicas[replica].channels[1 + part.level])
    part.ends =
      part.begins + tier.latency
      + nanoseconds(fromSeconds: bytes / tier.bandwidthBytesPerSecond)
  }

  /// What a replica that does nothing else takes to prefill tokens behind a prefix, in nanoseconds.
  ///
  /// Where chunks follow each other these are its steps at the stage that takes longest, and the last one's
  /// way through the others; else the way of each through all of them.
  private func prefillTime(_ replica: Int, tokens: Int, prefix: Int) -> Nanoseconds {
    let first = Int(replicas[replica].firstStage)
    let count = Int(replicas[replica].stageCount)
    let most = scheduler.batching.maximumTokens
    var (time, longest, way) = (Nanoseconds(0), Nanoseconds(0), Nanoseconds(0))
    var done = 0
    while done < tokens {
      let chunk = min(most, tokens - done)
      let shape = BatchShape.prefill(chunk: chunk, prefix: prefix + done, isLastChunk: false)
      (longest, way) = (0, 0)
      for stage in first..<first + count {
        let total = pieces.cost(shape, at: Int(clocks[stage].pieces)).total
        longest = max(longest, total)
        way += total
      }
      time += scheduler.batching.overlapsChunks ? longest : way
      done += chunk
    }
    return scheduler.batching.overlapsChunks ? time + way - longest : time
  }

  private mutating func begin(_ fetch: Fetch, _ place: Int32, _ replica: Int, _ engine: Int) {
    let slot = Int(engines[engine].sequences[Int(place)].request)
    let ends = fetch.parts.map(\.ends).max() ?? now
    for part in fetch.parts {
      replicas[replica].channels[1 + part.level] = part.ends
      count(part, replica)
    }
    use(fetch, engine)
    engines[engine].fetch(place, tokens: fetch.tokens)
    if requests[slot].hasBegun {
      requests[slot].record.parts.preemption += now - requests[slot].mark
      requests[slot].mark = now
    } else {
      requests[slot].record.cachedTokens = min(
        Int32(truncatingIfNeeded: fetch.tokens), requests[slot].record.promptTokens)
    }
    keepMove(of: slot, RequestMove(inBegins: now, inEnds: ends))
    log?.log(
      LoggedEvent(
        now, .fetch, requests[slot].record.requestID, Int64(replica), Int64(fetch.tokens),
        fetch.bytes, ends - now, Int64(engines[engine].sequences[Int(place)].blocks)))
    push(Event(.moveEnd, Int32(engine), UInt32(bitPattern: place)), at: ends)
  }

  /// Counts what a replica fetches from a tier.
  private mutating func count(_ part: Part, _ replica: Int) {
    let tokens = part.blocks * Int64(scheduler.engine.blockTokens)
    let bytes = part.blocks * replicas[replica].bytesPerBlock
    replicas[replica].record.prefixCache?.tiers[part.level].fetches += 1
    replicas[replica].record.prefixCache?.tiers[part.level].tokens += tokens
    replicas[replica].record.prefixCache?.tiers[part.level].bytesOut += bytes
  }

  /// The deepest link is used first, so that it goes before the others.
  private mutating func use(_ fetch: Fetch, _ engine: Int) {
    var end = fetch.links.count
    for part in fetch.parts.reversed() {
      let index = store(engine, part.level)
      for link in fetch.links[end - part.links..<end].reversed() {
        tierStores[index].use(link.hash)
      }
      end -= part.links
    }
  }
}
