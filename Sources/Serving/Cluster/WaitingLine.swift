/// The sequences of an engine that hold no blocks, and who of them goes first.
struct WaitingLine: Sendable {
  private var line: ServiceLine
  /// What orders each sequence, by slot; empty where they go in order of arrival.
  private var tickets: [QueueTicket] = []
  /// What tenants have been served, while the engine plans; nothing where that does not matter.
  var counters = TokenCounters()
  /// Tokens that those who wait must prefill before they decode, together.
  private(set) var prefillTokens: Int64 = 0

  init(_ order: QueueOrder = .arrival) { line = ServiceLine(order) }

  var isEmpty: Bool { line.isEmpty }
  var count: Int { line.count }

  /// The slot of who is next; nil when nobody waits.
  @inline(__always)
  var first: Int32? { line.first(counters.served) }

  /// Whether what tenants have been served decides who is next.
  var hasChoice: Bool { line.hasChoice }

  /// The slots of those who may be next before the engine plans again.
  var heads: [Int32] { line.heads }

  /// The slots of all in order, tenant after tenant; for checks.
  var all: [Int32] { line.all }

  /// What orders a sequence.
  @inline(__always)
  func ticket(_ slot: Int32) -> QueueTicket {
    line.order == .arrival ? QueueTicket() : tickets[Int(slot)]
  }

  /// A sequence joins those who wait.
  mutating func append(_ slot: Int32, _ sequence: SequenceState, _ ticket: QueueTicket) {
    keep(ticket, of: slot)
    line.append(slot, ticket)
    prefillTokens += Int64(sequence.target)
  }

  /// Keeps what orders a sequence, should it ever wait.
  mutating func keep(_ ticket: QueueTicket, of slot: Int32) {
    if line.order == .arrival { return }
    while tickets.count <= Int(slot) { tickets.append(QueueTicket()) }
    tickets[Int(slot)] = ticket
  }

  /// A sequence that lost its blocks joins in front of those that go by arrival as it does.
  mutating func prepend(_ slot: Int32, _ sequence: SequenceState) {
    let ticket = ticket(slot)
    line.prepend(slot, ticket)
    if counters.isUsed { counters.preempt(ticket.tenant) }
    prefillTokens += Int64(sequence.target)
  }

  /// Who is next leaves the line.
  mutating func removeFirst(_ slot: Int32, _ sequence: SequenceState) {
    line.removeFirst(slot)
    if counters.isUsed {
      let tenant = ticket(slot).tenant
      // Whoever computes its tokens again has been charged for its prompt.
      if sequence.recoveryTarget > 0 {
        counters.readmit(tenant)
      } else {
        counters.admit(tenant, prompt: sequence.prompt)
      }
    }
    prefillTokens -= Int64(sequence.target)
  }
}
