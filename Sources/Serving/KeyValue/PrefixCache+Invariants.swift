/// What must hold of a prefix cache.
extension PrefixCache {
  /// Stops the program with a sentence when the cache is not whole.
  ///
  /// - Parameters:
  ///   - free: Blocks nobody holds.
  ///   - slots: Sequences that have not ended.
  /// - Returns: Blocks that sequences use, each counted once.
  func checked(free: Int, slots: [Int32]) -> Int {
    var users = Array(repeating: Int32(0), count: links.count)
    for slot in slots {
      var (index, depth, blocks) = (holdings[Int(slot)].link, 0, 0)
      while index >= 0 {
        users[Int(index)] += 1
        depth += 1
        blocks += Int(links[Int(index)].blocks)
        index = links[Int(index)].parent
      }
      precondition(
        depth == holdings[Int(slot)].depth && blocks == holdings[Int(slot)].blocks,
        "a sequence knows its links")
    }
    let gone = Set(freeLinks)
    var (used, idle, idleCount) = (0, 0, 0)
    for index in links.indices where !gone.contains(Int32(index)) {
      precondition(links[index].users == users[index], "a link knows its users")
      precondition(table.find(links[index].hash) == index, "a link is found by its hash")
      if links[index].parent >= 0 {
        precondition(!gone.contains(links[index].parent), "a chain has no holes")
      }
      if users[index] > 0 { used += Int(links[index].blocks) } else { idleCount += 1 }
    }
    precondition(table.count == links.count - gone.count, "every hash has a link")
    var seen: Set<Int32> = []
    var index = oldest
    while index >= 0 {
      idle += Int(links[Int(index)].blocks)
      precondition(seen.insert(index).inserted && users[Int(index)] == 0, "idle links are a list")
      precondition(!seen.contains(links[Int(index)].parent), "the deepest link goes first")
      index = links[Int(index)].newer
    }
    precondition(seen.count == idleCount && idle == idleBlocks, "idle blocks are counted")
    precondition(idle <= free, "idle blocks are free")
    return used
  }
}
