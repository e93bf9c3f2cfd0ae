/// Running sequences of low classes that make room for waiting ones of higher classes.
extension EngineState {
  /// Most classes that an engine tells apart; lower ones are one.
  static var mostClasses: Int { 8 }

  /// A sequence's class; 0 is the highest.
  func priorityClass(_ slot: Int32) -> Int { Int(waiting.ticket(slot).priorityClass) }

  /// Whether who is next is of a higher class than some running sequence, and new.
  var mayMakeRoom: Bool { favoured != nil }

  /// Who is next, if lower classes make room for it.
  ///
  /// Only for who has not run yet: two who took each other's blocks in turn would never end.
  private var favoured: Int32? {
    guard let next = waiting.first, sequences[Int(next)].recoveryTarget == 0,
      let lowest = runningByClass.lastIndex(where: { $0 > 0 }), priorityClass(next) < lowest
    else { return nil }
    return next
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
    if !mayMakeRoom { return }
    var admitted: [Int32] = []
    var room = Room(places: maximumSequences - runningCount, blocks: admissibleBlocks)
    var tokens = 0
    var (victims, candidates) = ([Int](), 0)
    while tokens < maximumTokens, let next = favoured {
      let wanted = min(Int(sequences[Int(next)].target), maximumTokens - tokens)
      room.places -= 1
      room.blocks -= blocks(forTokens: wanted)
      var more: [Int] = []
      while room.isLacking, candidates < idle.count {
        let position = idle.count - 1 - candidates
        if priorityClass(idle[position]) <= priorityClass(next) { break }
        candidates += 1
        if sequences[Int(idle[position])].tokensInFlight > 0 { continue }
        // Whoever would go before it again would only take its place back.
        if waiting.ticket(idle[position]).place < waiting.ticket(next).place { continue }
        room.places += 1
        room.blocks += Int(sequences[Int(idle[position])].blocks)
        more.append(position)
      }
      if room.isLacking { break }
      victims += more
      tokens += wanted
      admitted.append(next)
      waiting.removeFirst(next, sequences[Int(next)])
    }
    for slot in admitted { waiting.prepend(slot, sequences[Int(slot)]) }
    for position in victims { preempt(idle: position) }
  }

  /// What is left for who waits.
  private struct Room {
    var places: Int
    var blocks: Int

    var isLacking: Bool { places < 0 || blocks < 0 }
  }
}
