import EventKernel
import JSON
import Workload

extension ScenarioDecoding {
  /// The modulators of the scenario, which workloads name so that they burst together.
  func modulators(_ root: ObjectReader, duration: Nanoseconds?) -> [Modulator]? {
    guard root.has("modulators") else { return [] }
    guard let readers = root.objects("modulators", of: "modulators") else { return nil }
    let modulators = readers.map { modulator($0, duration: duration) }
    checkNames(readers)
    root.keep("modulators", .array(readers.map { .object($0.canonical) }))
    let whole = modulators.compactMap { $0 }
    return whole.count == modulators.count ? whole : nil
  }

  private func modulator(_ reader: ObjectReader, duration: Nanoseconds?) -> Modulator? {
    let name = reader.name("name")
    let process = reader.choice(
      "process", among: ["on-off"], .standard("on-off"), kind: "a modulator's process")
    let states = states(reader, factor: "factor", duration)
    reader.finish()
    guard let name, process != nil, let states else { return nil }
    return Modulator(stream: Self.stream(ofModulator: name), states: states)
  }

  /// The modulator that an arrival process names.
  func modulator(_ reader: ObjectReader, _ modulators: [Modulator]?) -> Modulator? {
    guard let modulators else {
      _ = reader.name("modulator", .optional)
      return nil
    }
    let prefix = Self.stream(ofModulator: "").count
    let names = modulators.map { String($0.stream.dropFirst(prefix)) }
    let name = reader.choice(
      "modulator", among: names, .optional, kind: "a modulator of the scenario")
    return name.flatMap(names.firstIndex(of:)).map { modulators[$0] }
  }

  private static func stream(ofModulator name: String) -> String { "modulator/" + name }

  /// States of a rate or a factor and the mean time that each lasts.
  func states(
    _ reader: ObjectReader, factor key: String, _ duration: Nanoseconds?
  ) -> [Modulator.State]? {
    guard let readers = reader.objects("states", of: "states") else { return nil }
    let most = key == "rate" ? Limit.rate : Limit.factor
    let states = readers.map { reader -> Modulator.State? in
      let factor = reader.number(
        key, in: .from(0, to: most),
        of: key == "rate" ? "a number of requests per second" : "a number")
      let sojourn = reader.time("sojourn", in: 1_000_000...Limit.time)
      reader.finish()
      guard let factor, let sojourn else { return nil }
      return Modulator.State(factor: factor, meanSeconds: Double(sojourn) / 1e9)
    }
    reader.keep("states", .array(readers.map { .object($0.canonical) }))
    let whole = states.compactMap { $0 }
    guard whole.count == states.count else { return nil }
    if whole.count < 2 || !whole.contains(where: { $0.factor > 0 }) {
      reader.fault(
        "states",
        .unfit(
          found: whole.count < 2 ? "one state" : "no state with a \(key) above 0",
          needed: "two states or more, one of them with a \(key) above 0"))
      return nil
    }
    if let duration {
      let cycle = whole.reduce(0) { $0 + $1.meanSeconds }
      let changes = Double(duration) / 1e9 / cycle * Double(whole.count)
      checkChanges(Int64(changes), key: "states", of: reader)
    }
    return whole
  }

  /// Refuses rates that change more often than anybody means.
  func checkChanges(_ changes: Int64, key: String, of reader: ObjectReader) {
    guard changes > Limit.rateChanges else { return }
    reader.fault(
      key,
      .unfit(
        found: "about \(grouped(changes)) changes of the rate in the duration",
        needed: "at most \(grouped(Limit.rateChanges))"))
  }
}
