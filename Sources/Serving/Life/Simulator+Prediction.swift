import EventKernel
import Inference

/// When a request that arrives now would have its first token: what `reject-early` asks.
///
/// For the replica where that is soonest: the longer of two waits, then its own prompt, whose chunks follow
/// each other through the pipeline, or pass the whole of it one after the other, as the batching policy
/// has it. One wait is for a place and for blocks, at the pace at which
/// requests have been ending; the other for the prompts ahead, in steps of the token budget, one each
/// interval of the slowest stage, after half of one that is under way.
/// Beside them decode as many sequences as will at the middle of that time. Collectives and hops are priced
/// without other flows.
extension Simulator {
  /// The time to a request's first token, in nanoseconds; nil when no replica is ready.
  func predictedTTFT(_ slot: Int32, _ model: Int) -> Nanoseconds? {
    let prompt = Int(requests[Int(slot)].record.promptTokens)
    let ready = models[model].views.count
    var soonest: Nanoseconds?
    for view in models[model].views {
      var ahead = workload(of: view.replica)
      ahead.requests += (models[model].queue.count + ready - 1) / ready
      ahead.prefillTokens += Int(models[model].queuedTokens) / ready
      let time = predictedTTFT(prompt, behind: ahead, model, view.replica)
      soonest = min(soonest ?? time, time)
    }
    return soonest
  }

  /// What stands before a request at a replica.
  private struct WorkAhead {
    /// Requests, running ones included, and tokens of prompts that are not computed.
    var requests = 0
    var prefillTokens = 0
    /// Sequences that decode and their KV tokens.
    var decodes = 0
    var contextTokens = 0
    /// KV blocks: free and held ones.
    var freeBlocks = 0
    var heldBlocks = 0
  }

  private func workload(of replica: Int) -> WorkAhead {
    var ahead = WorkAhead()
    ahead.requests = Int(replicas[replica].outstanding)
    for engine in replicas[replica].engines {
      ahead.prefillTokens += Int(engines[engine].waitingPrefillTokens)
      ahead.freeBlocks += engines[engine].freeBlocks
      ahead.heldBlocks += engines[engine].totalBlocks - engines[engine].freeBlocks
      for sequence in engines[engine].sequences where sequence.blocks > 0 {
        if sequence.isDecoding {
          ahead.decodes += 1
          ahead.contextTokens += Int(sequence.computed)
        } else {
          ahead.prefillTokens += Int(sequence.target - sequence.computed)
        }
      }
    }
    return ahead
  }

  private func predictedTTFT(
    _ prompt: Int, behind ahead: WorkAhead, _ model: Int, _ replica: Int
  ) -> Nanoseconds {
    let served = models[model].meanServiceTime
    // Places come free one after the other, and blocks as those who hold them end.
    let missing = ahead.requests + 1 - sequencesAtOnce(replica)
    var wait: Nanoseconds = 0
    if missing > 0 { wait = served * Int64(missing) / Int64(sequencesAtOnce(replica)) }
    let tokens = ahead.prefillTokens + prompt
    let blocks = (tokens + scheduler.engine.blockTokens - 1) / scheduler.engine.blockTokens
    if blocks > ahead.freeBlocks, ahead.heldBlocks > 0 {
      let lacking = Int64(min(blocks - ahead.freeBlocks, ahead.heldBlocks))
      wait = max(wait, served * lacking / Int64(ahead.heldBlocks))
    }
    let first = prefillTime(prompt, behind: ahead, decodes: ahead.decodes, model, replica)
    // Of those who decode now, some will have ended by then; who is ahead will have begun.
    let half = min((max(wait, first.ahead) + first.own) / 2, served)
    let ended = served > 0 ? Int64(ahead.decodes) * half / served : 0
    let begun = max(0, ahead.requests - ahead.decodes)
    let decodes = min(ahead.decodes - Int(ended) + begun / 2, sequencesAtOnce(replica))
    let last = prefillTime(prompt, behind: ahead, decodes: decodes, model, replica)
    return max(wait, last.ahead) + last.own
  }

  /// The time of the prompts ahead, and of its own, beside so many decodes.
  private func prefillTime(
    _ prompt: Int, behind ahead: WorkAhead, decodes: Int, _ model: Int, _ replica: Int
  ) -> (ahead: Nanoseconds, own: Nanoseconds) {
    let count = Int(replicas[replica].stageCount)
    // Each micro-batch in flight holds its part of the sequences.
    let decodes = decodes / count
    let context = ahead.decodes > 0 ? ahead.contextTokens / ahead.decodes : 0
    let budget = max(1, scheduler.batching.maximumTokens - decodes)
    func pass(_ tokens: Int) -> (slowest: Nanoseconds, whole: Nanoseconds) {
      var shape = BatchShape.empty(
        window: scenario.models[model].architecture.effectiveWindow?.tokens ?? 0)
      if tokens > 0 { shape.addPrefill(chunk: tokens, prefix: 0, isLastChunk: true) }
      for _ in 0..<decodes { shape.addDecode(context: context) }
      if let draw = stepDraw(replica) {
        shape.drawnNanoseconds = nanoseconds(fromSeconds: draw.mean)
      }
      var (slowest, whole): (Nanoseconds, Nanoseconds) = (0, 0)
      for stage in Int(replicas[replica].firstStage)..<Int(replicas[replica].firstStage) + count {
        let time = pieces.cost(shape, at: Int(clocks[stage].pieces)).total
        slowest = max(slowest, time)
        whole += time
      }
      return (slowest, whole)
    }
    var time: Nanoseconds = 0
    if ahead.prefillTokens > 0 {
      let steps = (ahead.prefillTokens + budget - 1) / budget
      time += Int64(steps) * pass(min(ahead.prefillTokens, budget)).slowest
    }
    // A step is under way, of which half is left on average.
    if ahead.decodes > 0 { time += pass(0).slowest / 2 }
    let chunks = (prompt + budget - 1) / budget
    let chunk = pass((prompt + chunks - 1) / chunks)
    let interval = scheduler.batching.overlapsChunks ? chunk.slowest : chunk.whole
    return (time, Int64(chunks - 1) * interval + chunk.whole)
  }
}
