/// The sequences of an engine that hold no blocks, first come first served; preempted ones in front.
struct WaitingLine: Sendable {
  private var slots = RingQueue()
  /// Tokens that those who wait must prefill before they decode, together.
  private(set) var prefillTokens: Int64 = 0

  var isEmpty: Bool { slots.isEmpty }
  var count: Int { slots.count }

  /// The slot of who is next; nil when nobody waits.
  var first: Int32? { slots.first }

  /// A sequence joins at the end.
  mutating func append(_ slot: Int32, _ sequence: SequenceState) {
    slots.append(slot)
    prefillTokens += Int64(sequence.target)
  }

  /// A sequence that lost its blocks joins in front.
  mutating func prepend(_ slot: Int32, _ sequence: SequenceState) {
    slots.prepend(slot)
    prefillTokens += Int64(sequence.target)
  }

  /// Who is next leaves the line.
  mutating func removeFirst(_ sequence: SequenceState) {
    _ = slots.popFirst()
    prefillTokens -= Int64(sequence.target)
  }

  /// The slot at a position from the front.
  subscript(position: Int) -> Int32 { slots[position] }
}
