import Workload

@testable import Serving

/// A request's part in a drafted micro-batch; requests are numbered as they arrive, from 0.
struct Taken: Equatable {
  var request: Int
  var tokens: Int

  init(_ request: Int, _ tokens: Int) {
    self.request = request
    self.tokens = tokens
  }
}

/// One replica's engine and its policy; micro-batches go out and come back when the test says so.
struct HandDrivenEngine<Batching: BatchingPolicy> {
  var engine: EngineState
  var batching: Batching
  private var arrived: Int32 = 0
  private var inFlight: [[BatchMember]] = []
  private var isInOrder: [Bool] = []

  init(
    _ batching: Batching, blocks: Int = 1_000_000, blockTokens: Int = 1, stages: Int = 1,
    sharesPrefixes: Bool = false
  ) {
    self.batching = batching
    engine = EngineState(
      blockTokens: blockTokens, totalBlocks: blocks, stages: stages,
      sharesPrefixes: sharesPrefixes, overlapsChunks: batching.overlapsChunks)
  }

  /// Requests join the waiting line.
  mutating func arrive(
    _ count: Int = 1, prompt: Int32, output: Int32 = 100, content: PrefixBlocks = .unknown
  ) {
    for _ in 0..<count {
      engine.enqueue(request: arrived, prompt: prompt, output: output, content: content)
      arrived += 1
    }
  }

  /// Drafts one micro-batch and sends it out; none when the policy finds nothing to do.
  mutating func plan() -> [Taken] {
    engine.preempted = []
    engine.beginDraft()
    batching.plan(&engine)
    let taken = engine.draft.map { Taken(request(of: $0.sequence), Int($0.tokens)) }
    if !taken.isEmpty {
      var members: [BatchMember] = []
      isInOrder.append(engine.launch(&members))
      inFlight.append(members)
    }
    return taken
  }

  /// The oldest micro-batch comes back; who has all of its prefill gets a token or ends.
  mutating func complete() {
    var members = inFlight.removeFirst()
    for member in members { _ = engine.complete(member, rounds: 0) }
    engine.land(&members, isInOrder: isInOrder.removeFirst())
  }

  /// Drafts one micro-batch, which comes back at once.
  mutating func step() -> [Taken] {
    let taken = plan()
    if !taken.isEmpty { complete() }
    return taken
  }

  /// Requests that the last plan preempted, in that order.
  var preempted: [Int] { engine.preempted.map { request(of: $0) } }

  /// Requests that wait, from the front.
  var waiting: [Int] { engine.waiting.all.map { request(of: $0) } }

  /// Output tokens that a request has got.
  func generated(by number: Int) -> Int {
    engine.sequences.last { $0.request == Int32(number) }.map { Int($0.generated) } ?? 0
  }

  private func request(of slot: Int32) -> Int { Int(engine.sequences[Int(slot)].request) }
}
