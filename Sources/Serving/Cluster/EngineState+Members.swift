/// Who holds blocks, and whose chunks are on their way.
extension EngineState {
  /// One of the `runningCount` sequences that hold blocks, in flight or not, in no order.
  public func runningSequence(_ index: Int) -> SequenceView {
    SequenceView(sequences[Int(holders[index])])
  }

  /// Members of the draft of whose prompts more is left stay idle, or become so.
  mutating func keepIdleWhoHasMore() {
    var admitted: [BatchMember] = []
    swap(&admitted, &newcomers)
    admitted.removeAll(keepingCapacity: true)
    for member in draft {
      let slot = Int(member.sequence)
      let isNew = sequences[slot].isNew
      sequences[slot].isNew = false
      if sequences[slot].isDecoding { continue }
      sequences[slot].isInFlight = false
      if isNew { admitted.append(member) } else { takenCount -= 1 }
      chunksAhead += 1
      sequencesInFlight -= 1
    }
    if !admitted.isEmpty { idle.comeBack(&admitted, inOrder: draftIsInOrder) }
    swap(&admitted, &newcomers)
  }

  /// Takes out members that have ended, and those that are idle already or in flight behind.
  mutating func removeThoseAway(_ members: inout [BatchMember]) {
    someStayAway = false
    var kept = 0
    for position in members.indices {
      let member = members[position]
      if sequences[Int(member.sequence)].hasEnded {
        freeSlots.append(member.sequence)
        runningCount -= 1
      } else if overlapsChunks, sequences[Int(member.sequence)].isPrefillOnItsWay {
        chunksAhead -= 1
        sequencesInFlight += 1
      } else {
        members[kept] = member
        kept += 1
      }
    }
    members.removeLast(members.count - kept)
  }

  /// Chunks of prefill have entered the draft.
  mutating func note(_ prefills: PrefillSums) {
    prefillingCount -= prefills.over
    prefillTokensLeft -= prefills.tokens
    decodeTokensLeft += prefills.decodeTokensLeft
  }

  /// A chunk of a sequence's prefill has entered the draft.
  mutating func noteChunk(_ slot: Int32, tokens: Int) {
    var prefills = PrefillSums()
    prefills.note(sequences[Int(slot)], tokens: tokens)
    note(prefills)
  }

  /// The number of the next admission; where classes matter, higher ones come before lower ones.
  mutating func nextAdmission(_ slot: Int32) -> Int32 {
    let number = admissions
    admissions += 1
    guard !runningByClass.isEmpty else { return number }
    let own = priorityClass(slot)
    runningByClass[own] += 1
    // Numbers start over after 2^28, far beyond those that an engine holds at once.
    let admission = Int32(own) << 28 | number & 0x0fff_ffff
    if let last = draft.last, sequences[Int(last.sequence)].admission > admission {
      draftIsInOrder = false
    }
    return admission
  }

  /// A sequence has got its first blocks.
  mutating func startHolding(_ slot: Int32) {
    holders.append(slot)
    sequences[Int(slot)].place = Int32(holders.count - 1)
    sequences[Int(slot)].isNew = true
    if sequences[Int(slot)].isDecoding {
      decodeTokensLeft += Int64(sequences[Int(slot)].tokensLeft)
    } else {
      prefillingCount += 1
      prefillTokensLeft += Int64(sequences[Int(slot)].prefillLeft)
    }
  }

  /// A sequence loses its blocks, or gives them back.
  mutating func stopHolding(_ slot: Int32) {
    let index = Int(slot)
    if sequences[index].isDecoding {
      decodeTokensLeft -= Int64(sequences[index].tokensLeft)
    } else {
      prefillingCount -= 1
      prefillTokensLeft -= Int64(sequences[index].prefillLeft)
    }
    let place = Int(sequences[Int(slot)].place)
    holders.swapAt(place, holders.count - 1)
    sequences[Int(holders[place])].place = Int32(place)
    holders.removeLast()
  }
}
