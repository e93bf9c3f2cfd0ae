/// The sequences of an engine that hold blocks and are in no micro-batch, in order of admission.
///
/// A plan touches those whose state changes: who comes back is taken over or merged, who is taken leaves
/// from the front or from between, and the others stay where they are.
struct IdleLine: Sendable {
  /// Members of micro-batches that are back; their tokens mean nothing any more.
  private var members: [BatchMember] = []
  private var head = 0
  /// Those who have come back since the last plan, and whether they are in order of admission.
  private var returned: [BatchMember] = []
  private var returnedInOrder = true

  var count: Int { members.count - head }

  @inline(__always)
  subscript(position: Int) -> Int32 { members[head + position].sequence }

  /// Appends some of them, from a position on, to members of a draft, whatever their tokens.
  @inline(__always)
  func append(from position: Int, atMost most: Int, to draft: inout [BatchMember]) {
    let end = position + min(count - position, max(0, most))
    if position < end { draft.append(contentsOf: members[head + position..<head + end]) }
  }

  /// The members of a micro-batch come back, ended ones left out; what `back` holds afterwards is
  /// storage.
  mutating func comeBack(_ back: inout [BatchMember], inOrder: Bool) {
    if returned.isEmpty {
      swap(&returned, &back)
      returnedInOrder = inOrder
    } else {
      returned.append(contentsOf: back)
      returnedInOrder = false
    }
  }

  /// A sequence that was in no micro-batch joins.
  mutating func join(_ slot: Int32) {
    returnedInOrder = returned.isEmpty
    returned.append(BatchMember(sequence: slot, tokens: 0))
  }

  /// Whoever has come back since the last plan takes its place among the idle ones.
  mutating func settle(_ sequences: [SequenceState]) {
    guard let first = returned.first else { return }
    var isInOrder = returnedInOrder
    if count == 0 {
      if !members.isEmpty { members.removeAll(keepingCapacity: true) }
      head = 0
      swap(&members, &returned)
    } else {
      let last = Int(members[members.count - 1].sequence)
      if sequences[last].admission > sequences[Int(first.sequence)].admission { isInOrder = false }
      members.append(contentsOf: returned)
      returned.removeAll(keepingCapacity: true)
    }
    if !isInOrder {
      members[head...].sort {
        sequences[Int($0.sequence)].admission < sequences[Int($1.sequence)].admission
      }
    }
  }

  /// Removes the sequence at a position.
  mutating func remove(at position: Int) -> Int32 {
    members.remove(at: head + position).sequence
  }

  /// Those who have been taken into the draft leave; all of them lie in a range of positions.
  mutating func removeTaken(in range: Range<Int>, count taken: Int, _ sequences: [SequenceState]) {
    if taken == count {
      members.removeAll(keepingCapacity: true)
      head = 0
    } else if range.lowerBound == 0, taken == range.count {
      head += taken
      // Room in front is reclaimed once it is the larger part.
      if head * 2 > members.count {
        members.removeFirst(head)
        head = 0
      }
    } else if taken > 0 {
      var kept = head + range.lowerBound
      for place in head + range.lowerBound..<head + range.upperBound
      where !sequences[Int(members[place].sequence)].isInFlight {
        members[kept] = members[place]
        kept += 1
      }
      members.removeSubrange(kept..<head + range.upperBound)
    }
  }

  /// The slots of all of them, those who have just come back included; for checks.
  var all: [Int32] { (members[head...] + returned).map(\.sequence) }
}
