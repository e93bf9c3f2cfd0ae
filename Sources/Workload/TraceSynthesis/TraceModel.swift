import EventKernel

/// A trace reduced to what it takes to draw others like it: no request of it is kept.
public struct TraceModel: Sendable, Hashable {
  /// How requests arrive.
  public let arrivals: ArrivalModel
  /// Both ways of arriving that were tried, and how close each came.
  public let candidates: [ArrivalCandidate]
  /// How conversations go on and what prompts share.
  let conversations: ConversationModel
  /// All prompt lengths.
  let prompt: QuantileTable
  /// All output lengths.
  let output: QuantileTable
  /// The correlation of the Gaussian copula that joins the two.
  public let dependence: Double
  /// The longest prompt in tokens.
  let longestPrompt: Int64
  /// Requests of the trace that it was fitted to.
  public let requests: Int64

  /// The share of requests that continue a conversation, from 0 to 1.
  public var followShare: Double { conversations.followShare }

  /// Tokens of a block of the prompts; 0 when nothing is known about their content.
  public var tokensPerBlock: Int32 { conversations.tokensPerBlock }
}

/// Learns a model from a trace in a second pass.
public struct TraceFitter {
  private let survey: TraceSurvey
  private var arrivals: ArrivalFitter
  private var conversations = ConversationFitter()

  /// A fitter of the trace that the survey has seen.
  public init(_ survey: TraceSurvey) {
    self.survey = survey
    arrivals = ArrivalFitter(survey)
  }

  /// Takes the next request; the same ones in the same order as the survey.
  public mutating func add(_ request: ArrivingRequest, blocks: PrefixBlocks = .unknown) {
    arrivals.add(request.arrival - survey.statistics.firstArrival)
    conversations.add(request, blocks)
  }

  /// The model, when all requests are in.
  public mutating func finish() -> TraceModel {
    let (model, candidates) = arrivals.finish()
    let statistics = survey.statistics
    return TraceModel(
      arrivals: model, candidates: candidates, conversations: conversations.finish(),
      prompt: QuantileTable(statistics.prompt), output: QuantileTable(statistics.output),
      dependence: min(1, max(-1, statistics.pairs.normalScore ?? 0)),
      longestPrompt: statistics.prompt.maximum, requests: statistics.requests)
  }
}
