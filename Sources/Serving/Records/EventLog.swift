public import EventKernel

/// What happened, for `--events`, for `explain` and for the accountant; in the order of a life.
///
/// `docs/events.md` has the same words in a table; a test compares the two.
public enum LoggedKind: UInt8, Sendable, CaseIterable {
  /// A link of the cluster, told before anything happens: a link, b kind (`ClusterLinkKind`), c its
  /// owner's index, d which of its owner's links of this kind, e bytes per second.
  case link
  /// a request, b workload, c prompt tokens, d output tokens, e model.
  case arrive
  /// a request, b reason (`RequestReason`).
  case reject
  /// A replica is asked for: a replica, b model, c GPUs of the most wanted plan.
  case demand
  /// The demand is given up: a replica.
  case withdraw
  /// GPUs are granted: a replica, b tensor, c stages, d KV blocks, e tokens of a block; with virtual
  /// stages f how many on each stage, g 1 where they fold back.
  case grant
  /// One GPU of the grant: a replica, b stage, c GPU.
  case device
  /// A link that the hops from a stage to the next one cross: a replica, b stage (as in `step`), c link,
  /// d GPUs of the stage that send over it.
  case route
  /// A shard, a part of one, or an image sets out in a cold start: a replica, b its GPU's place among the
  /// replica's devices, c way (2 fetch, 3 load, 5 image, 11 from the GPU of another replica, 12 from what the
  /// node's storage has kept; 13 KV blocks from a pipeline to its successor, b counting such transfers; 14 to
  /// the host of a replica that falls asleep, 15 from there as it wakes, 16 to there from storage), d bytes.
  case transfer
  /// A link that it crosses: a replica, b place, c way, d link.
  case transferLink
  /// It has arrived: a replica, b place, c way.
  case transferEnd
  /// It ends on its way: a replica, b place, c way, d bytes that have crossed the links.
  case transferCut
  /// Where a shard comes from, where that can differ: a replica, b place, c tier (`WeightTier`), d bytes,
  /// -1 of a peer that has it, since its parts tell.
  case found
  /// A phase of a cold start ends: a replica, b phase (0 container, 1 runtime, 2 fetch, 3 load, 4 node
  /// provisioning, 5 image, 6 process group, 7 engine init where others follow, 8 compile, 9 capture,
  /// 10 warm-up).
  case phase
  /// The replica takes work from now on: a replica, b 1 when it was up at the start, 2 when it has slept.
  case ready
  /// It falls asleep, and its weights go to host memory; or they are given up there and lie on storage only:
  /// a replica, b level (1, 2).
  case sleep
  /// It is to take work again: a replica.
  case wake
  /// It finishes what it has and takes nothing new: a replica.
  case drain
  /// It takes requests again: a replica.
  case resume
  /// An autoscaler that has a clock decides anew: a model, b requests that wait without a replica, c replicas
  /// ready, d starting or demanded, e draining, f wanted.
  case scale
  /// The replica that is asked for next is to be there before a request waits for it: a model.
  case preWarm
  /// The replica that is asked for next is to take over from another: a replica, b the other, c 1 on one of its
  /// stages' GPUs.
  case consolidate
  /// Others have taken over from it, and it takes nothing new: a replica.
  case retire
  /// A request leaves for what has taken over: a request, b replica it leaves, c replica it goes to, d KV
  /// tokens it has, e KV blocks it holds there, to which they move; 0: it computes them again.
  case move
  /// GPUs are given back: a replica.
  case release
  /// A request is sent to a replica: a request, b replica.
  case assign
  /// A request is admitted with tokens of the prefix cache: a request, b replica, c tokens.
  case cached
  /// A micro-batch is formed: a micro-batch, b replica, c tokens, d prefill tokens, e members.
  case form
  /// A member of it: a micro-batch, b request, c tokens, d KV tokens before, e KV blocks it holds.
  case member
  /// A step begins: a micro-batch, b stage, a virtual one where there are several, c total ns, d tensor,
  /// e expert communication ns, f host ns, g interference ns.
  case step
  /// A step ends: a micro-batch, b stage.
  case stepEnd
  /// A hop is scheduled: a micro-batch, b stage it leaves, c ns until it arrives, -1 where hops are flows
  /// and `sent` will tell, d bytes.
  case hop
  /// The last byte of a hop that is a flow has left: a micro-batch, b stage, c ns until it arrives, d ns
  /// since the hop.
  case sent
  /// A micro-batch is back at the engine: a micro-batch, b replica.
  case done
  /// Tokens appear: a request, b tokens generated so far.
  case token
  /// A request loses its KV cache: a request, b replica, c tokens it had.
  case preempt
  /// A preempted request's KV goes to swap space: a request, b replica, c tokens, d ns until it sets out,
  /// e ns on the way.
  case swapOut
  /// It comes back: a request, b replica, c tokens, d ns until it sets out, e ns on the way, f KV blocks
  /// it holds.
  case swapIn
  /// A request gets its first KV from tiers: a request, b replica, c tokens that it will have, d bytes,
  /// e ns until all of them are there, f KV blocks it holds.
  case fetch
  /// What a request swaps in or fetches is there: a request, b replica.
  case moved
  /// A request completes: a request.
  case finish
  /// The run ends with the request in the system: a request.
  case leftover
  /// A background tenant asks for GPUs: a tenant, b GPUs, c lifetime ns.
  case tenantDemand
  /// One GPU it is granted: a tenant, b GPU.
  case tenantDevice
  /// It leaves: a tenant.
  case tenantLeave
  /// The run ends.
  case end
}

extension LoggedKind {
  // Reflection is slow, and a log has millions of lines.
  private static let names = allCases.map { "\($0)" }

  /// The word that `--events` writes.
  public var name: String { Self.names[Int(rawValue)] }
}

/// One line of the event log: an instant, what happened, and up to seven numbers.
public struct LoggedEvent: Sendable, Hashable {
  /// When, in nanoseconds.
  public var time: Nanoseconds
  /// What happened; its doc says what the numbers are.
  public var kind: LoggedKind
  /// The numbers, unused ones 0.
  public var a: Int64
  /// The second number.
  public var b: Int64
  /// The third number.
  public var c: Int64
  /// The fourth number.
  public var d: Int64
  /// The fifth number.
  public var e: Int64
  /// The sixth number.
  public var f: Int64
  /// The seventh number.
  public var g: Int64

  /// Creates a line.
  public init(
    _ time: Nanoseconds, _ kind: LoggedKind, _ a: Int64 = 0, _ b: Int64 = 0, _ c: Int64 = 0,
    _ d: Int64 = 0, _ e: Int64 = 0, _ f: Int64 = 0, _ g: Int64 = 0
  ) {
    self.time = time
    self.kind = kind
    self.a = a
    self.b = b
    self.c = c
    self.d = d
    self.e = e
    self.f = f
    self.g = g
  }

  /// The line as `--events` writes it: time, kind, the seven numbers, separated by spaces.
  public var text: String { "\(time) \(kind.name) \(a) \(b) \(c) \(d) \(e) \(f) \(g)" }
}

/// A stage's idle time before a step, or before its replica had no work any more: why it was.
///
/// It follows from the log (`docs/bubbles.md`), which has no line for it.
public struct ToldBubble: Sendable, Hashable {
  /// The replica.
  public var replica: Int64
  /// The place of the stage in the pipeline.
  public var stage: Int64
  /// When it ended, in nanoseconds since the start of the run; it is as long as all of its parts.
  public var end: Nanoseconds
  /// Its causes.
  public var parts: BubbleParts
}

/// Where logged events go.
public protocol EventSink: AnyObject {
  /// Takes one event; times never decrease.
  func log(_ event: LoggedEvent)
  /// Takes why a stage was idle, once that is known: after it ended, and before its replica goes.
  ///
  /// Who does not want to know says so: passing it on must not be forgotten.
  func tell(_ bubble: ToldBubble)
}

/// Keeps every logged event in memory; for tests and `explain`.
public final class MemoryEventLog: EventSink {
  /// The events so far.
  public private(set) var events: [LoggedEvent] = []
  /// The bubbles so far, each with the number of events before it.
  public private(set) var bubbles: [(place: Int, bubble: ToldBubble)] = []

  /// Creates an empty log.
  public init() {}

  /// Keeps it.
  public func log(_ event: LoggedEvent) { events.append(event) }

  /// Keeps it.
  public func tell(_ bubble: ToldBubble) { bubbles.append((events.count, bubble)) }
}
