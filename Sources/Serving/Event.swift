import EventKernel

/// Everything that can happen, in the order of a request's life; the raw value is the rank.
///
/// Order of events: (time, rank, entity, argument). GPUs come free and steps end before demands are
/// placed, demands before arrivals, arrivals before autoscalers decide and batches are formed: so a decision at an instant
/// sees everything that ended at that instant.
enum EventKind: UInt8 {
  /// A request arrives (entity 0). Simulator+Arrival
  case arrival = 11
  /// Demands for GPUs are tried, oldest first (entity 0). Simulator+Allocation
  case allocate = 10
  /// A phase of a cold start ends (entity replica, argument phase). Simulator+ColdStart. Or multicasts begin
  /// with all who came for weights at this instant (entity `multicastEntity`). Simulator+Multicast
  case phaseEnd = 7
  /// Transfers of weights and images end (entity 0, argument epoch of the network). Simulator+Weights
  case flowsEnd = 5
  /// KV blocks of a sequence have arrived (entity engine, argument sequence). Simulator+Moves
  case moveEnd = 6
  /// The clock of a model's autoscaler strikes (entity model, argument epoch). Simulator+Ticks
  case tick = 12
  /// A replica forms batches (entity replica). Simulator+Dispatch
  case dispatch = 13
  /// A step ends on a stage (entity stage). Simulator+Step, or a passage of one stage ends (argument
  /// epoch of the replica). Passage
  case stepEnd = 2
  /// A micro-batch reaches the next stage (entity that stage). Simulator+Step
  case hopArrival = 3
  /// A micro-batch is back at the engine (entity last stage). Simulator+Completion, or Passage
  /// (argument epoch of the replica)
  case batchReturn = 4
  /// An idle replica's time is up (entity replica, argument epoch), or a model is due to be pre-warmed
  /// (entity `preWarmEntity` and the model, argument epoch). Simulator+KeepAlive
  case keepAlive = 8
  /// A dozing replica looks for its next change (entity replica, argument epoch). Simulator+Doze
  case wake = 0
  /// A background tenant leaves (entity tenant). Simulator+Background
  case tenantLeave = 1
  /// A background tenant asks for GPUs (entity tenant). Simulator+Background
  case tenantDemand = 9
  /// The system's state is sampled (entity 0). Simulator+Sampling
  case sample = 14
}

/// One event: its kind, whom it concerns, and a small argument; packed into the queue's 64 bits.
struct Event {
  var kind: EventKind
  var entity: Int32
  var argument: UInt32 = 0

  /// Rank in the top 4 bits, entity in the next 28, argument in the low 32.
  @inline(__always)
  var packed: UInt64 {
    UInt64(kind.rawValue) &<< 60 | UInt64(truncatingIfNeeded: entity) &<< 32 | UInt64(argument)
  }

  @inline(__always)
  init(_ kind: EventKind, _ entity: Int32, _ argument: UInt32 = 0) {
    self.kind = kind
    self.entity = entity
    self.argument = argument
  }

  @inline(__always)
  init(packed: UInt64) {
    // Only packed events enter the queue, so the rank is always one of the cases.
    kind = EventKind(rawValue: UInt8(truncatingIfNeeded: packed &>> 60)) ?? .sample
    entity = Int32(truncatingIfNeeded: packed &>> 32 & 0x0fff_ffff)
    argument = UInt32(truncatingIfNeeded: packed)
  }
}
