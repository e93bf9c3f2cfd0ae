import EventKernel
import Testing
import Workload

/// Traffic of one-token requests.
func traffic(_ arrivals: ArrivalProcess) -> DrawnTraffic {
  let one = LengthDistribution(distribution: .constant(1))
  return DrawnTraffic(arrivals: arrivals, lengths: .separate(prompt: one, output: one))
}

/// Every request that needs no answer, in order.
func requests(
  _ traffic: DrawnTraffic, name: String = "w", seconds: Double, seed: UInt64 = 1
) -> [ArrivingRequest] {
  let source = DrawnRequests(
    name: name, traffic: traffic, duration: nanoseconds(fromSeconds: seconds))
  var stream = source.open(seed: seed)
  var requests: [ArrivingRequest] = []
  while let request = stream.next() { requests.append(request) }
  return requests
}

/// The arrivals of a process, in seconds.
func arrivals(
  _ process: ArrivalProcess, name: String = "w", seconds: Double, seed: UInt64 = 1
) -> [Double] {
  requests(traffic(process), name: name, seconds: seconds, seed: seed).map {
    Double($0.arrival) / 1e9
  }
}

/// How many of `times` fall into each of `count` windows of `width` seconds.
func counts(_ times: [Double], width: Double, _ count: Int) -> [Double] {
  var counts = [Double](repeating: 0, count: count)
  for time in times { counts[min(count - 1, Int(time / width))] += 1 }
  return counts
}

/// Expects the mean of independent values within four standard errors of theory.
func expectMean(
  _ values: [Double], _ theory: Double, _ what: String,
  sourceLocation: SourceLocation = #_sourceLocation
) {
  let count = Double(values.count)
  let mean = values.reduce(0, +) / count
  let square = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / (count - 1)
  let error = (square / count).squareRoot()
  #expect(
    abs(mean - theory) < 4 * error, "\(what): theory \(theory), found \(mean) ± \(error)",
    sourceLocation: sourceLocation)
}
