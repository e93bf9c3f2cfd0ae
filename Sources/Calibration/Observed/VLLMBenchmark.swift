import EventKernel
import JSON

/// What `vllm bench serve --save-result --save-detailed` writes: one object with a list for each
/// quantity, in which every request has its place.
struct VLLMBenchmark {
  private let text: String
  private let file: String
  private let root: JSONNode

  init(_ text: String, file: String) throws(TableFault) {
    self.text = text
    self.file = file
    var parser = JSONParser(text)
    do throws(JSONParser.SyntaxFault) { root = try parser.parse() } catch {
      throw TableFault(
        file: file, line: Self.line(of: error.offset, in: text),
        column: error.path.description.isEmpty ? nil : error.path.description,
        found: error.found, needed: error.needed)
    }
    guard case .object = root.value else {
      throw TableFault(
        file: file, line: 1, found: root.found,
        needed: "an object, as vllm bench serve --save-result --save-detailed writes it")
    }
  }

  func observed() throws(TableFault) -> ObservedBenchmark {
    let inputs = try list("input_lens")
    let outputs = try list("output_lens", as: inputs.count)
    let ttfts = try list("ttfts", as: inputs.count)
    let gaps = try list("itls", as: inputs.count)
    let starts = root["start_times"] == nil ? nil : try list("start_times", as: inputs.count)
    var requests: [ObservedRequest] = []
    var failed = 0
    for index in inputs.indices {
      let output = try length(outputs[index], "output_lens", index, least: 0)
      if output == 0 || root.error(at: index) {
        failed += 1
        continue
      }
      let ttft = try seconds(ttfts[index], "ttfts", index)
      guard ttft > 0 else {
        throw fault(ttfts[index], "ttfts", index, needed: "a time above 0 in seconds")
      }
      let decoding = try sum(gaps[index], index)
      requests.append(
        ObservedRequest(
          arrival: try starts.map { starts throws(TableFault) in
            nanoseconds(fromSeconds: try seconds(starts[index], "start_times", index))
          } ?? 0,
          promptTokens: try length(inputs[index], "input_lens", index, least: 1),
          outputTokens: output, ttft: ttft,
          tpot: output > 1 && decoding > 0 ? decoding / Double(output - 1) : nil,
          e2e: ttft + decoding))
    }
    return ObservedBenchmark(
      file: file, requests: requests, sending: try sending(hasTimes: starts != nil),
      failed: failed)
  }

  private func sending(hasTimes: Bool) throws(TableFault) -> ObservedBenchmark.Sending {
    if let node = root["max_concurrency"], node.value != .null {
      guard let clients = node.wholeNumber(in: 1...1_000_000) else {
        throw fault(node, "max_concurrency", nil, needed: "a whole number from 1, or null")
      }
      return .inTurns(clients: clients)
    }
    if hasTimes { return .atTimes }
    guard let node = root["request_rate"] else {
      throw TableFault(
        file: file, line: 1,
        found: "neither \"start_times\" nor \"max_concurrency\" nor \"request_rate\"",
        needed: "one of them, to know when requests were sent; or give --clients")
    }
    if case .string("inf") = node.value { return .atOnce }
    guard case .number(let digits) = node.value, let rate = Double(digits), rate > 0 else {
      throw fault(node, "request_rate", nil, needed: "requests a second above 0, or \"inf\"")
    }
    return rate.isFinite ? .atRate(rate) : .atOnce
  }

  private func list(_ key: String, as count: Int? = nil) throws(TableFault) -> [JSONNode] {
    guard let node = root[key] else {
      throw TableFault(
        file: file, line: 1, found: "no \"\(key)\"",
        needed: "the result of vllm bench serve saved with --save-result --save-detailed")
    }
    guard case .array(let items) = node.value, count ?? items.count == items.count else {
      throw fault(
        node, key, nil, needed: count.map { "a list of \($0), as many as input_lens" } ?? "a list")
    }
    return items
  }

  private func length(
    _ node: JSONNode, _ key: String, _ index: Int, least: Int
  ) throws(TableFault) -> Int {
    if let value = node.wholeNumber(in: least...10_000_000) { return value }
    throw fault(node, key, index, needed: "a whole number of tokens from \(least)")
  }

  private func seconds(_ node: JSONNode, _ key: String, _ index: Int) throws(TableFault) -> Double {
    if case .number(let digits) = node.value, let value = Double(digits), (0...4e9).contains(value)
    {
      return value
    }
    throw fault(node, key, index, needed: "a time in seconds, 0 or more")
  }

  /// The time from the first to the last token.
  private func sum(_ node: JSONNode, _ index: Int) throws(TableFault) -> Double {
    guard case .array(let items) = node.value else {
      throw fault(node, "itls", index, needed: "a list of times in seconds")
    }
    var sum = 0.0
    for item in items { sum += try seconds(item, "itls", index) }
    return sum
  }

  private func fault(
    _ node: JSONNode, _ key: String, _ index: Int?, needed: String
  ) -> TableFault {
    var offset = 0
    if case .text(let place) = node.origin { offset = place }
    let path = index.map { JSONPath.root.key(key).index($0) } ?? JSONPath.root.key(key)
    return TableFault(
      file: file, line: Self.line(of: offset, in: text), column: path.description,
      found: node.found, needed: needed)
  }

  private static func line(of offset: Int, in text: String) -> Int {
    text.utf8.prefix(offset).reduce(1) { $0 + ($1 == 0x0a ? 1 : 0) }
  }
}

extension JSONNode {
  fileprivate func wholeNumber(in range: ClosedRange<Int>) -> Int? {
    guard case .number(let text) = value, let number = Double(text),
      let whole = Int(exactly: number), range.contains(whole)
    else { return nil }
    return whole
  }

  /// Whether a request's place in the list `errors` tells one.
  fileprivate func error(at index: Int) -> Bool {
    guard case .array(let errors)? = self["errors"]?.value, errors.indices.contains(index),
      case .string(let text) = errors[index].value
    else { return false }
    return !text.isEmpty
  }
}
