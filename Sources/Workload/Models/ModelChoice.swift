import EventKernel

/// Requests of one workload that ask for several models: a source of requests without a model, and the
/// model of each by its number or its client.
public struct ModelChoice: RequestSource {
  /// The workload's name, which names its random stream.
  public var name: String
  /// The requests.
  public var source: any RequestSource
  /// Which model each asks for.
  public var popularity: ModelPopularity

  /// Creates the requests of a workload; `independent` popularity has sources of its own
  /// (`IndependentModels`).
  public init(name: String, source: any RequestSource, popularity: ModelPopularity) {
    precondition(popularity.choice != .independent, "independent models have sources of their own")
    self.name = name
    self.source = source
    self.popularity = popularity
  }

  /// A stream from the first request on.
  public func open(seed: UInt64) -> any RequestStream {
    ModelChoiceStream(
      stream: source.open(seed: seed), popularity: popularity,
      draws: RandomStream(seed: seed, name: "workload/" + name + "/models"))
  }
}

/// A stream of which each request is given its model.
private struct ModelChoiceStream: RequestStream {
  var stream: any RequestStream
  let popularity: ModelPopularity
  let draws: RandomStream
  var count: UInt64 = 0

  var nextArrival: Nanoseconds? { stream.nextArrival }

  mutating func next() -> ArrivingRequest? {
    guard var request = stream.next() else { return nil }
    request.model = popularity.models[place(of: request)]
    count += 1
    return request
  }

  /// A conversation stays with its model, so its number is that of the draw.
  private func place(of request: ArrivingRequest) -> Int {
    let number = request.session >= 0 ? UInt64(request.session) : count
    if popularity.choice == .byClient { return Int(number % UInt64(popularity.models.count)) }
    var lane: UInt64 = 0
    while true {
      let place = popularity.shares.index(at: draws.uniform(at: number, lane: lane))
      guard let wave = popularity.wave else { return place }
      // By rejection: a model out of its time is drawn again, at most twice in the mean.
      let share = wave.share(ofPlace: place, among: popularity.models.count, at: request.arrival)
      if draws.uniform(at: number, lane: lane + 1) < share { return place }
      lane += 2
    }
  }

  var prefixBlocks: PrefixBlocks { stream.prefixBlocks }

  var contentBlocks: PrefixBlocks { stream.contentBlocks }

  mutating func ended(_ request: ArrivingRequest, isCompleted: Bool, at now: Nanoseconds) {
    stream.ended(request, isCompleted: isCompleted, at: now)
  }

  var fault: StreamFault? { stream.fault }
}
