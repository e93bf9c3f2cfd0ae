import EventKernel
import Serving

/// One passage of a micro-batch through its replica's stages, as one of its members saw it.
struct Traversal {
  /// The micro-batch.
  var number: Int64 = 0
  /// Tokens of this request in it, KV tokens before, and all tokens and members of the micro-batch.
  var tokens: Int64 = 0
  var before: Int64 = 0
  var batchTokens: Int64 = 0
  var members: Int64 = 0
  /// First step and return; nil while it had not begun or is not back.
  var begun: Nanoseconds?
  var done: Nanoseconds?
  var compute: Nanoseconds = 0
  var tensor: Nanoseconds = 0
  var expert: Nanoseconds = 0
  var host: Nanoseconds = 0
  var hops: Nanoseconds = 0
  /// The number of the token it made, if it made one.
  var token: Int64?

  /// Whether it only made the next token.
  var isDecode: Bool { tokens == 1 && (token ?? 0) > 1 }

  mutating func add(_ event: LoggedEvent) {
    switch event.kind {
    case .step:
      if begun == nil { begun = event.time }
      compute += event.c - event.d - event.e - event.f
      tensor += event.d
      expert += event.e
      host += event.f
    case .hop: hops += max(0, event.c)
    case .sent: hops += event.c + event.d
    case .done: done = event.time
    default: break
    }
  }

  /// The passages among a life's events, in order.
  static func all(in events: [LoggedEvent]) -> [Traversal] {
    var found: [Traversal] = []
    var form: LoggedEvent?
    for event in events {
      switch event.kind {
      case .form: form = event
      case .member:
        var traversal = Traversal()
        traversal.number = event.a
        traversal.tokens = event.c
        traversal.before = event.d
        traversal.batchTokens = form?.c ?? 0
        traversal.members = form?.e ?? 0
        found.append(traversal)
      case .step, .hop, .sent, .done:
        // Chunks that set out behind it may be there already.
        if let own = found.lastIndex(where: { $0.number == event.a }) { found[own].add(event) }
      case .token:
        if !found.isEmpty { found[found.count - 1].token = event.b }
      default: break
      }
    }
    return found
  }
}
