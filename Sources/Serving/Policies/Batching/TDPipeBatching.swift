import EventKernel
import Inference

/// TD-Pipe's temporal disaggregation: a phase of prompts alone, then a phase of decodes alone.
///
/// In the first phase whole prompts are admitted greedily, until the KV cache would overflow at some
/// later time if every request generated as much as is predicted. In the second, everybody decodes in p
/// equal micro-batches: a plan takes an equal share of all from those that are idle, whichever
/// micro-batch they came from (work stealing). It ends when decoding has lost more of its intensity,
/// with fewer and fewer sequences, than one phase of prompts would lose to the bubble of its
/// beginning and end. Made for machines whose GPUs are joined by PCIe, and for throughput: a request may
/// wait for a whole phase.
public struct TDPipeBatching: BatchingPolicy {
  /// `td-pipe`.
  public static let name = "td-pipe"
  /// One line for help.
  public static let summary = "a phase of prompts until the KV cache is spoken for, one of decodes"
  /// The rule's origin.
  public static let source = "TD-Pipe (Zhang et al., 2025, arXiv 2506.10470; MLSysU/TD-Pipe)"
  /// `maxBatchedTokens`, `maxSequences`, `peakBatch`, `predictedShare`, `predictor`,
  /// `predictedOutput`, `predictionError`, `depth`.
  public static let options = [
    OptionDescription(
      "maxBatchedTokens", .integer(1...1_048_576), default: .integer(2048),
      "tokens of a micro-batch of prompts; a longer prompt goes alone"),
    OptionDescription(
      "maxSequences", .integer(1...65_536), default: .integer(1024), "requests running at once"),
    OptionDescription(
      "peakBatch", .integer(1...4096), default: .integer(192),
      "decodes of a micro-batch from which intensity is full"),
    OptionDescription(
      "predictedShare", .number(0.01...1), default: .number(0.9),
      "share of the KV blocks up to which prompts are admitted, by prediction"),
    OptionDescription(
      "predictor", .choice(["oracle", "constant"]), default: .choice("oracle"),
      "what is known of a request's output: its length, or a length for all"),
    OptionDescription(
      "predictedOutput", .integer(1...1_048_576), default: .integer(256),
      "that length; tokens"),
    OptionDescription(
      "predictionError", .number(0...1), default: .number(0),
      "largest relative error of a prediction; errors are uniform"),
    OptionDescription.depth,
  ]

  /// Requests running at once.
  public let maximumSequences: Int
  /// Tokens of a micro-batch of prompts.
  public let maximumTokens: Int
  private let peakBatch: Int
  private let predictedShare: Double
  private let predictor: OutputPredictor
  private let fixedDepth: Int?
  /// The phase, and the micro-batches of decodes since it began.
  private(set) var isPrefilling = true
  private var shares = DealtShares()
  /// KV blocks at some later times, by prediction.
  private var forecast: BlockForecast
  /// Nanoseconds of the slowest stage: by decodes, from 1, and by the length of a prompt.
  private var decodeTimes: [Double] = []
  private var promptTimes: [(tokens: Int, time: Double)] = []

  /// Reads the checked options.
  public init(_ values: OptionValues) {
    maximumTokens = values.integer("maxBatchedTokens")
    maximumSequences = values.integer("maxSequences")
    peakBatch = values.integer("peakBatch")
    predictedShare = values.number("predictedShare")
    predictor = OutputPredictor(
      constant: values.choice("predictor") == "constant" ? values.integer("predictedOutput") : nil,
      error: values.number("predictionError"))
    fixedDepth = values.optionalInteger("depth")
    forecast = BlockForecast(blockTokens: 1)
  }

  /// One micro-batch per stage unless the scenario says otherwise.
  public func depth(stages: Int) -> Int { fixedDepth ?? stages }

  /// A micro-batch is formed as soon as one may set out.
  public var waitsForOldest: Bool { false }

  /// Who waits is admitted in a phase of prompts alone.
  public var admitsWhileRunning: Bool { false }

  /// Tabulates the times of decodes and prompts on the slowest stage.
  public mutating func prepare(_ facts: EngineFacts) {
    decodeTimes = (1...peakBatch).map {
      Double(facts.slowestStage(.decode(sequences: $0, contextTokens: $0)))
    }
    var tokens = 1
    while tokens < facts.contextTokens {
      promptTimes.append((tokens, Double(facts.slowestStage(.prefill(chunk: tokens)))))
      tokens *= 2
    }
    promptTimes.append((tokens, Double(facts.slowestStage(.prefill(chunk: tokens)))))
  }

  /// Prompts or decodes, as the phase is; with no prompt that fits, the phase is over.
  public mutating func plan(_ engine: inout EngineState) {
    if isPrefilling {
      if engine.waitingCount > 0, !isSpokenFor(engine) { prefill(&engine) }
      if !engine.isDraftEmpty { return }
      isPrefilling = false
      shares.restart(stages: engine.stages)
    } else if engine.waitingCount > 0, shouldPrefill(engine) {
      isPrefilling = true
      forecast = forecast(engine)
      prefill(&engine)
      if !engine.isDraftEmpty { return }
      isPrefilling = false
    }
    decode(&engine)
  }

  /// In a phase of decodes with one micro-batch for each stage, everybody's share in flight; who waits
  /// must not be able to end the phase.
  public func repeats(_ engine: EngineView) -> Bool {
    let (running, stages) = (engine.runningCount, engine.stages)
    return !isPrefilling && depth(stages: stages) == stages
      && (engine.waitingCount == 0 || running / stages >= peakBatch)
      && shares.repeats(engine) { share(of: running, stages, turn: $0) }
  }

  /// So many more micro-batches of decodes.
  public mutating func skip(plans: Int) { shares.skip(plans) }

  /// Whole prompts up to the budget, and what they are predicted to hold.
  private mutating func prefill(_ engine: inout EngineState) {
    if engine.runningCount == 0 { forecast = BlockForecast(blockTokens: engine.blockTokens) }
    var left = maximumTokens
    while engine.runningCount < maximumSequences, let next = engine.nextWaiting,
      next.wantedTokens <= left || engine.isDraftEmpty
    {
      guard engine.admit(tokens: next.wantedTokens) else { return }
      forecast.add(
        tokens: next.computed + next.wantedTokens, growing: predictor.tokensLeft(of: next))
      left -= next.wantedTokens
    }
  }

  /// An equal share of all who run, from those that are idle.
  private mutating func decode(_ engine: inout EngineState) {
    var budget = DraftBudget(
      tokens: .max, decodes: share(of: engine.runningCount, engine.stages, turn: shares.turn))
    let rule = RunningFirst(maximumSequences: maximumSequences)
    _ = rule.takeRunning(&engine, budget: &budget)
    if !engine.isDraftEmpty { shares.deal(engine.draft.count, stages: engine.stages) }
  }

  /// The p-th part of all who run; one more in the first turns where that leaves a rest.
  private func share(of running: Int, _ stages: Int, turn: Int) -> Int {
    max(1, running / stages + (turn % stages < running % stages ? 1 : 0))
  }

  private func isSpokenFor(_ engine: EngineState) -> Bool {
    engine.runningCount > 0
      && Double(forecast.peak) >= predictedShare * Double(engine.totalBlocks)
  }

  /// What those that run will hold, by prediction.
  private func forecast(_ engine: EngineState) -> BlockForecast {
    var forecast = BlockForecast(blockTokens: engine.blockTokens)
    for index in 0..<engine.runningCount {
      let sequence = engine.runningSequence(index)
      forecast.add(tokens: sequence.computed, growing: predictor.tokensLeft(of: sequence))
    }
    return forecast
  }

  /// Whether decoding has become less intense than a phase of prompts would be; asked once in p
  /// micro-batches.
  private func shouldPrefill(_ engine: EngineState) -> Bool {
    if engine.runningCount == 0 { return true }
    guard shares.turn % engine.stages == 0 else { return false }
    let batch = engine.runningCount / engine.stages
    if batch >= peakBatch { return false }
    return intensity(decodes: batch) < intensity(ofPrefills: engine)
  }

  /// Sequences per time of a micro-batch of decodes, over that of the peak.
  func intensity(decodes batch: Int) -> Double {
    guard batch > 0 else { return 0 }
    guard let peak = decodeTimes.last, peak > 0, decodeTimes[batch - 1] > 0 else {
      return Double(batch) / Double(peakBatch)
    }
    return Double(batch) / decodeTimes[batch - 1] / (Double(peakBatch) / peak)
  }

  /// The share of a phase of prompts that is not bubble, for prompts like those that wait and as many as
  /// will fit; 0 when none is predicted to fit.
  private func intensity(ofPrefills engine: EngineState) -> Double {
    guard let next = engine.nextWaiting else { return 0 }
    let length = Int(engine.waitingPrefillTokens) / engine.waitingCount
    let limit = Int(predictedShare * Double(engine.totalBlocks)) - forecast(engine).peak
    let each = engine.blocks(forTokens: length + predictor.tokensLeft(of: next))
    let count = min(
      engine.waitingCount, maximumSequences - engine.runningCount, limit / max(1, each))
    guard count > 0 else { return 0 }
    let time = promptTime(length)
    let others = Double(engine.stages - 1)
    let decodes = min(peakBatch, max(1, (engine.runningCount + count) / engine.stages))
    let decodeTime = decodeTimes.isEmpty ? 0 : decodeTimes[decodes - 1]
    let phase = Double(count) * time + time * others
    return phase > 0 ? (phase - max(0, time - decodeTime) * others) / phase : 1
  }

  /// A straight line between the tabulated lengths.
  private func promptTime(_ tokens: Int) -> Double {
    guard let upper = promptTimes.firstIndex(where: { $0.tokens >= tokens }) else {
      return promptTimes.last?.time ?? 0
    }
    if upper == 0 { return promptTimes[0].time }
    let (low, high) = (promptTimes[upper - 1], promptTimes[upper])
    let share = Double(tokens - low.tokens) / Double(high.tokens - low.tokens)
    return low.time + share * (high.time - low.time)
  }
}
