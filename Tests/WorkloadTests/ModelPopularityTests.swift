import EventKernel
import Testing

@testable import Workload

@Suite("Requests of one workload that ask for several models")
struct ModelPopularityTests {
  private func stream(
    _ popularity: ModelPopularity, _ arrivals: ArrivalProcess, seconds: Double, name: String = "w",
    sessions: SessionSpecification? = nil
  ) -> any RequestStream {
    var traffic = traffic(arrivals)
    traffic.sessions = sessions
    return DrawnRequests.source(
      name: name, traffic: traffic, popularity: popularity,
      duration: nanoseconds(fromSeconds: seconds)
    ).open(seed: 7)
  }

  private func all(_ stream: any RequestStream) -> [ArrivingRequest] {
    var stream = stream
    var requests: [ArrivingRequest] = []
    while let request = stream.next() { requests.append(request) }
    return requests
  }

  /// Requests of each of `count` models.
  private func counts(_ requests: [ArrivingRequest], _ count: Int) -> [Double] {
    var counts = [Double](repeating: 0, count: count)
    for request in requests { counts[Int(request.model)] += 1 }
    return counts
  }

  @Test("Zipf's law: the k-th model has k^-s of the requests", arguments: [0, 0.8, 1, 2])
  func zipf(exponent: Double) {
    let weights = ModelPopularity.zipfWeights(20, exponent: exponent)
    let popularity = ModelPopularity(models: (0..<20).map { Int32($0) }, weights: weights)
    let requests = all(
      stream(popularity, .renewal(gapSeconds: .exponential(mean: 0.01)), seconds: 400))
    let counts = counts(requests, 20)
    let total = weights.reduce(0, +)
    // Pearson's statistic with 19 degrees of freedom is below 43.8 with probability 0.999.
    let statistic = zip(counts, weights).reduce(0.0) { sum, pair in
      let expected = Double(requests.count) * pair.1 / total
      return sum + (pair.0 - expected) * (pair.0 - expected) / expected
    }
    #expect(requests.count > 38_000)
    #expect(statistic < 43.8)
    #expect(abs(weights[4] - DeterministicMath.pow(5, -exponent)) < 1e-15)
  }

  @Test("Joint demand leaves arrivals and lengths as they are; only the models are added")
  func jointKeepsArrivals() {
    let process = ArrivalProcess.renewal(gapSeconds: .gamma(mean: 0.1, cv: 4))
    let popularity = ModelPopularity(models: [3, 1], weights: [1, 1])
    let plain = requests(traffic(process), seconds: 100, seed: 7)
    var chosen = all(stream(popularity, process, seconds: 100))
    #expect(Set(chosen.map(\.model)) == [1, 3])
    for index in chosen.indices { chosen[index].model = -1 }
    #expect(chosen == plain)
  }

  @Test("Independent demand: each model has its share of the rate and bursts of its own")
  func independent() {
    let process = ArrivalProcess.renewal(gapSeconds: .gamma(mean: 0.01, cv: 5))
    func windows(_ choice: ModelPopularity.Choice) -> (shares: [Double], correlation: Double) {
      let popularity = ModelPopularity(models: [0, 1], weights: [3, 1], choice: choice)
      let requests = all(stream(popularity, process, seconds: 1_000))
      let times = (0..<2).map { model in
        requests.filter { $0.model == model }.map { Double($0.arrival) / 1e9 }
      }
      let rows = times.map { WorkloadTests.counts($0, width: 1, 1_000) }
      let means = rows.map { $0.reduce(0, +) / 1_000 }
      let covariance = zip(rows[0], rows[1]).reduce(0) {
        $0 + ($1.0 - means[0]) * ($1.1 - means[1])
      }
      let spreads = zip(rows, means).map { row, mean in
        row.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
      }
      return (means, covariance / (spreads[0] * spreads[1]).squareRoot())
    }
    let (joint, independent) = (windows(.drawn), windows(.independent))
    #expect(abs(joint.shares[0] / joint.shares[1] - 3) < 0.15)
    #expect(abs(independent.shares[0] / 75 - 1) < 0.1)
    #expect(abs(independent.shares[1] / 25 - 1) < 0.1)
    // Windows of 1 s: a shared gamma process has bursts in common, two of their own have none; of
    // 1,000 independent windows the correlation's standard deviation is 0.03.
    #expect(joint.correlation > 0.8)
    #expect(abs(independent.correlation) < 0.13)
  }

  @Test("A wave: each model's demand peaks a step later, and the workload's rate stays the same")
  func wave() {
    let wave = DemandWave(amplitude: 0.9, period: 100_000_000_000)
    let process = ArrivalProcess.renewal(gapSeconds: .exponential(mean: 0.005))
    for choice in [ModelPopularity.Choice.drawn, .independent] {
      let popularity = ModelPopularity(
        models: [0, 1, 2, 3], weights: [1, 1, 1, 1], choice: choice, wave: wave)
      let requests = all(stream(popularity, process, seconds: 400))
      #expect(abs(Double(requests.count) / 80_000 - 1) < 0.02)
      for model in 0..<4 {
        // A quarter of the period about the peak, and about the trough: the mean of 1 ± 0.9 cos over
        // a quarter period is 1 ± 0.9 · sin(π/4)/(π/4) = 1 ± 0.8103.
        func count(around turn: Double) -> Double {
          Double(
            requests.count {
              let turns = Double($0.arrival) / 100e9 - turn
              let distance = abs(turns - turns.rounded())
              return $0.model == model && distance < 0.125
            })
        }
        let peak = count(around: Double(model) / 4)
        let trough = count(around: Double(model) / 4 + 0.5)
        #expect(abs(peak / (5_000 * 1.8103) - 1) < 0.06)
        #expect(abs(trough / (5_000 * 0.1897) - 1) < 0.15)
      }
    }
  }

  @Test("All turns of a conversation ask for one model, whatever the demand")
  func sessions() {
    let turns = LengthDistribution(distribution: .constant(3))
    let specification = SessionSpecification(
      turns: turns, thinkSeconds: .constant(1), contextLimit: 1_000)
    for choice in [ModelPopularity.Choice.drawn, .independent, .byClient] {
      let popularity = ModelPopularity(
        models: (0..<5).map { Int32($0) }, weights: [1, 1, 1, 1, 1], choice: choice)
      var stream = stream(
        popularity, .renewal(gapSeconds: .exponential(mean: 0.5)), seconds: 60,
        sessions: specification)
      var models: [Int64: Set<Int32>] = [:]
      var turnsSeen: [Int64: Int] = [:]
      while let request = stream.next() {
        models[request.session, default: []].insert(request.model)
        turnsSeen[request.session, default: 0] += 1
        stream.ended(request, isCompleted: true, at: request.arrival + 1_000)
      }
      #expect(models.values.allSatisfy { $0.count == 1 })
      #expect(Set(models.values.flatMap { $0 }).count == 5)
      // Sessions that begin early enough have all of their turns.
      #expect(turnsSeen.values.count { $0 == 3 } > 90)
      #expect(turnsSeen.values.allSatisfy { $0 <= 3 })
    }
  }

  @Test("The race's winner is always the earliest time, the first of equal ones", arguments: 1...9)
  func race(count: Int) {
    let draws = RandomStream(seed: UInt64(count), name: "race")
    var times = [Nanoseconds](repeating: .max, count: count)
    var race = Race(times)
    #expect(race.earliest == .max)
    for step in 0..<UInt64(500) {
      let place = Int(draws.bits(at: step) % UInt64(count))
      times[place] = Nanoseconds(draws.bits(at: step, lane: 1) % 6)
      if times[place] == 5 { times[place] = .max }
      race.set(place, to: times[place])
      let least = times.min() ?? .max
      #expect(race.earliest == least)
      if least < .max { #expect(race.winner == times.firstIndex(of: least)) }
    }
  }
}
