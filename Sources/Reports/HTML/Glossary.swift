import Serving

extension LatencyLabel {
  /// One line: when a request's time counts under this label.
  var meaning: String {
    switch self {
    case .allocationWait: "a replica was asked for, its GPUs were not granted yet"
    case .coldStart: "the GPUs were granted, the replica was not ready yet"
    case .queue: "waiting for the first step in any other way"
    case .pipelineWait:
      "begun, but on no stage: the stage was busy, another cohort's turn, or left out of a batch"
    case .compute: "on a stage, computing; every request of a batch gets the whole step"
    case .commTensor: "all-reduce and all-gather of tensor parallelism that nothing hides"
    case .commPipeline: "hops between pipeline stages, and the token's way back"
    case .commExpert: "all-to-all between experts that nothing hides"
    case .commKV: "key-value cache moved, fetched or swapped"
    case .preemption: "from losing the key-value cache until its tokens are regained"
    case .host: "launch, scheduler and sampler gaps of the host"
    }
  }
}

extension BubbleCause {
  /// One line: what an idle stage waited for.
  var meaning: String {
    switch self {
    case .shared: "its GPUs served another resident"
    case .hop: "the micro-batch it waited for spent that time between stages"
    case .host: "that micro-batch waited for the CPU on other stages, in a pipe that is not full"
    case .sampling: "the last stage takes longer than all others by LM head and sampler"
    case .partition: "the same micro-batch takes longer on another stage otherwise"
    case .prefill: "micro-batches are unequal by the prompts in them"
    case .cohort: "the requests sit in too few micro-batches, or in unequal ones"
    case .empty: "fewer requests than stages, or a pipe that fills and drains"
    }
  }
}

/// The words of the figures.
enum Glossary {
  static let figures: [(term: String, meaning: String)] = [
    ("TTFT", "time to first token: first token less arrival"),
    (
      "TPOT",
      "mean time per further token: (finish less first token) / (output tokens less one); requests "
        + "with one output token have none"
    ),
    ("e2e", "end-to-end: finish less arrival"),
    (
      "p50, p99",
      "nearest-rank percentiles over all counted requests; missed requests count as infinitely late"
    ),
    ("SLO met", "share of requests with an objective that met it; missed requests did not"),
    ("GPU-hours", "from grant to release, other tenants excluded"),
    ("GPU use", "busy time over granted time"),
    (
      "MFU",
      "model FLOPs utilisation: the model's operations over the GPUs' peak in the time of steps"
    ),
    (
      "MBU",
      "memory bandwidth utilisation: the bytes that steps must read at least over what the GPUs' "
        + "memory gives in that time"
    ),
    ("bubbles", "idle while the replica has work / (busy + exposed communication + idle so)"),
  ]
}
