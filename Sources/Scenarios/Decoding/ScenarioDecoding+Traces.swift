import EventKernel
import JSON
import Workload

/// A workload's trace, checked.
struct WorkloadTrace {
  /// Nil when traces are not opened.
  var content: FileContent?
  var format: TraceFormat
  var selection: TraceSelection
  var extent: TraceExtent
  /// Whether the workload's own arrivals replace the trace's times.
  var isRetimed: Bool
  var canonical: CanonicalValue

  /// Whether rows belong to conversations; a file that was not opened may have some.
  var hasSessions: Bool { content == nil || extent.greatestSession >= 0 }

  /// When its last request arrives, in nanoseconds of the run; nil when the trace does not say.
  var end: Nanoseconds? { isRetimed ? nil : extent.end(of: selection) }
}

extension ScenarioDecoding {
  /// The trace of each workload, nil for those without one and for those that are unfit.
  func traces(_ root: ObjectReader) -> [WorkloadTrace?] {
    (root.objects("workloads", of: "workloads") ?? []).map { trace(of: $0) }
  }

  /// The duration; the word `trace` stands for the second after the last request of all traces.
  func duration(_ root: ObjectReader, _ traces: [WorkloadTrace?]) -> Nanoseconds? {
    let limits: ClosedRange<Nanoseconds> = 1_000_000...Limit.time
    guard let located = root.value("duration"), case .string("trace") = located.node.value else {
      return root.time("duration", in: limits)
    }
    let second: Nanoseconds = 1_000_000_000
    let ends = traces.compactMap { $0?.end }
    guard let last = ends.max(), ends.count == traces.count(where: { $0?.isRetimed == false }),
      last < Limit.time
    else {
      // Traces that are unfit are told already.
      if !faults.isEmpty { return nil }
      root.fault(
        "duration",
        .unfit(
          found: "\"trace\"",
          needed: "a time, because no trace here tells when its last request arrives"))
      return nil
    }
    let duration = (last / second + 1) * second
    root.keep("duration", .time(duration))
    return duration
  }

  /// The requests of a workload that has a trace.
  func recordedTraffic(
    _ workload: ObjectReader, name: String?, _ trace: WorkloadTrace?,
    _ surroundings: Surroundings
  ) -> Traffic? {
    for key in ["prompt", "output", "lengths", "sessions"]
    where workload.has(key) && trace != nil {
      workload.fault(
        key,
        .unsupported(what: "a trace brings its own requests", instead: "leave it out"))
    }
    let arrivals =
      workload.has("arrivals") ? arrivals(workload, workload: name, surroundings) : nil
    workload.keep("trace", trace?.canonical)
    guard let name, let trace, let duration = surroundings.duration,
      trace.isRetimed == (arrivals != nil)
    else {
      return nil
    }
    guard let content = trace.content else {
      return Traffic(specification: .recorded, source: MergedRequests([]))
    }
    let times = arrivals.map { Self.times($0, of: name, duration) }
    return Traffic(
      specification: .recorded,
      source: TraceRequests(
        name: name, content: content, format: trace.format, selection: trace.selection,
        extent: trace.extent, duration: duration, times: times))
  }

  /// A file or folder that is nowhere.
  static func absent(_ name: String, _ kind: String) -> ScenarioProblem {
    .noSuchFile(
      name: baseNameOf(name),
      cause: "no such \(kind) beside the scenario, in Traces beside its folder, or in --trace-dir")
  }

  /// Requests of which only the times count.
  private static func times(
    _ arrivals: ArrivalProcess, of name: String, _ duration: Nanoseconds
  ) -> any RequestSource {
    let length = LengthDistribution(distribution: .constant(1))
    return DrawnRequests(
      name: name,
      traffic: DrawnTraffic(
        arrivals: arrivals, lengths: .separate(prompt: length, output: length)),
      duration: duration)
  }

  /// Reads, finds and checks a workload's trace.
  private func trace(of workload: ObjectReader) -> WorkloadTrace? {
    // Client statistics are no file of rows.
    guard !isServeGen(workload), let reader = workload.object("trace", .optional) else {
      return nil
    }
    let name = reader.name("file")
    let given: TraceFormat? = reader.choice("format", .optional, kind: "a trace's format")
    let digest = digest(reader)
    let selection = selection(reader)
    reader.finish()
    guard let name, let selection, !reader.has("format") || given != nil,
      !reader.has("sha256") || digest != nil
    else { return nil }
    let isRetimed = workload.has("arrivals")
    guard opensTraces else {
      return WorkloadTrace(
        format: given ?? .simpp, selection: selection, extent: TraceExtent(), isRetimed: isRetimed,
        canonical: .object(reader.canonical))
    }
    guard let path = path(of: name, digest, reader) else { return nil }
    let format: TraceFormat
    do throws(TraceFault) {
      format = if let given { given } else { try TraceFile.format(ofFileAt: path) }
    } catch {
      reader.fault("file", .brokenTrace(error))
      return nil
    }
    let check = TraceCheck(path: path, format: format, selection: selection, progress: progress)
    for fault in check.faults { reader.fault("file", .brokenTrace(fault)) }
    guard check.faults.isEmpty, let content = check.content else { return nil }
    guard suits(reader, selection, check, content, isRetimed: isRetimed, digest) else {
      return nil
    }
    note(check, format, reader)
    reader.keep("file", .string(content.fileName))
    reader.keep("format", .string(format.rawValue))
    reader.keep("sha256", .string(content.digest))
    return WorkloadTrace(
      content: content, format: format, selection: selection, extent: check.extent,
      isRetimed: isRetimed, canonical: .object(reader.canonical))
  }

  /// The path of a trace; of several files of one name the one with the content that is wanted; a
  /// file that is nowhere is told.
  func path(of name: String, _ digest: String?, _ trace: ObjectReader) -> String? {
    let paths = files.paths(of: name)
    if paths.isEmpty {
      trace.fault("file", Self.absent(name, "file"))
    }
    guard let digest, paths.count > 1 else { return paths.first }
    return paths.first { (try? FileContent(path: $0))?.digest == digest } ?? paths.first
  }

  /// The digest of the content that a scenario was made for, nil when it says none or none that is.
  func digest(_ reader: ObjectReader) -> String? {
    reader.read(
      "sha256", .optional, needed: "64 hexadecimal digits", canonical: CanonicalValue.string
    ) { node in
      guard case .string(let text) = node.value, text.utf8.count == 64,
        text.allSatisfy({ $0.isASCII && $0.isHexDigit })
      else { return nil }
      return text.lowercased()
    }
  }

  private func selection(_ reader: ObjectReader) -> TraceSelection? {
    let start = reader.time("start", .standard(0))
    let length = reader.time("length", in: 1_000_000...Limit.time, .optional)
    let limit = reader.integer("limit", in: 1...Int64(Limit.requests), .optional)
    let sample = reader.number("sample", in: .positive(atMost: 1), .standard(1))
    let rateScale = reader.number("rateScale", in: .from(1e-6, to: 1e6), .standard(1))
    let spread = reader.time("spread", in: 0...3_600_000_000_000, .standard(0))
    let laps = laps(reader)
    guard let start, let sample, let rateScale, let spread, let laps,
      !reader.has("length") || length != nil, !reader.has("limit") || limit != nil
    else { return nil }
    return TraceSelection(
      start: start, length: length, limit: limit, sample: sample, rateScale: rateScale,
      spread: spread, laps: laps)
  }

  /// How often the trace is replayed: `.some(nil)` for without end.
  private func laps(_ reader: ObjectReader) -> Int64?? {
    let most: Int64 = 1_000_000
    return reader.read(
      "loop", .standard(1),
      needed: "true, false or " + ObjectReader.wholeNumber(in: 1...most),
      canonical: { $0.map { CanonicalValue.integer($0) } ?? .boolean(true) }
    ) { node -> Int64?? in
      switch node.value {
      case .boolean(true): return .some(nil)
      case .boolean(false): return .some(1)
      default:
        guard let number = node.wholeNumber, 1...most ~= number else { return nil }
        return .some(number)
      }
    }
  }

  /// Tells what is at odds between a trace, what is wanted of it and the rest of its workload.
  private func suits(
    _ reader: ObjectReader, _ selection: TraceSelection, _ check: TraceCheck,
    _ content: FileContent, isRetimed: Bool, _ digest: String?
  ) -> Bool {
    var problems: [(key: String, found: String, needed: String)] = []
    if let digest, digest != content.digest {
      problems.append(
        (
          "sha256", "\(content.fileName) with SHA-256 \(content.digest)",
          "the content that the scenario was made for, SHA-256 \(digest)"
        ))
    }
    if check.extent.selected == 0 {
      problems.append(
        (
          "file", "no request in " + (check.extent.rows == 0 ? "the file" : "the slice"),
          "at least one"
        ))
    }
    if !check.hasTimes, !isRetimed {
      problems.append(
        ("file", "a trace without times", "\"arrivals\" in the workload, which say when"))
    }
    let extent = check.extent
    if check.hasTimes, !isRetimed, selection.spread == 0, check.hasOneTime {
      let time = secondsText(extent.firstArrival)
      problems.append(
        (
          "file", "\(grouped(extent.rows)) requests at one time, \(time) s",
          "\"arrivals\" in the workload, which say when"
        ))
    }
    if selection.spread > 0, extent.mostTogether > TraceSelection.mostSpread {
      problems.append(
        (
          "spread", "\(grouped(extent.mostTogether)) requests at one time",
          "at most \(grouped(TraceSelection.mostSpread)) to spread"
        ))
    }
    for key in ["rateScale", "spread"] + (check.hasTimes ? [] : ["start", "length"])
    where (isRetimed || !check.hasTimes) && Self.isWanted(key, selection) {
      problems.append((key, "it beside \"arrivals\"", "the times of a trace, which are not used"))
    }
    for problem in problems {
      reader.fault(problem.key, .unfit(found: problem.found, needed: problem.needed))
    }
    return problems.isEmpty
  }

  /// Whether an option changes anything.
  private static func isWanted(_ key: String, _ selection: TraceSelection) -> Bool {
    switch key {
    case "rateScale": selection.rateScale != 1
    case "spread": selection.spread != 0
    case "start": selection.start != 0
    default: selection.length != nil
    }
  }

  /// Notes what the rows do not say by themselves.
  private func note(_ check: TraceCheck, _ format: TraceFormat, _ reader: ObjectReader) {
    guard let file = reader.value("file") else { return }
    if check.skippedRows > 0 {
      let count = grouped(check.skippedRows)
      faults.add(
        note: "\(count) row\(check.skippedRows == 1 ? " is" : "s are") left out: calls without "
          + "tokens, which have failed", at: file.path, from: file.node.origin)
    }
    if check.mayBeCut {
      faults.add(
        note: "the file ends without a line feed; if it has been cut, its last number may be too",
        at: file.path, from: file.node.origin)
    }
    if check.isEstimated {
      faults.add(
        note: "lengths are estimated, \(TokenEstimate.charactersPerToken) characters a token",
        at: file.path, from: file.node.origin)
    }
  }
}
