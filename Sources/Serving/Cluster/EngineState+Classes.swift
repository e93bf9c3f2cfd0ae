/// Running sequences of low classes that make room for waiting ones of higher classes.
extension EngineState {
  /// Most classes that an engine tells apart; lower ones are one.
  static var mostClasses: Int { 8 }

  /// A sequence's class; 0 is the highest.
  func priorityClass(_ slot: Int32) -> Int { Int(waiting.ticket(slot).priorityClass) }

  /// Whether who is next is of a higher class than some running sequence.
  var mayMakeRoom: Bool {
    guard let next = waiting.first,
      let lowest = runningByClass.lastIndex(where: { $0 > 0 })
    else { return false }
    return priorityClass(next) < lowest
  }

  /// Preempts idle sequences of lower classes, the lowest first and of a class who came last, as far as
  /// those who wait need their places or blocks for the prompts of one plan.
  ///
  /// Nobody is preempted for someone who would get no room even so.
  ///
  /// - Parameters:
  ///   - maximumSequences: Most sequences that run at once.
  ///   - maximumTokens: Most tokens of a plan.
  mutating func makeRoom(maximumSequences: Int, maximumTokens: Int) {
    guard mayMakeRoom, let lowest = runningByClass.lastIndex(where: { $0 > 0 }) else { return }
    var favoured: [Int32] = []
    var room = Room(places: maximumSequences - runningCount, blocks: freeBlocks)
    var tokens = 0
    var (victims, candidates) = (0, 0)
    while tokens < maximumTokens, let next = waiting.first, priorityClass(next) < lowest {
      let wanted = min(Int(sequences[Int(next)].target), maximumTokens - tokens)
      room.places -= 1
      room.blocks -= blocks(forTokens: wanted)
      while room.isLacking, candidates < idle.count {
        let candidate = idle[idle.count - 1 - candidates]
        guard priorityClass(candidate) > priorityClass(next) else { break }
        room.places += 1
        room.blocks += Int(sequences[Int(candidate)].blocks)
        candidates += 1
      }
      if room.isLacking { break }
      victims = candidates
      tokens += wanted
      favoured.append(next)
      waiting.removeFirst(next, sequences[Int(next)])
    }
    for slot in favoured { waiting.prepend(slot, sequences[Int(slot)]) }
    for _ in 0..<victims { preempt(idle: idle.count - 1) }
  }

  /// What is left for who waits.
  private struct Room {
    var places: Int
    var blocks: Int

    var isLacking: Bool { places < 0 || blocks < 0 }
  }
}
