import EventKernel
import JSON
import Workload

/// Arrivals that a scenario lists.
extension ScenarioDecoding {
  func burst(_ reader: ObjectReader, _ duration: Nanoseconds?) -> ArrivalProcess? {
    let count = reader.integer("count", in: 1...1_000_000)
    let start = reader.time("at", .standard(0))
    let every = reader.time("every", .standard(0))
    guard let count, let start, let every else { return nil }
    if let duration {
      checkInside(start, of: duration) { reader.fault("at", $0) }
      let rounds = every == 0 ? 1 : Double(duration / every) + 1
      checkCount(rounds * Double(count), key: "every", of: reader)
    }
    return .burst(count: Int(count), start: start, every: every)
  }

  func instants(_ reader: ObjectReader, _ duration: Nanoseconds?) -> ArrivalProcess? {
    guard let items = reader.list("times", of: "times", atMost: Limit.instants) else { return nil }
    var instants: [Nanoseconds] = []
    for item in items {
      guard let instant = instant(item) else { return nil }
      if let last = instants.last, instant < last {
        faults.add(
          .unfit(
            found: "\(shortTime(instant)) after \(shortTime(last))", needed: "ascending times"),
          at: item.path, from: item.node.origin)
        return nil
      }
      if let duration {
        checkInside(instant, of: duration) {
          faults.add($0, at: item.path, from: item.node.origin)
        }
      }
      instants.append(instant)
    }
    reader.keep("times", .array(instants.map { .time($0) }))
    return .instants(instants)
  }

  private func instant(_ item: ObjectReader.Located) -> Nanoseconds? {
    let problem: ScenarioProblem
    if let unfit = UnitFamily.time.problem(of: item.node) {
      problem = unfit
    } else {
      if case .string(let text) = item.node.value, let parsed = UnitFamily.time.parse(text),
        let time = scaledExactly(parsed.number, by: parsed.unit.factor), time >= 0,
        time <= Limit.time
      {
        return time
      }
      problem = .unfit(found: item.node.found, needed: ObjectReader.time(in: 0...Limit.time))
    }
    faults.add(problem, at: item.path, from: item.node.origin)
    return nil
  }

  /// Tells an arrival that would never come.
  func checkInside(
    _ instant: Nanoseconds, of duration: Nanoseconds, tell: (ScenarioProblem) -> Void
  ) {
    guard instant >= duration else { return }
    tell(
      .unfit(
        found: shortTime(instant), needed: "a time below the duration, \(shortTime(duration))"))
  }
}
