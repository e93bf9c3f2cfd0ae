import EventKernel
public import Serving

/// One request's life as text: a timeline, and the labels that sum to its time.
public enum LifeText {
  /// The text, ended by a line feed.
  ///
  /// - Parameters:
  ///   - record: The request's record.
  ///   - events: What `LifeFilter` kept of its run.
  ///   - scheduler: The name of the scheduler that served it.
  /// - Returns: Lines of at most 100 columns.
  public static func text(
    record: RequestRecord, events: [LoggedEvent], scheduler: String
  ) -> String {
    let title =
      "request \(record.requestID), \(scheduler): "
      + "\(counted(Int64(record.promptTokens), "prompt token"))\(cached(record)), "
      + "\(counted(Int64(record.outputTokens), "output token")), \(record.status.name)"
      + (record.reason == .none ? "" : " (\(record.reason.text))")
    let lines =
      WrappedText.lines(title, width: 100, indent: "  ")
      + ["", "since arrival  what happens"] + timeline(record, events)
      + ["", "where the time went"] + table(record)
    return lines.map { $0 + "\n" }.joined()
  }

  /// ` (480 of them found)`; nothing where none were.
  private static func cached(_ record: RequestRecord) -> String {
    record.cachedTokens > 0 ? " (\(record.cachedTokens) of them found)" : ""
  }

  // MARK: The timeline

  private static func timeline(_ record: RequestRecord, _ events: [LoggedEvent]) -> [String] {
    var rows: [(time: Nanoseconds, text: String)] = []
    var passages = Traversal.all(in: events)[...]
    for event in events {
      if let text = sentence(event) { rows.append((event.time, text)) }
      if event.kind == .form { rows += takePassages(&passages) }
    }
    // Passages are told in runs, so some come later in the list than in time.
    let ordered = rows.enumerated().sorted {
      ($0.element.time, $0.offset) < ($1.element.time, $1.offset)
    }
    return ordered.flatMap { row in
      let time = row.element.time - record.arrival
      let since = (time < 0 ? "−" : "") + TimeUnit.text(nanoseconds: abs(time))
      return WrappedText.lines(
        row.element.text, width: 100, first: since.rightAligned(to: 13) + "  ",
        indent: String(repeating: " ", count: 17))
    }
  }

  private static func sentence(_ event: LoggedEvent) -> String? {
    switch event.kind {
    case .arrive: "arrives"
    case .reject: "is rejected"
    case .demand: "replica \(event.a) is asked for"
    case .grant:
      "its GPUs are granted: \(event.b) a stage, \(counted(event.c, "stage")), "
        + "\(counted(event.d, "KV block"))"
    case .phase: ColdStartPhase(rawValue: event.b)?.outcome
    case .ready:
      event.b == 1 ? "replica \(event.a) is ready from the start" : "replica \(event.a) is ready"
    case .sleep:
      event.b == 1
        ? "replica \(event.a) falls asleep"
        : "the weights of replica \(event.a) lie on storage only"
    case .wake: "replica \(event.a) is to wake"
    case .assign: "is sent to replica \(event.b)"
    case .cached: "finds \(counted(event.c, "KV token")) in the prefix cache"
    case .preempt: "is preempted: loses \(counted(event.c, "KV token"))"
    case .swapOut: "is preempted: \(counted(event.c, "KV token")) go to swap space"
    case .swapIn: "\(counted(event.c, "KV token")) come back from swap space"
    case .fetch: "fetches a prefix of \(counted(event.c, "KV token")) from a lower tier"
    case .consolidate: "replica \(event.a) is to take over from replica \(event.b)"
    case .move:
      "moves from replica \(event.b) to replica \(event.c)"
        + (event.e > 0
          ? " with \(counted(event.d, "KV token"))"
          : event.d > 0 ? ", which computes its tokens again" : "")
    case .moved: "has its KV cache on the GPUs"
    case .finish: "has its last token"
    case .leftover: "is still in the system when the run ends"
    default: nil
    }
  }

  /// The next passage, or the whole run of decode passages that begins with it, as one row.
  private static func takePassages(
    _ passages: inout ArraySlice<Traversal>
  ) -> [(time: Nanoseconds, text: String)] {
    guard let first = passages.first, let begun = first.begun else { return [] }
    if first.done == nil {
      passages = passages.dropFirst()
      return [(begun, "begins a step with \(counted(first.tokens, "token")) that does not end")]
    }
    if !first.isDecode {
      passages = passages.dropFirst()
      return [(begun, prefill(first))]
    }
    let run = passages.prefix { $0.isDecode }
    // The rows of the run's other passages: their forms find nothing left to tell.
    passages = passages.dropFirst(run.count)
    return [(begun, decode(run))]
  }

  private static func prefill(_ passage: Traversal) -> String {
    let made = passage.token.map { ", makes token \($0)" } ?? ""
    return "prefills \(counted(passage.tokens, "token")) on \(passage.before) "
      + "(micro-batch: \(counted(passage.members, "request")), "
      + "\(counted(passage.batchTokens, "token")))\(made): "
      + parts([passage][...])
  }

  private static func decode(_ run: ArraySlice<Traversal>) -> String {
    guard let first = run.first, let last = run.last else { return "" }
    let range =
      run.count == 1
      ? "token \(first.token ?? 0)" : "tokens \(first.token ?? 0)–\(last.token ?? 0)"
    return "\(range), \(counted(Int64(run.count), "step")): " + parts(run)
  }

  private static func counted(_ count: Int64, _ noun: String) -> String {
    "\(count) \(noun)" + (count == 1 ? "" : "s")
  }

  /// `1.42 s: compute 93 %, comm_tensor 6.0 %`.
  private static func parts(_ run: ArraySlice<Traversal>) -> String {
    guard let begun = run.first?.begun else { return "" }
    let end = run.last?.done ?? begun
    func sum(_ part: (Traversal) -> Nanoseconds) -> Nanoseconds { run.reduce(0) { $0 + part($1) } }
    let labels: [(LatencyLabel, Nanoseconds)] = [
      (.compute, sum(\.compute)), (.commTensor, sum(\.tensor)), (.commExpert, sum(\.expert)),
      (.commPipeline, sum(\.hops)), (.host, sum(\.host)),
    ]
    let working = labels.reduce(0) { $0 + $1.1 }
    let all = labels + [(.pipelineWait, end - begun - working)]
    let shares = all.filter { $0.1 > 0 && end > begun }.map { label, time in
      "\(label.name) \(FixedPoint.percent(Double(time) / Double(end - begun)))"
    }
    return ([TimeUnit.text(nanoseconds: end - begun)] + shares).joined(separator: ", ")
  }

  // MARK: The labels

  private static func table(_ record: RequestRecord) -> [String] {
    let whole = record.end - record.arrival
    var table = TextTable()
    table.add(["label", "component", "to the end", "share", "to the first token"])
    for label in LatencyLabel.allCases {
      let time = record.parts[label]
      let first = record.firstTokenParts[label]
      if time == 0, first == 0 { continue }
      table.add([
        label.name, label.component.rawValue, TimeUnit.text(nanoseconds: time),
        whole == 0 ? "–" : FixedPoint.percent(Double(time) / Double(whole)),
        record.firstToken == nil ? "–" : TimeUnit.text(nanoseconds: first),
      ])
    }
    table.add([
      "sum", "", TimeUnit.text(nanoseconds: record.parts.total), "",
      record.firstToken == nil ? "–" : TimeUnit.text(nanoseconds: record.firstTokenParts.total),
    ])
    let exact =
      "sum of the labels: \(record.parts.total) ns; end − arrival: \(whole) ns"
      + (record.ttft.map {
        "; to the first token: \(record.firstTokenParts.total) ns of \($0) ns"
      } ?? "")
    var lines = table.lines(width: 100) + WrappedText.lines(exact, width: 100, indent: "  ")
    if record.batchInterference > 0 {
      lines.append(
        "inside compute, "
          + "\(TimeUnit.text(nanoseconds: record.batchInterference)) were lost to others' prefill")
    }
    return lines
  }
}
