/// What a tier below the GPUs' memory keeps: links by hash, the least recently used goes first.
struct TierStore: Sendable {
  private struct Entry: Sendable {
    var link: CachedLink
    var bytes: Int64
    /// Its neighbours in the order of use; -1 at the ends.
    var older: Int32 = -1
    var newer: Int32 = -1
  }

  let capacityBytes: Int64
  private(set) var usedBytes: Int64 = 0
  private var entries: [Entry] = []
  private var freeEntries: [Int32] = []
  private var table = HashTable()
  private var oldest: Int32 = -1
  private var newest: Int32 = -1

  init(capacityBytes: Int64) { self.capacityBytes = capacityBytes }

  /// Links that it keeps.
  var count: Int { table.count }

  /// Whether it keeps a link.
  func contains(_ hash: UInt64) -> Bool { table.find(hash) >= 0 }

  /// A link that it keeps is used: it is the last to go.
  mutating func use(_ hash: UInt64) {
    let index = table.find(hash)
    guard index >= 0 else { return }
    unchain(index)
    chain(index)
  }

  /// Takes a link in; those that have to go for it, or itself when it is too large, go on.
  ///
  /// - Returns: Whether it has come in: false where it was there already or is too large.
  mutating func insert(
    _ link: CachedLink, bytes: Int64, evicting evicted: inout [CachedLink]
  ) -> Bool {
    if contains(link.hash) {
      use(link.hash)
      return false
    }
    guard bytes <= capacityBytes else {
      evicted.append(link)
      return false
    }
    while usedBytes + bytes > capacityBytes { evicted.append(removeOldest()) }
    usedBytes += bytes
    let entry = Entry(link: link, bytes: bytes)
    let index: Int32
    if let free = freeEntries.popLast() {
      index = free
      entries[Int(index)] = entry
    } else {
      index = Int32(entries.count)
      entries.append(entry)
    }
    table.insert(link.hash, index)
    chain(index)
    return true
  }

  private mutating func removeOldest() -> CachedLink {
    let index = oldest
    unchain(index)
    let entry = entries[Int(index)]
    table.remove(entry.link.hash)
    freeEntries.append(index)
    usedBytes -= entry.bytes
    return entry.link
  }

  private mutating func chain(_ index: Int32) {
    entries[Int(index)].older = newest
    entries[Int(index)].newer = -1
    if newest >= 0 { entries[Int(newest)].newer = index } else { oldest = index }
    newest = index
  }

  private mutating func unchain(_ index: Int32) {
    let (older, newer) = (entries[Int(index)].older, entries[Int(index)].newer)
    if older >= 0 { entries[Int(older)].newer = newer } else { oldest = newer }
    if newer >= 0 { entries[Int(newer)].older = older } else { newest = older }
  }
}
