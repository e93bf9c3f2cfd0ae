public import EventKernel

/// Requests of one workload over several models of which each has arrivals of its own: the workload's
/// process at the model's share of its rate.
public struct IndependentModels: RequestSource {
  /// The workload's name; with the model's place it names the random streams.
  public var name: String
  /// The traffic of all models together.
  public var traffic: DrawnTraffic
  /// The models and their shares.
  public var popularity: ModelPopularity
  /// Arrivals at or after this instant are not generated, in nanoseconds.
  public var duration: Nanoseconds

  /// Creates the requests of a workload.
  ///
  /// - Precondition: The popularity goes with the arrivals (`ModelPopularity.isFit`).
  public init(
    name: String, traffic: DrawnTraffic, popularity: ModelPopularity, duration: Nanoseconds
  ) {
    self.name = name
    self.traffic = traffic
    self.popularity = popularity
    self.duration = duration
  }

  /// A stream from the first request on.
  public func open(seed: UInt64) -> any RequestStream {
    let sources = popularity.models.indices.map { place -> any RequestSource in
      if popularity.shares[place] == 0 { return MergedRequests([]) }
      var own = traffic
      guard let arrivals = popularity.arrivals(traffic.arrivals, ofPlace: place) else {
        preconditionFailure("checked arrivals have a rate")
      }
      own.arrivals = arrivals
      return DrawnRequests(name: "\(name)/model/\(place)", traffic: own, duration: duration)
    }
    return IndependentStream(
      streams: MergedStream(sources.map { $0.open(seed: seed) }), models: popularity.models)
  }
}

/// One stream for each model, merged.
private struct IndependentStream: RequestStream {
  var streams: MergedStream
  let models: [Int32]
  /// Which of the streams sends to a model, by its index in the scenario.
  let places: [Int32: Int32]

  init(streams: MergedStream, models: [Int32]) {
    self.streams = streams
    self.models = models
    places = Dictionary(uniqueKeysWithValues: zip(models, models.indices.map { Int32($0) }))
  }

  var nextArrival: Nanoseconds? { streams.nextArrival }

  mutating func next() -> ArrivingRequest? {
    guard var request = streams.next() else { return nil }
    let place = Int(request.workload)
    request.model = models[place]
    // Sessions of different models are different ones.
    if request.session >= 0 {
      request.session = request.session * Int64(models.count) + Int64(place)
    }
    return request
  }

  var prefixBlocks: PrefixBlocks { streams.prefixBlocks }

  var contentBlocks: PrefixBlocks { streams.contentBlocks }

  mutating func ended(_ request: ArrivingRequest, isCompleted: Bool, at now: Nanoseconds) {
    guard let place = places[request.model] else { return }
    var own = request
    own.workload = place
    if own.session >= 0 { own.session /= Int64(models.count) }
    streams.ended(own, isCompleted: isCompleted, at: now)
  }

  var fault: StreamFault? { streams.fault }
}
