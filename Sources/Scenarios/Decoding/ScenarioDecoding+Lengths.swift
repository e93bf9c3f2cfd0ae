import EventKernel
import JSON
import Workload

extension ScenarioDecoding {
  /// Distributions that lengths have and times do not.
  private enum TableShape: String, CaseIterable {
    case zipf, empirical, trace
  }

  /// Prompt and output lengths: a distribution each, or rows of both.
  func requestLengths(_ reader: ObjectReader) -> RequestLengths? {
    guard reader.has("lengths") else {
      let prompt = lengths("prompt", of: reader)
      let output = lengths("output", of: reader)
      guard let prompt, let output else { return nil }
      return .separate(prompt: prompt, output: output)
    }
    for key in ["prompt", "output"] where reader.has(key) {
      reader.fault(
        key,
        .unsupported(
          what: "\"lengths\" gives both prompt and output lengths",
          instead: "leave out \"lengths\", or \"prompt\" and \"output\""))
    }
    guard let lengths = reader.object("lengths") else { return nil }
    let rows = rows(lengths)
    lengths.finish()
    reader.keep("lengths", .object(lengths.canonical))
    return rows.map(RequestLengths.joint)
  }

  /// `[[prompt, output], [prompt, output, weight], …]`.
  private func rows(_ reader: ObjectReader) -> LengthRows? {
    guard let items = reader.list("rows", of: "rows", atMost: Limit.tableValues) else { return nil }
    let tokens = NumberLimits.from(1, to: Limit.tokens)
    var rows: [LengthRows.Row] = []
    var weights: [Double] = []
    for item in items {
      guard case .array(let cells) = item.node.value, cells.count == 2 || cells.count == 3,
        let prompt = cells[0].wholeNumber, tokens.contains(Double(prompt)),
        let output = cells[1].wholeNumber, tokens.contains(Double(output)),
        let weight = cells.count == 3 ? cells[2].number : 1, Self.weight.contains(weight)
      else {
        faults.add(
          .unfit(
            found: item.node.found,
            needed: "[prompt tokens, output tokens] or [prompt tokens, output tokens, weight], "
              + "each length a whole number \(tokens.description(readable))"),
          at: item.path, from: item.node.origin)
        return nil
      }
      rows.append(LengthRows.Row(promptTokens: Int32(prompt), outputTokens: Int32(output)))
      weights.append(weight)
    }
    guard checkWeights(weights, "rows", of: reader) else { return nil }
    reader.keep(
      "rows",
      .array(
        rows.indices.map {
          .array([
            .integer(rows[$0].promptTokens), .integer(rows[$0].outputTokens), .real(weights[$0]),
          ])
        }))
    return LengthRows(rows, weights: weights)
  }

  /// A distribution of tokens, or of other things that are counted, with its limits.
  func lengths(
    _ key: String, of parent: ObjectReader, in unit: String = "tokens"
  ) -> LengthDistribution? {
    guard let reader = parent.object(key) else { return nil }
    let limits: ClosedRange<Int64> = 1...Int64(Limit.tokens)
    let minimum = reader.integer("min", in: limits, .standard(1))
    let maximum = reader.integer("max", in: limits, .standard(1_000_000))
    let isOrdered = (minimum ?? 1) <= (maximum ?? .max)
    if let minimum, let maximum, !isOrdered {
      reader.fault(
        "min", .unfit(found: grouped(minimum), needed: "at most max, \(grouped(maximum))"))
    }
    let range = minimum.flatMap { low in maximum.flatMap { isOrdered ? low...$0 : nil } }
    let distribution = countDistribution(reader, range: range) { reader, key in
      reader.number(key, in: .from(1, to: Limit.tokens), of: "a number of \(unit)")
    }
    reader.finish()
    parent.keep(key, .object(reader.canonical))
    guard let distribution, let minimum, let maximum else { return nil }
    return LengthDistribution(
      distribution: distribution, minimum: Int32(minimum), maximum: Int32(maximum))
  }

  private func countDistribution(
    _ reader: ObjectReader, range: ClosedRange<Int64>?, figure: Figure
  ) -> Distribution? {
    let words = Shape.allCases.map(\.rawValue) + TableShape.allCases.map(\.rawValue)
    guard let word = reader.choice("distribution", among: words, kind: "a distribution") else {
      reader.skipAll()
      return nil
    }
    if let shape = Shape(rawValue: word) {
      return distribution(of: shape, reader, figure: figure)
    }
    switch TableShape(rawValue: word) {
    case .zipf: return zipf(reader, range: range)
    case .trace: return traceLengths(reader)
    case .empirical, nil: return reader.has("quantiles") ? quantiles(reader) : table(reader)
    }
  }

  private func zipf(_ reader: ObjectReader, range: ClosedRange<Int64>?) -> Distribution? {
    let exponent = reader.number("exponent", in: .from(0, to: 20))
    guard let exponent, let range else { return nil }
    guard range.count <= Limit.tableValues else {
      reader.fault(
        "max",
        .unfit(
          found: "\(grouped(Int64(range.count))) lengths from min to max",
          needed: "at most \(grouped(Int64(Limit.tableValues)))"))
      return nil
    }
    return .table(
      .zipf(exponent: exponent, in: Int(range.lowerBound)...Int(range.upperBound)))
  }

  private static let weight = NumberLimits.from(0, to: 1e12)

  /// Values, and weights if they are not alike.
  private func table(_ reader: ObjectReader) -> Distribution? {
    let tokens = NumberLimits.from(1, to: Limit.tokens)
    let values = numbers("values", of: reader, in: tokens)
    let hasWeights = reader.has("weights")
    let weights = hasWeights ? numbers("weights", of: reader, in: Self.weight) : nil
    guard let values, !hasWeights || weights != nil else { return nil }
    if let weights {
      guard weights.count == values.count else {
        reader.fault(
          "weights",
          .unfit(
            found: "\(grouped(Int64(weights.count))) weights",
            needed: "one for each of the \(grouped(Int64(values.count))) values"))
        return nil
      }
      guard checkWeights(weights, "weights", of: reader) else { return nil }
    }
    return .table(ValueTable(values: values, weights: weights ?? values.map { _ in 1 }))
  }

  private func checkWeights(_ weights: [Double], _ key: String, of reader: ObjectReader) -> Bool {
    if weights.contains(where: { $0 > 0 }) { return true }
    reader.fault(key, .unfit(found: "weights of 0 only", needed: "some weight above 0"))
    return false
  }

  private func numbers(
    _ key: String, of reader: ObjectReader, in limits: NumberLimits
  ) -> [Double]? {
    guard let items = reader.list(key, of: key, atMost: Limit.tableValues) else { return nil }
    var numbers: [Double] = []
    for item in items {
      guard let number = item.node.number, limits.contains(number) else {
        faults.add(
          .unfit(
            found: item.node.found, needed: "a number " + limits.description(readable)),
          at: item.path, from: item.node.origin)
        return nil
      }
      numbers.append(number)
    }
    reader.keep(key, .array(numbers.map(CanonicalValue.real)))
    return numbers
  }

  /// `[[0, least], [share, tokens], …, [1, most]]`.
  private func quantiles(_ reader: ObjectReader) -> Distribution? {
    guard let items = reader.list("quantiles", of: "points", atMost: Limit.tableValues) else {
      return nil
    }
    let tokens = NumberLimits.from(1, to: Limit.tokens)
    var shares: [Double] = []
    var values: [Double] = []
    for item in items {
      guard case .array(let cells) = item.node.value, cells.count == 2,
        let share = cells[0].number, share >= shares.last ?? 0, share <= 1,
        let value = cells[1].number, tokens.contains(value), value >= values.last ?? 0
      else {
        faults.add(
          .unfit(
            found: item.node.found,
            needed: "[share, tokens], both no less than those before, shares from 0 to 1, "
              + "tokens \(tokens.description(readable))"),
          at: item.path, from: item.node.origin)
        return nil
      }
      shares.append(share)
      values.append(value)
    }
    guard shares.first == 0, shares.last == 1 else {
      reader.fault(
        "quantiles",
        .unfit(
          found: "shares from \(readable(shares[0])) to \(readable(shares[shares.count - 1]))",
          needed: "a first point with share 0 and a last one with share 1"))
      return nil
    }
    reader.keep(
      "quantiles", .array(zip(shares, values).map { .array([.real($0), .real($1)]) }))
    return .quantiles(QuantileCurve(shares: shares, values: values))
  }
}
